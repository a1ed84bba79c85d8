import * as z from 'zod';
import { addDuration } from '../core/duration.ts';
import { format } from '../core/money.ts';
import { Settings } from '../core/settings.ts';
import { Prose } from '../core/text.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing, Task } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Command, Crm } from '../store/command.ts';
import { billingTask } from './billing-task.ts';
import { stepAfter } from './dunning-steps.ts';
import { collectActions, disputeTask } from './hold-invoice.ts';
import { Invoice, isCollected, moveInvoice } from './invoice.ts';
import { standing, writtenOffOf } from './invoice-balance.ts';
import { payerOf, reminderMail } from './invoice-mails.ts';
import { Dunning, handOverLevel } from './invoice-policies.ts';
import { Paying, paymentUrlOf } from './payment-link.ts';

export const WriteOff = z.strictObject({ reason: Prose.trim().min(1).max(500) });

/** Nobody expects the rest any more. From a task the note is the reason. */
export const writeOffInvoice: Command<
  { id: string; reason?: string | undefined; note?: string | undefined },
  Invoice
> = async (crm, { id, note, reason = note ?? 'Not collectable' }) => {
  const invoice = await crm.load(Invoice, id);
  const writtenOff = { reason, at: crm.now.toISOString() };
  const after = { ...standing(writtenOffOf(invoice.totals)), writtenOff, paymentUrl: undefined };
  const moved = moveInvoice(invoice, 'writeOff', after, { reasons: [reason] });
  return crm.commit([moved, ...(await closing(crm, invoice.openTaskId, 'writeOff', note ?? reason))]);
};

/** The last instant to pay has passed: noted once. */
export const markInvoiceOverdue: Command<{ id: string }, Invoice> = async (crm, { id }) => {
  const invoice = await crm.load(Invoice, id);
  const { status, overdueAt, dueEndsAt } = invoice;
  const overdue = isCollected(status) && !overdueAt && dueEndsAt && Date.parse(dueEndsAt) < crm.now.getTime();
  return overdue ? crm.commit([moveInvoice(invoice, 'markOverdue', { overdueAt: crm.now.toISOString() })]) : invoice;
};

/**
 * Takes the next level of dunning: a mail, and the time of the level after it. At the level `handOver`, or after the last one, a person
 * gets the invoice. Not due, or nothing open: the invoice is answered as it is.
 */
export const remindInvoice: Command<ActInput, Invoice> = async (crm, { id, processId }) => {
  const invoice = await crm.load(Invoice, id);
  const due = isCollected(invoice.status) && invoice.nextStepAt && Date.parse(invoice.nextStepAt) <= crm.now.getTime();
  if (!due) return invoice;
  if (invoice.disputed) return reviewDispute(crm, invoice);
  const [{ levels, policy }, { timeZone }, payment] = await Promise.all([
    crm.policy(Dunning),
    crm.policy(Settings),
    crm.policy(Paying),
  ]);
  const level = stepAfter(invoice, levels, timeZone);
  if (!level || level.key === handOverLevel) return handOver(crm, invoice, processId);
  const next = stepAfter({ ...invoice, dunningLevel: level.key }, levels, timeZone);
  const after = {
    dunningLevel: level.key,
    nextStepAt: next?.dueAt ?? crm.now.toISOString(),
    promisedOn: undefined,
    paymentUrl: paymentUrlOf(invoice, payment),
  };
  const payer = await payerOf(crm, invoice);
  const told = payer
    ? reminderMail(crm, { ...invoice, ...after }, payer, level.key)
    : await billingTask(crm, invoice, `Remind of invoice ${invoice.number}: nobody has an address`, { processId });
  const broken = invoice.promisedOn ? [`Not paid by ${invoice.promisedOn}, as was promised`] : [];
  const why = { reasons: [`Level ${level.key}`, ...broken], policy };
  return crm.commit([moveInvoice(invoice, 'remind', after, why), told]);
};

/** A dispute rests: somebody is asked about it, unless they are already, and another while passes. */
async function reviewDispute(crm: Crm, invoice: Invoice): Promise<Invoice> {
  const { reason = 'Not said' } = invoice.dispute ?? {};
  const { disputeReview, policy } = await crm.policy(Dunning);
  const asked = invoice.openTaskId ? await crm.store.find(Task, invoice.openTaskId) : undefined;
  const task = asked?.status === 'open' ? undefined : await disputeTask(crm, invoice, reason);
  const after = {
    nextStepAt: addDuration(crm.now, disputeReview).toISOString(),
    ...(task && { openTaskId: task.after.id }),
  };
  const why = { reasons: ['The dispute is not settled yet'], policy };
  const asks = task ? [task, ...(await mailToAssignee(crm, task))] : [];
  return crm.commit([moveInvoice(invoice, 'hold', after, why), ...asks]);
}

/** Letters did not help: a task for a person, and the process ends. */
async function handOver(crm: Crm, invoice: Invoice, processId: string): Promise<Invoice> {
  const open = format(invoice.totals.open, 'en');
  const task = await billingTask(crm, invoice, `Collect invoice ${invoice.number}: ${open} open`, {
    priority: 'high',
    processId,
    actions: collectActions,
  });
  const handedOverAt = crm.now.toISOString();
  const after = { nextStepAt: undefined, promisedOn: undefined, handedOverAt, openTaskId: task.after.id };
  const why = { reasons: ['The last level of dunning is over'] };
  return crm.commit([moveInvoice(invoice, 'handOver', after, why), task, ...(await mailToAssignee(crm, task))]);
}
