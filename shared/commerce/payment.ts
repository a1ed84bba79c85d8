import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Instant } from '../core/instant.ts';
import { add, least, Money, PositiveMoney, subtract, sum } from '../core/money.ts';
import { Code, Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, under, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

export const PaymentStatus = z.enum(['received', 'refunded']);

/** What is known of money that came in. */
export const PaymentDetails = z.strictObject({
  amount: PositiveMoney,
  method: Line.min(1)
    .max(50)
    .meta({ examples: ['transfer', 'card', 'directDebit', 'cash'] }),
  reference: Code.min(1).max(100).meta({ description: 'What the bank or provider calls it: unique.' }),
  receivedAt: Instant.optional().meta({ description: 'Now, if it is not said.' }),
});
export type PaymentDetails = z.infer<typeof PaymentDetails>;

export const Allocation = z.object({ invoiceId: id('inv'), amount: Money });
export type Allocation = z.infer<typeof Allocation>;

/** A customer took a payment back through their bank: the money is gone while that is open, and for good if it is lost. */
export const PaymentDispute = z.object({ id: z.string(), amount: Money, state: z.enum(['open', 'lost', 'won']) });
export type PaymentDispute = z.infer<typeof PaymentDispute>;

/** Money that came in: its amount is always allocated + unapplied + what was taken from it (see `takenFrom`). */
const PaymentRecord = z
  .object({
    ...record('pay'),
    ...PaymentDetails.shape,
    amount: Money,
    receivedAt: z.iso.datetime(),
    accountId: id('acc').optional().meta({ description: 'Whose it is; missing until somebody knows.' }),
    status: PaymentStatus,
    alsoKnownAs: z
      .array(z.string())
      .optional()
      .meta({ description: 'What else the provider calls it: unique too, so that it comes in once.' }),
    allocations: z.array(Allocation),
    unapplied: Money.meta({ description: "The customer's credit: to be allocated or refunded." }),
    refunded: Money,
    refunds: z.record(z.string(), Money).optional().meta({ description: 'Those that were told of one by one.' }),
    disputes: z.array(PaymentDispute).optional(),
    guessed: z
      .boolean()
      .optional()
      .meta({ description: 'Its invoice was found by the amount alone: what names another one has the last word.' }),
    openTaskId: z.string().optional(),
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof PaymentRecord>;

export const paymentReferenceKey = (reference: string): string => `payref#${reference}`;
/** Under which the payments of an invoice stand. */
export const paymentsOf = (invoiceId: string): string => `payment#${invoiceId}`;

/** Whose work it is to say what unapplied money is for. */
export const unappliedWork = 'queue:billing';
/** Everything that it is called. */
export const namesOf = ({ reference, alsoKnownAs = [] }: Pick<Payment, 'reference' | 'alsoKnownAs'>): string[] => [
  reference,
  ...alsoKnownAs,
];

/** What else it is called, with names that nobody has heard yet; undefined where there is none among them. */
export function learned(
  payment: Pick<Payment, 'reference' | 'alsoKnownAs'>,
  names: readonly string[],
): string[] | undefined {
  const others = names.filter((name) => !namesOf(payment).includes(name));
  return others.length ? [...(payment.alsoKnownAs ?? []), ...others] : undefined;
}

export const Payment: Kind<Payment> = {
  name: 'payment',
  prefix: 'pay',
  schema: PaymentRecord,
  unique: (payment) => namesOf(payment).map(paymentReferenceKey),
  places: ({ id, status, allocations, unapplied, createdAt }) => ({
    ...(unapplied.amount > 0 && { gsi1: workOf(unappliedWork, 'payment', 'unapplied', createdAt, id) }),
    gsi2: inState('payment', status, createdAt, id),
    shared: allocations.map(({ invoiceId }) => under(paymentsOf(invoiceId), id)),
  }),
};

const event = eventsOf(
  Payment,
  PaymentRecord.pick({
    amount: true,
    method: true,
    allocations: true,
    unapplied: true,
    refunded: true,
    disputes: true,
    status: true,
  }),
);
export const PaymentReceived = event('received');
export const PaymentUpdated = event('updated');
const PaymentAllocated = event('allocated');

/** The life of a payment. */
export const paymentMoves = {
  allocate: { from: ['received'], event: PaymentAllocated },
  release: { from: ['received'], event: PaymentUpdated },
  refund: { from: ['received'], event: event('refunded') },
  /** Of a provider alone: what it says may change what was taken from a payment at any time. */
  take: { from: ['received', 'refunded'], event: event('refunded') },
  dispute: { from: ['received', 'refunded'], event: PaymentUpdated },
  know: { from: ['received', 'refunded'], event: PaymentUpdated },
  match: { from: ['received', 'refunded'], event: PaymentAllocated },
} as const;
export const movePayment = mover<Payment, Payment['status'], typeof paymentMoves>('payment', paymentMoves);

/** What was given back or lost of a payment: refunds, and disputes that are open or lost; never more than there was. */
export function takenFrom({
  amount,
  refunded,
  disputes = [],
}: Pick<Payment, 'amount' | 'refunded' | 'disputes'>): Money {
  const contested = disputes.filter(({ state }) => state !== 'won').map((dispute) => dispute.amount);
  return least(amount, sum(amount.currency, [refunded, ...contested]));
}

/** What is where of a payment. */
export type PaymentBalance = Pick<
  Payment,
  'amount' | 'status' | 'allocations' | 'unapplied' | 'refunded' | 'refunds' | 'disputes'
>;
type Balance = Pick<Payment, 'allocations' | 'unapplied'>;

/** An invoice has one allocation of a payment: what comes later is added to it. */
export function allocatedTo({ allocations, unapplied }: Balance, invoiceId: string, amount: Money): Balance {
  const before = allocations.find((one) => one.invoiceId === invoiceId);
  const others = allocations.filter((one) => one !== before);
  const after = { invoiceId, amount: before ? add(before.amount, amount) : amount };
  return { allocations: [...others, after], unapplied: subtract(unapplied, amount) };
}

/** Takes some of what an invoice got away from it: it is unapplied again. The payment stays in the invoice's list, also with nothing. */
export const releasedFrom = ({ allocations, unapplied }: Balance, invoiceId: string, amount: Money): Balance => ({
  allocations: allocations.map((one) =>
    one.invoiceId === invoiceId ? { ...one, amount: subtract(one.amount, amount) } : one,
  ),
  unapplied: add(unapplied, amount),
});

/** What must be taken away from which invoice, so that an amount is unapplied: the last allocation first. */
export function toRelease({ allocations, unapplied }: Balance, amount: Money): Allocation[] {
  let missing = subtract(amount, least(amount, unapplied));
  return allocations.toReversed().flatMap(({ invoiceId, amount: allocated }) => {
    const taken = least(missing, allocated);
    missing = subtract(missing, taken);
    return taken.amount > 0 ? [{ invoiceId, amount: taken }] : [];
  });
}
