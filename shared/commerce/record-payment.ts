import { isId } from '../core/ids.ts';
import { format, least, type Money, subtract } from '../core/money.ts';
import { refuseField } from '../core/refusal.ts';
import type { Fact, Why } from '../events/event.ts';
import { closing, Task } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Command, Crm } from '../store/command.ts';
import { answerTask, asksWhatFor, unappliedTask } from './billing-task.ts';
import { Invoice, invoiceNumberKey, moveInvoice } from './invoice.ts';
import { paidOf, standing } from './invoice-balance.ts';
import { allocatedTo, movePayment, Payment, type PaymentDetails, PaymentReceived } from './payment.ts';
import { contestOf } from './payment-claim.ts';
import { linksRenewed } from './payment-link.ts';
import { aPayment, isNew } from './receive-payment.ts';

/** An invoice, and what was made beside it. */
export type WithCreated<R> = R & { createdId: string };

/**
 * Notes a payment of an invoice. What is more than is open stays with the payment as the customer's credit. 409 `record.duplicate` for a
 * reference that is known, `record.wrongState` where nothing is to be paid; 422 `currency.mismatch`.
 */
export const recordPayment: Command<PaymentDetails & { id: string }, WithCreated<Invoice>> = async (
  crm,
  { id, ...details },
) => {
  const [invoice] = await Promise.all([crm.load(Invoice, id), isNew(crm, details.reference)]);
  const facts = decidePayment(invoice, details, crm);
  const createdId = facts[1].after.id;
  const closed = await closingIfSettled(crm, invoice, facts[0]);
  const renewed = await linksRenewed(crm, facts);
  return crm.commitAs((stored) => ({ ...(stored as Invoice), createdId }), [...renewed, ...closed]);
};

/** Source: domain.md 8. As much as is open is allocated, the rest is unapplied. */
export function decidePayment(
  invoice: Invoice,
  details: PaymentDetails,
  { newId, now }: Pick<Crm, 'newId' | 'now'>,
): [Fact<Invoice>, Fact<Payment>] {
  moveInvoice(invoice, 'pay');
  sameCurrency(invoice.currency, details.amount, '#/amount');
  const share = least(details.amount, invoice.totals.open);
  const payment = aPayment(newId('pay'), invoice.accountId, details, now);
  return [paid(invoice, share), PaymentReceived(undefined, { ...payment, ...allocatedTo(payment, invoice.id, share) })];
}

/** Allocates what is unapplied to an invoice; as much as possible if no amount is named. 422 for more than either side has. */
export const allocatePayment: Command<{ id: string; invoiceId: string; amount?: Money | undefined }, Payment> = async (
  crm,
  { id, invoiceId, amount },
) => {
  const [payment, invoice] = await Promise.all([crm.load(Payment, id), crm.refer(Invoice, invoiceId, '#/invoiceId')]);
  const [ofPayment, ofInvoice] = decideAllocation(payment, invoice, amount);
  const task = payment.openTaskId ? await crm.store.find(Task, payment.openTaskId) : undefined;
  const reasons = [`the rest after ${invoice.number}`];
  const left = task?.status === 'open' ? await leftOver(crm, task, ofPayment.after, reasons) : undefined;
  const allocated = { ...ofPayment, after: { ...ofPayment.after, ...(left && { openTaskId: left.openTaskId }) } };
  const settled = await closingIfSettled(crm, invoice, ofInvoice);
  return crm.commit([allocated, ...(await linksRenewed(crm, [ofInvoice])), ...settled, ...(left?.facts ?? [])]);
};

/**
 * Who does what next about a payment that was allocated: somebody answers a dispute, else says what the rest is for. The task that there was
 * is done, and another one says how much is left.
 */
export async function leftOver(
  crm: Crm,
  task: Task | undefined,
  after: Pick<Payment, 'id' | 'accountId' | 'reference' | 'amount' | 'unapplied' | 'refunded' | 'disputes'>,
  reasons: readonly string[],
): Promise<{ openTaskId: string | undefined; facts: Fact[] }> {
  const contest = contestOf(after);
  if (contest && task?.status === 'open' && !asksWhatFor(task)) return { openTaskId: task.id, facts: [] };
  const closed = await closing(crm, task?.id, 'allocate');
  if (!contest && after.unapplied.amount === 0) return { openTaskId: undefined, facts: closed };
  const asked = contest ? await answerTask(crm, after, contest, contest.id) : await unappliedTask(crm, after, reasons);
  return { openTaskId: asked.after.id, facts: [...closed, asked, ...(await mailToAssignee(crm, asked))] };
}

/** By a task: the note names the invoice, by its number or id. */
export const allocateByTask: Command<{ id: string; note?: string | undefined }, Payment> = async (
  crm,
  { id, note = '' },
) => {
  const named = note.trim();
  const invoiceId = isId('inv', named) ? named : await crm.store.holderOf(invoiceNumberKey(named));
  if (!invoiceId)
    throw refuseField('reference.unknown', '#/note', 'Say in the note which invoice it is for: its number');
  return allocatePayment(crm, { id, invoiceId });
};

export function decideAllocation(
  payment: Payment,
  invoice: Invoice,
  wanted: Money | undefined,
): [Fact<Payment>, Fact<Invoice>] {
  // The states are asked first: they say more than what is left of either.
  movePayment(payment, 'allocate');
  moveInvoice(invoice, 'pay');
  sameCurrency(payment.amount.currency, wanted ?? invoice.totals.open, wanted ? '#/amount' : '#/invoiceId');
  sameCurrency(payment.amount.currency, invoice.totals.open, '#/invoiceId');
  const amount = wanted ?? least(payment.unapplied, invoice.totals.open);
  const says = (money: Money) => format(money, 'en');
  if (payment.unapplied.amount === 0 || subtract(payment.unapplied, amount).amount < 0)
    throw refuseField('payment.exceedsUnapplied', '#/amount', `${says(payment.unapplied)} is unapplied`);
  const settled = paid(invoice, amount);
  const balance = allocatedTo(payment, invoice.id, amount);
  const whose = { accountId: payment.accountId ?? invoice.accountId };
  const none = balance.unapplied.amount === 0 && { openTaskId: undefined };
  const after = { ...balance, ...whose, guessed: undefined, ...none };
  return [movePayment(payment, 'allocate', after), settled];
}

/** The invoice got some of what is open: its move says whether that was all. 422 `payment.exceedsOpen`. */
export function paid(invoice: Invoice, amount: Money, why?: Why): Fact<Invoice> {
  const totals = paidOf(invoice.totals, amount);
  const fact = moveInvoice(invoice, totals.open.amount === 0 ? 'settle' : 'pay', standing(totals), why);
  if (totals.open.amount >= 0) return fact;
  throw refuseField('payment.exceedsOpen', '#/amount', `${format(invoice.totals.open, 'en')} is open`);
}

/** Nobody need do anything any more about an invoice that is settled. */
export const closingIfSettled = async (crm: Crm, before: Invoice, { after }: Fact<Invoice>): Promise<Fact<Task>[]> =>
  before.openTaskId && !after.openTaskId ? closing(crm, before.openTaskId, 'settle') : [];

function sameCurrency(currency: string, money: Money, pointer: string): void {
  if (money.currency !== currency)
    throw refuseField('currency.mismatch', pointer, `${money.currency} cannot be counted together with ${currency}`);
}
