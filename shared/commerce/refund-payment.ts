import { add, format, type Money, subtract } from '../core/money.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import type { Command } from '../store/command.ts';
import { claimPayment } from './claim-payment.ts';
import { movePayment, Payment, takenFrom } from './payment.ts';
import { linksRenewed } from './payment-link.ts';

/**
 * Gives money back: all that is left if no amount is named. What is unapplied goes first, then the last allocations are reversed: their
 * invoices are open again, and dunning goes on at the level it had reached. 422 `payment.exceedsReceived`, `currency.mismatch`.
 */
export const refundPayment: Command<
  { id: string; amount?: Money | undefined; reason?: string | undefined },
  Payment
> = async (crm, { id, amount, reason = 'The payment was taken back' }) => {
  const payment = await crm.load(Payment, id);
  movePayment(payment, 'refund');
  const left = subtract(payment.amount, takenFrom(payment));
  const refunded = add(payment.refunded, refundable(left, amount ?? left));
  const [first, ...others] = await claimPayment(crm, payment, { refunded, reason });
  return first ? crm.commit([first, ...(await linksRenewed(crm, others))]) : payment;
};

/** By a task: what is unapplied is given back, the note says why. */
export const refundUnapplied: Command<{ id: string; note?: string | undefined }, Payment> = async (
  crm,
  { id, note },
) => {
  const { unapplied } = await crm.load(Payment, id);
  if (unapplied.amount === 0) throw new Refusal('record.wrongState', 'Nothing of the payment is unapplied any more');
  return refundPayment(crm, { id, amount: unapplied, reason: note });
};

function refundable(left: Money, amount: Money): Money {
  if (amount.currency !== left.currency)
    throw refuseField('currency.mismatch', '#/amount', `The payment is in ${left.currency}`);
  if (amount.amount <= left.amount && amount.amount > 0) return amount;
  throw refuseField('payment.exceedsReceived', '#/amount', `${format(left, 'en')} is left of the payment`);
}
