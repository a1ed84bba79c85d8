import * as z from 'zod';
import { id } from '../core/ids.ts';
import { add, least, Money, PositiveMoney, subtract } from '../core/money.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, under } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

export const PaymentStatus = z.enum(['received', 'refunded']);

/** What is known of money that came in. */
export const PaymentDetails = z.strictObject({
  amount: PositiveMoney,
  method: z
    .string()
    .trim()
    .min(1)
    .max(50)
    .meta({ examples: ['transfer', 'card', 'directDebit', 'cash'] }),
  reference: z.string().trim().min(1).max(100).meta({ description: 'What the bank or provider calls it: unique.' }),
  receivedAt: z.iso.datetime().optional().meta({ description: 'Now, if it is not said.' }),
});
export type PaymentDetails = z.infer<typeof PaymentDetails>;

export const Allocation = z.object({ invoiceId: id('inv'), amount: Money });
export type Allocation = z.infer<typeof Allocation>;

/** Money that came in: its amount is always allocated + unapplied + refunded. */
const PaymentRecord = z
  .object({
    ...record('pay'),
    ...PaymentDetails.shape,
    amount: Money,
    receivedAt: z.iso.datetime(),
    accountId: id('acc'),
    status: PaymentStatus,
    allocations: z.array(Allocation),
    unapplied: Money.meta({ description: "The customer's credit: to be allocated or refunded." }),
    refunded: Money,
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof PaymentRecord>;

export const paymentReferenceKey = (reference: string): string => `payref#${reference}`;
/** Under which the payments of an invoice stand. */
export const paymentsOf = (invoiceId: string): string => `payment#${invoiceId}`;

export const Payment: Kind<Payment> = {
  name: 'payment',
  prefix: 'pay',
  schema: PaymentRecord,
  unique: ({ reference }) => [paymentReferenceKey(reference)],
  places: ({ id, status, allocations, createdAt }) => ({
    gsi2: inState('payment', status, createdAt, id),
    shared: allocations.map(({ invoiceId }) => under(paymentsOf(invoiceId), id)),
  }),
};

const event = eventsOf(
  Payment,
  PaymentRecord.pick({ amount: true, allocations: true, unapplied: true, refunded: true, status: true }),
);
export const PaymentReceived = event('received');

/** The life of a payment. */
export const paymentMoves = {
  allocate: { from: ['received'], event: event('allocated') },
  release: { from: ['received'], event: event('updated') },
  refund: { from: ['received'], event: event('refunded') },
} as const;
export const movePayment = mover<Payment, Payment['status'], typeof paymentMoves>('payment', paymentMoves);

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
