import * as z from 'zod';
import { addDuration, dateIn, endOfDay } from '../core/duration.ts';
import type { InForce } from '../core/policy.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Prose } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import { closing, done, type Task } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Command, Crm } from '../store/command.ts';
import { billingTask } from './billing-task.ts';
import { stepAfter } from './dunning-steps.ts';
import { Invoice, moveInvoice } from './invoice.ts';
import { unhindered } from './invoice-balance.ts';
import { Dunning } from './invoice-policies.ts';

/** What dunning goes by. */
export interface Collecting {
  dunning: InForce<typeof Dunning.defaults>;
  timeZone: string;
  now: Date;
}
export async function collecting(crm: Crm): Promise<Collecting> {
  const [dunning, { timeZone }] = await Promise.all([crm.policy(Dunning), crm.policy(Settings)]);
  return { dunning, timeZone, now: crm.now };
}

/** Reminding goes on at the level that it had reached, at once if its time has come, and whoever had the invoice has it no more. */
export const dunnedAgain = (invoice: Invoice, { dunning, timeZone, now }: Collecting): Partial<Invoice> => ({
  ...unhindered,
  nextStepAt: stepAfter(invoice, dunning.levels, timeZone)?.dueAt ?? now.toISOString(),
  handedOverAt: undefined,
});

/** Nobody is reminded while an invoice is disputed; if that lasts, somebody is asked about it again. */
export const held = (dispute: { reason: string; by?: string | undefined }, { dunning, now }: Collecting) =>
  ({
    ...unhindered,
    disputed: true,
    dispute: { ...dispute, at: now.toISOString() },
    nextStepAt: addDuration(now, dunning.disputeReview).toISOString(),
    handedOverAt: undefined,
  }) as const satisfies Partial<Invoice>;

/** The person who settles a dispute: by a payment, a credit note or a word. */
export const disputeTask = (crm: Crm, invoice: Invoice, reason: string, dueAt?: string): Promise<Fact<Task>> =>
  billingTask(crm, invoice, `Settle the dispute of invoice ${invoice.number}: ${reason}`, {
    priority: 'high',
    actions: [
      { key: 'settleDispute', label: 'Dispute settled' },
      { key: 'writeOff', label: 'Write off' },
    ],
    ...(dueAt && { dueAt }),
  });

export const Dispute = z.strictObject({ reason: Prose.trim().min(1).max(500) });

/** The customer contests the invoice: reminding stops, and a person gets it. From a task the note is the reason. */
export const disputeInvoice: Command<
  { id: string; reason?: string | undefined; note?: string | undefined },
  Invoice
> = async (crm, { id, note, reason = note ?? 'Not said' }) => {
  const invoice = await crm.load(Invoice, id);
  if (invoice.disputed) throw new Refusal('record.wrongState', `The invoice ${invoice.number} is disputed already`);
  const task = await disputeTask(crm, invoice, reason);
  const after = { ...held({ reason }, await collecting(crm)), openTaskId: task.after.id };
  const moved = moveInvoice(invoice, 'dispute', after, { reasons: [reason] });
  const closed = await closing(crm, invoice.openTaskId, 'dispute', note ?? reason);
  return crm.commit([moved, task, ...(await mailToAssignee(crm, task)), ...closed]);
};

export const Settlement = z.strictObject({ note: Prose.trim().min(1).max(500).optional() });

/** The dispute is over and the invoice stands: reminding goes on at the level that it had reached. */
export const settleDispute: Command<{ id: string; note?: string | undefined }, Invoice> = async (crm, { id, note }) => {
  const invoice = await crm.load(Invoice, id);
  const after = { ...dunnedAgain(invoice, await collecting(crm)), openTaskId: undefined };
  const moved = moveInvoice(invoice, 'settleDispute', after, { reasons: [note ?? 'The dispute is settled'] });
  if (!invoice.disputed) throw new Refusal('record.wrongState', `The invoice ${invoice.number} is not disputed`);
  return crm.commit([moved, ...(await closing(crm, invoice.openTaskId, 'settleDispute', note))]);
};

export const PaymentPromise = z.strictObject({ payOn: z.iso.date() });

/** The customer says when they pay: nobody is reminded before the end of that day. A dispute that there was is over. */
export const promisePayment: Command<{ id: string; payOn: string; note?: string | undefined }, Invoice> = async (
  crm,
  { id, payOn, note },
) => {
  const invoice = await crm.load(Invoice, id);
  const after = decidePromise(invoice, payOn, await collecting(crm));
  const moved = moveInvoice(
    invoice,
    'promise',
    { ...after, openTaskId: undefined },
    { reasons: [`To be paid by ${payOn}`] },
  );
  return crm.commit([moved, ...(await closing(crm, invoice.openTaskId, 'promise', note ?? payOn))]);
};

/** A promise puts the next step off, never forward. 400 for a day that is over, or too far ahead. */
export function decidePromise(invoice: Invoice, payOn: string, around: Collecting): Partial<Invoice> {
  const { dunning, timeZone, now } = around;
  const last = dateIn(timeZone, addDuration(now, dunning.promiseWithin));
  if (payOn < dateIn(timeZone, now) || payOn > last)
    throw refuseField('request.invalid', '#/payOn', `A promise is for a day from today to ${last}`);
  const again = dunnedAgain(invoice, around);
  const endsAt = endOfDay(payOn, timeZone).toISOString();
  return {
    ...again,
    promisedOn: payOn,
    nextStepAt: again.nextStepAt && again.nextStepAt > endsAt ? again.nextStepAt : endsAt,
  };
}

/** By a task: the note holds the day. */
export const promiseByTask: Command<{ id: string; note?: string | undefined }, Invoice> = (crm, { id, note = '' }) => {
  const [payOn] = /\d{4}-\d{2}-\d{2}/.exec(note) ?? [];
  if (!payOn || !PaymentPromise.safeParse({ payOn }).success)
    throw refuseField('request.invalid', '#/note', 'Say in the note by which day: 2026-12-31');
  return promisePayment(crm, { id, payOn, note });
};

/** What a person does with an invoice that letters did not help. */
export const collectActions: Task['actions'] = [
  { key: 'promise', label: 'They pay on (day in the note)' },
  { key: 'dispute', label: 'They dispute it (why in the note)' },
  { key: 'writeOff', label: 'Write off' },
  done,
];
