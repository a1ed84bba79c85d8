import { least, type Money, subtract, sum } from '../core/money.ts';
import {
  allocatedTo,
  type PaymentBalance,
  type PaymentDispute,
  releasedFrom,
  takenFrom,
  toRelease,
} from './payment.ts';

/** What is claimed back of a payment: all that was refunded so far, one refund, or a dispute as it stands. */
export interface Claim {
  refunded?: Money;
  /** What one refund gave back, where it is told of alone. */
  refund?: { id: string; amount: Money };
  dispute?: PaymentDispute & { answerBy?: string | undefined };
  reason: string;
}

/** What a claim changes: the payment, and of which invoices how much is paid less (below zero) or again (above). */
export interface Claimed {
  balance: PaymentBalance;
  changes: ReadonlyMap<string, number>;
}

const rank = { open: 0, lost: 1, won: 2 } as const;

/**
 * The payment after a claim. What was refunded only grows, and a dispute only goes on (open, lost, won: a bank may still give back what was
 * lost), so that claims that are told twice or in another order come to the same. What is taken goes from what is unapplied first,
 * then from the last allocations; what is given back goes the other way, as far as its invoices are open (`openOf`). Undefined where
 * the claim says nothing new.
 */
export function decideClaim(
  payment: PaymentBalance,
  { refund, refunded: told, dispute }: Claim,
  openOf: (invoiceId: string) => number,
): Claimed | undefined {
  const refunds = refund ? { ...payment.refunds, [refund.id]: refund.amount } : payment.refunds;
  // The total may be told, or the parts, or both: by hand and by the provider they are the same money.
  const refunded = refund ? sum(payment.amount.currency, Object.values(refunds ?? {})) : told;
  const after = {
    ...payment,
    ...(refund && { refunds }),
    ...(refunded && refunded.amount > payment.refunded.amount && { refunded: least(refunded, payment.amount) }),
    ...(dispute && { disputes: disputesWith(payment.disputes, dispute) }),
  };
  const said = (one: PaymentBalance) => JSON.stringify([one.refunded, one.refunds, one.disputes]);
  if (said(payment) === said(after)) return undefined;
  const more = subtract(takenFrom(after), takenFrom(payment));
  return more.amount >= 0 ? taking(after, more) : givingBack(after, -more.amount, openOf);
}

function disputesWith(known: readonly PaymentDispute[] = [], { id, amount, state }: PaymentDispute): PaymentDispute[] {
  const before = known.find((one) => one.id === id);
  if (before && rank[state] <= rank[before.state]) return [...known];
  const after = { id, amount: before?.amount ?? amount, state };
  return [...known.filter((one) => one !== before), after].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Takes an amount away from a payment. */
export function taking(payment: PaymentBalance, amount: Money): Claimed {
  const taken = toRelease(payment, amount);
  const freed = taken.reduce((balance, one) => releasedFrom(balance, one.invoiceId, one.amount), {
    allocations: payment.allocations,
    unapplied: payment.unapplied,
  });
  const after = { ...payment, ...freed, unapplied: subtract(freed.unapplied, amount) };
  return { balance: standingOf(after), changes: new Map(taken.map((one) => [one.invoiceId, -one.amount.amount])) };
}

function givingBack(payment: PaymentBalance, amount: number, openOf: (invoiceId: string) => number): Claimed {
  const { currency } = payment.amount;
  let after: PaymentBalance = { ...payment, unapplied: { currency, amount: payment.unapplied.amount + amount } };
  let left = amount;
  const changes = new Map<string, number>();
  for (const { invoiceId } of payment.allocations) {
    const share = Math.min(left, openOf(invoiceId));
    if (share <= 0) continue;
    left -= share;
    changes.set(invoiceId, share);
    after = { ...after, ...allocatedInPlace(after, invoiceId, { currency, amount: share }) };
  }
  return { balance: standingOf(after), changes };
}

/** Allocated to an invoice that the payment knows: its allocations keep their order, which says what is taken first. */
const allocatedInPlace = (payment: PaymentBalance, invoiceId: string, amount: Money) => {
  const { allocations, unapplied } = allocatedTo(payment, invoiceId, amount);
  const order = payment.allocations.map((one) => allocations.find((other) => other.invoiceId === one.invoiceId) ?? one);
  return { allocations: order, unapplied };
};

/** The open dispute that keeps money from a payment, if there is one: what was refunded beside it is not contested any more. */
export const contestOf = (
  payment: Pick<PaymentBalance, 'amount' | 'refunded' | 'disputes'>,
): PaymentDispute | undefined =>
  takenFrom(payment).amount > payment.refunded.amount
    ? payment.disputes?.find(({ state }) => state === 'open')
    : undefined;

/** It is refunded once nothing of it is left and nobody contests it. */
const standingOf = (payment: PaymentBalance): PaymentBalance => {
  const gone = takenFrom(payment).amount === payment.amount.amount;
  return { ...payment, status: gone && !contestOf(payment) ? 'refunded' : 'received' };
};
