import * as z from 'zod';
import { id, isId } from '../core/ids.ts';
import { format, least, type Money, subtract } from '../core/money.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import type { Fact, Why } from '../events/event.ts';
import { closing, type Task } from '../platform/task.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import { Invoice, invoiceNumberKey, moveInvoice } from './invoice.ts';
import { paidOf, standing } from './invoice-balance.ts';
import {
  allocatedTo,
  movePayment,
  Payment,
  type PaymentDetails,
  PaymentReceived,
  paymentReferenceKey,
} from './payment.ts';

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
  return crm.commitAs((stored) => ({ ...(stored as Invoice), createdId }), [...facts, ...closed]);
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

export const AccountPayment = z.strictObject({ accountId: id('acc') });

/** Notes a payment that nobody has allocated yet. 409 `record.duplicate` for a reference that is known. */
export const receivePayment: Command<PaymentDetails & { accountId: string }, Payment> = async (
  crm,
  { accountId, ...details },
) => {
  await Promise.all([crm.refer(Account, accountId, '#/accountId'), isNew(crm, details.reference)]);
  return crm.commit([PaymentReceived(undefined, aPayment(crm.newId('pay'), accountId, details, crm.now))]);
};

/** A reference that is known names its payment, whatever has become of the invoice since. */
async function isNew({ store }: Crm, reference: string): Promise<void> {
  const existingId = await store.holderOf(paymentReferenceKey(reference));
  if (existingId) throw new Refusal('record.duplicate', `The payment ${reference} is known`, { existingId });
}

/** A payment of which nothing has been allocated. */
export const aPayment = (id: string, accountId: string | undefined, details: PaymentDetails, now: Date) => ({
  ...details,
  id,
  accountId,
  receivedAt: details.receivedAt ?? now.toISOString(),
  status: 'received' as const,
  allocations: [],
  unapplied: details.amount,
  refunded: { ...details.amount, amount: 0 },
});

/** Allocates what is unapplied to an invoice; as much as possible if no amount is named. 422 for more than either side has. */
export const allocatePayment: Command<{ id: string; invoiceId: string; amount?: Money | undefined }, Payment> = async (
  crm,
  { id, invoiceId, amount },
) => {
  const [payment, invoice] = await Promise.all([crm.load(Payment, id), crm.refer(Invoice, invoiceId, '#/invoiceId')]);
  const facts = decideAllocation(payment, invoice, amount);
  const rest = facts[0].after.unapplied.amount;
  const closed = rest === 0 ? await closing(crm, payment.openTaskId, 'allocate') : [];
  return crm.commit([...facts, ...(await closingIfSettled(crm, invoice, facts[1])), ...closed]);
};

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
  const after = { ...balance, ...whose, ...(balance.unapplied.amount === 0 && { openTaskId: undefined }) };
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
