import * as z from 'zod';
import { Address } from '../core/contact-points.ts';
import {
  addDecimals,
  compareDecimals,
  Percent,
  PositiveQuantity,
  Quantity,
  subtractDecimals,
} from '../core/decimal.ts';
import { id } from '../core/ids.ts';
import { Currency, Money } from '../core/money.ts';
import { Line } from '../core/text.ts';
import { eventsOf, type Fact, type Why } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, openIn, workOf } from '../store/places.ts';
import { type Draft, type Kind, record } from '../store/record.ts';
import { QuoteLineDetails } from './quote.ts';
import { QuoteTotals } from './quote-totals.ts';
import { TaxCategory } from './tax.ts';

export const OrderStatus = z.enum(['confirmed', 'partlyFulfilled', 'fulfilled', 'closed', 'cancelled']);
export type OrderStatus = z.infer<typeof OrderStatus>;
export const InvoicePolicy = z.enum(['ordered', 'delivered']);

/** A new order that no quote led to. */
export const OrderDetails = z.strictObject({
  accountId: id('acc'),
  contactId: id('con').optional(),
  billToAccountId: id('acc').optional(),
  currency: Currency.optional(),
  lines: z.array(QuoteLineDetails).min(1).max(200),
  shippingAddress: Address.optional(),
  invoicePolicy: InvoicePolicy.optional(),
  reference: Line.max(100).optional().meta({ description: "The customer's own reference." }),
});
export type OrderDetails = z.infer<typeof OrderDetails>;
export const EditableOrder = OrderDetails.pick({ shippingAddress: true, reference: true, contactId: true });

/** A line and what became of it, in exact quantities. */
export const OrderLine = z
  .object({
    id: z.string(),
    productId: id('prd').optional(),
    description: z.string(),
    quantity: PositiveQuantity,
    unitPrice: Money,
    discountPercent: Percent,
    taxCategory: TaxCategory,
    net: Money,
    fulfilled: Quantity,
    invoiced: Quantity,
    credited: Quantity,
    cancelled: Quantity,
  })
  .meta({ id: 'OrderLine' });
export type OrderLine = z.infer<typeof OrderLine>;

/** What was delivered at once. */
export const Fulfilment = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  lines: z.array(z.object({ lineId: z.string(), quantity: PositiveQuantity })),
  carrier: z.string().optional(),
  tracking: z.string().optional(),
});

const OrderRecord = z
  .object({
    ...record('ord'),
    accountId: id('acc'),
    contactId: id('con').optional(),
    billToAccountId: id('acc'),
    quoteId: id('quo').optional(),
    opportunityId: id('opp').optional(),
    ownerId: id('usr').optional(),
    number: z.string(),
    status: OrderStatus,
    currency: z.string(),
    lines: z.array(OrderLine),
    totals: QuoteTotals,
    shippingAddress: Address.optional(),
    invoicePolicy: InvoicePolicy,
    reference: z.string().optional(),
    fulfilments: z.array(Fulfilment).max(100),
    toInvoice: z
      .boolean()
      .optional()
      .meta({ description: 'Something of it may be invoiced now: its process does not wait.' }),
    nextStepAt: z.iso.datetime().optional().meta({ description: 'By when something should have been fulfilled.' }),
    openTaskId: z.string().optional(),
    cancelledReason: z.string().optional(),
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof OrderRecord>;

export const orderNumberKey = (number: string): string => `number#order#${number}`;

const isDelivered = (status: OrderStatus): boolean => status === 'fulfilled' || status === 'closed';

/** What a customer bought. */
export const Order: Kind<Order> = {
  name: 'order',
  prefix: 'ord',
  schema: OrderRecord,
  unique: ({ number }) => [orderNumberKey(number)],
  places: ({ id, accountId, number, status, totals, createdAt, updatedAt, toInvoice }) => ({
    // The queue of the sweep: what is delivered and still not invoiced, should its process be lost.
    ...(toInvoice && isDelivered(status) && { gsi1: workOf('sweep', 'order', 'due', updatedAt, id) }),
    gsi2: inState('order', status, createdAt, id),
    ...((status === 'confirmed' || status === 'partlyFulfilled' || status === 'fulfilled') && {
      gsi3: openIn(accountId, 'order', id),
      card: { id, number, status, gross: totals.gross },
    }),
  }),
};

const event = eventsOf(
  Order,
  OrderRecord.pick({
    status: true,
    number: true,
    quoteId: true,
    opportunityId: true,
    totals: true,
    nextStepAt: true,
    invoicePolicy: true,
  }),
);
const OrderConfirmed = event('confirmed');
export const OrderUpdated = event('updated');
export const OrderArchived = event('archived');

/** The life of an order. */
export const orderMoves = {
  fulfilPartly: { from: ['confirmed', 'partlyFulfilled'], to: 'partlyFulfilled', event: event('partlyFulfilled') },
  fulfil: { from: ['confirmed', 'partlyFulfilled'], to: 'fulfilled', event: event('fulfilled') },
  cancel: { from: ['confirmed', 'partlyFulfilled'], to: 'cancelled', event: event('cancelled') },
  close: { from: ['fulfilled'], to: 'closed', event: event('closed') },
  count: { from: ['confirmed', 'partlyFulfilled', 'fulfilled', 'closed', 'cancelled'], event: OrderUpdated },
} as const;
const moveBy = mover<Order, OrderStatus, typeof orderMoves>('order', orderMoves);

/** Moves an order by a verb, and says whether something of it is to be invoiced then. */
export function moveOrder(
  order: Order,
  verb: keyof typeof orderMoves,
  patch: Partial<Draft<Order>> = {},
  why?: Why,
): Fact<Order> {
  const moved = moveBy(order, verb, patch, why);
  return { ...moved, after: marked(moved.after) };
}

/** A new order. */
export const confirmed = (draft: Draft<Order>): Fact<Order> => OrderConfirmed(undefined, marked(draft));

const marked = (draft: Draft<Order>): Draft<Order> => ({
  ...draft,
  toInvoice: invoiceable(draft).length > 0 || undefined,
});

/** What can still be fulfilled of a line. */
export const openQuantity = ({ quantity, fulfilled, cancelled }: OrderLine): string =>
  subtractDecimals(quantity, addDecimals(fulfilled, cancelled));

/**
 * What may be invoiced now, line by line: what was ordered (or, by the order's policy, delivered) less what was invoiced. Lines with
 * nothing left are not among them. Source: domain.md 6.
 */
export function invoiceable({
  lines,
  invoicePolicy,
}: Pick<Order, 'lines' | 'invoicePolicy'>): { line: OrderLine; quantity: string }[] {
  return lines
    .map((line) => {
      const base = invoicePolicy === 'delivered' ? line.fulfilled : subtractDecimals(line.quantity, line.cancelled);
      return { line, quantity: compareDecimals(base, line.invoiced) > 0 ? subtractDecimals(base, line.invoiced) : '0' };
    })
    .filter(({ quantity }) => compareDecimals(quantity, '0') > 0);
}

/** So many invoices are issued in one transaction: the last is for all that is left. */
const mostInvoices = 10;
export type Quantities = ReadonlyMap<string, string>;

/**
 * What may be invoiced now, invoice by invoice, as quantities by line: one for each delivery, where that is what the order is invoiced by.
 * What of a line was not invoiced is of its latest deliveries.
 */
export function invoicesDue(order: Pick<Order, 'lines' | 'invoicePolicy' | 'fulfilments'>): Quantities[] {
  const left = new Map(invoiceable(order).map(({ line, quantity }) => [line.id, quantity]));
  const parts: Quantities[] = [];
  if (order.invoicePolicy === 'delivered')
    for (const { lines } of order.fulfilments.slice(1).reverse()) {
      const part = summed(lines.flatMap(({ lineId, quantity }) => taken(left, lineId, quantity)));
      if (part.size) parts.unshift(part);
    }
  if (left.size) parts.unshift(left);
  const rest = parts.slice(mostInvoices - 1);
  return rest.length > 1 ? [...parts.slice(0, mostInvoices - 1), summed(rest.flatMap((part) => [...part]))] : parts;
}

/** Takes at most so much of a line from what is left. */
function taken(left: Map<string, string>, lineId: string, most: string): [lineId: string, quantity: string][] {
  const rest = left.get(lineId);
  if (rest === undefined) return [];
  if (compareDecimals(rest, most) > 0) left.set(lineId, subtractDecimals(rest, most));
  else left.delete(lineId);
  return [[lineId, compareDecimals(rest, most) > 0 ? most : rest]];
}

const summed = (quantities: readonly [lineId: string, quantity: string][]): Quantities => {
  const sums = new Map<string, string>();
  for (const [lineId, quantity] of quantities) sums.set(lineId, addDecimals(sums.get(lineId) ?? '0', quantity));
  return sums;
};

/** What was invoiced, line by line, and will not be delivered: cancelled since, and not credited yet. */
export const creditDue = ({ lines }: Pick<Order, 'lines'>): { line: OrderLine; quantity: string }[] =>
  lines
    .map((line) => {
      const charged = subtractDecimals(line.invoiced, line.credited);
      return { line, quantity: subtractDecimals(charged, subtractDecimals(line.quantity, line.cancelled)) };
    })
    .filter(({ quantity }) => compareDecimals(quantity, '0') > 0);
