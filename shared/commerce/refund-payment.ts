import { add, format, type Money, subtract } from '../core/money.ts';
import type { InForce } from '../core/policy.ts';
import { refuseField } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import type { Command } from '../store/command.ts';
import { stepAfter } from './dunning-steps.ts';
import { Invoice, isCollected, moveInvoice } from './invoice.ts';
import { standing, takenBackOf } from './invoice-balance.ts';
import { Dunning } from './invoice-policies.ts';
import { movePayment, Payment, releasedFrom, toRelease } from './payment.ts';

/**
 * Gives money back, or loses it (a chargeback): all that is left if no amount is named. What is unapplied goes first, then the last
 * allocations are reversed: their invoices are open again, and dunning goes on at the level it had reached. 422
 * `payment.exceedsReceived`, `currency.mismatch`.
 */
export const refundPayment: Command<
  { id: string; amount?: Money | undefined; reason?: string | undefined },
  Payment
> = async (crm, { id, amount, reason }) => {
  const payment = await crm.load(Payment, id);
  const left = subtract(payment.amount, payment.refunded);
  const wanted = refundable(left, amount ?? left);
  const reversed = toRelease(payment, wanted);
  const invoices = await Promise.all(reversed.map(({ invoiceId }) => crm.load(Invoice, invoiceId)));
  const [dunning, { timeZone }] = await Promise.all([crm.policy(Dunning), crm.policy(Settings)]);
  const takenBack = reversed.map((allocation, n) =>
    decideTakingBack(invoices[n]!, allocation.amount, { dunning, timeZone, now: crm.now }, reason),
  );
  return crm.commit([decideRefund(payment, wanted, reason), ...takenBack]);
};

function refundable(left: Money, amount: Money): Money {
  if (amount.currency !== left.currency)
    throw refuseField('currency.mismatch', '#/amount', `The payment is in ${left.currency}`);
  if (amount.amount <= left.amount) return amount;
  throw refuseField('payment.exceedsReceived', '#/amount', `${format(left, 'en')} is left of the payment`);
}

/** The payment's part. Source: domain.md 8. */
export function decideRefund(payment: Payment, amount: Money, reason?: string): Fact<Payment> {
  const freed = toRelease(payment, amount).reduce(
    (balance, { invoiceId, amount: taken }) => releasedFrom(balance, invoiceId, taken),
    { allocations: payment.allocations, unapplied: payment.unapplied },
  );
  const refunded = add(payment.refunded, amount);
  const status = refunded.amount === payment.amount.amount ? 'refunded' : 'received';
  const after = { ...freed, unapplied: subtract(freed.unapplied, amount), refunded, status } as const;
  return movePayment(payment, 'refund', after, reason ? { reasons: [reason] } : {});
}

interface Around {
  dunning: InForce<typeof Dunning.defaults>;
  timeZone: string;
  now: Date;
}

/** The invoice's part: what is open again is asked for again, at once if its time has come. */
export function decideTakingBack(
  invoice: Invoice,
  amount: Money,
  { dunning, timeZone, now }: Around,
  reason = 'The payment was taken back',
): Fact<Invoice> {
  const after = standing(takenBackOf(invoice.totals, amount));
  const nextStepAt = stepAfter(invoice, dunning.levels, timeZone)?.dueAt ?? now.toISOString();
  const again = isCollected(invoice.status) ? {} : { nextStepAt, handedOverAt: undefined };
  return moveInvoice(invoice, 'takeBack', { ...after, ...again }, { reasons: [reason], policy: dunning.policy });
}
