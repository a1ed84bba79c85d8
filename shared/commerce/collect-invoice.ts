import * as z from 'zod';
import { format } from '../core/money.ts';
import { Settings } from '../core/settings.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing, done, openTask } from '../platform/task.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import { stepAfter } from './dunning-steps.ts';
import { Invoice, invoiceName, isCollected, moveInvoice } from './invoice.ts';
import { standing, writtenOffOf } from './invoice-balance.ts';
import { mailToPayer, payerOf } from './invoice-mails.ts';
import { Dunning, handOverLevel } from './invoice-policies.ts';

export const WriteOff = z.strictObject({ reason: z.string().trim().min(1).max(500) });

/** Nobody expects the rest any more. From a task the note is the reason. */
export const writeOffInvoice: Command<
  { id: string; reason?: string | undefined; note?: string | undefined },
  Invoice
> = async (crm, { id, note, reason = note ?? 'Not collectable' }) => {
  const invoice = await crm.load(Invoice, id);
  const writtenOff = { reason, at: crm.now.toISOString() };
  const changed = {
    ...standing(writtenOffOf(invoice.totals)),
    writtenOff,
    nextStepAt: undefined,
    openTaskId: undefined,
  };
  const moved = moveInvoice(invoice, 'writeOff', changed, { reasons: [reason] });
  return crm.commit([moved, ...(await closing(crm, invoice.openTaskId, 'writeOff', note))]);
};

/** The last day to pay is over: noted once. */
export const markInvoiceOverdue: Command<{ id: string }, Invoice> = async (crm, { id }) => {
  const invoice = await crm.load(Invoice, id);
  const due =
    isCollected(invoice.status) &&
    !invoice.overdueAt &&
    invoice.dueEndsAt &&
    Date.parse(invoice.dueEndsAt) <= crm.now.getTime();
  return due ? crm.commit([moveInvoice(invoice, 'markOverdue', { overdueAt: crm.now.toISOString() })]) : invoice;
};

/**
 * The next level of dunning: a mail, and the time of the level after it; at the last one a person gets the invoice. Not due, or nothing
 * open: the invoice is answered as it is.
 */
export const remindInvoice: Command<ActInput, Invoice> = async (crm, { id, processId }) => {
  const invoice = await crm.load(Invoice, id);
  const due = isCollected(invoice.status) && invoice.nextStepAt && Date.parse(invoice.nextStepAt) <= crm.now.getTime();
  if (!due) return invoice;
  const [{ levels, policy }, { timeZone }] = await Promise.all([crm.policy(Dunning), crm.policy(Settings)]);
  const level = stepAfter(invoice, levels, timeZone);
  if (!level || level.key === handOverLevel) return handOver(crm, invoice, processId);
  const next = stepAfter({ ...invoice, dunningLevel: level.key }, levels, timeZone);
  const payer = await payerOf(crm, invoice);
  const changed = { dunningLevel: level.key, nextStepAt: next?.dueAt ?? crm.now.toISOString() };
  const moved = moveInvoice(invoice, 'remind', changed, { reasons: [`Level ${level.key}`], policy });
  return crm.commit([moved, ...(payer ? [mailToPayer(crm, 'reminder', invoice, payer, level.key)] : [])]);
};

/** Letters did not help: a task for the account's owner, and the process ends. */
async function handOver(crm: Crm, invoice: Invoice, processId: string): Promise<Invoice> {
  const account = await crm.store.find(Account, invoice.accountId);
  const task = openTask(crm, {
    title: `Collect ${invoiceName(invoice)}: ${format(invoice.totals.open, 'en')} open`,
    accountId: invoice.accountId,
    recordId: invoice.id,
    dueAt: crm.now.toISOString(),
    priority: 'high',
    processId,
    actions: [{ key: 'writeOff', label: 'Write off' }, done],
    ...(account?.ownerId ? { assigneeId: account.ownerId } : { queue: 'billing' }),
  });
  const changed = { nextStepAt: undefined, handedOverAt: crm.now.toISOString(), openTaskId: task.after.id };
  return crm.commit([
    moveInvoice(invoice, 'handOver', changed, { reasons: ['The last level of dunning is over'] }),
    task,
  ]);
}
