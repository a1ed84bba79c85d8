import * as z from 'zod';
import { Address } from '../core/contact-points.ts';
import { Percent, PositiveQuantity, Rounding } from '../core/decimal.ts';
import { id } from '../core/ids.ts';
import { Currency, Money } from '../core/money.ts';
import { Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, openIn, under, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { QuoteLineDetails } from './quote.ts';
import { Tax, TaxCategory } from './tax.ts';

export const InvoiceStatus = z.enum(['draft', 'issued', 'partlyPaid', 'paid', 'credited', 'writtenOff']);
export type InvoiceStatus = z.infer<typeof InvoiceStatus>;

/** A line as a client writes it. What a product or a line of the order says need not be said again. */
export const InvoiceLineDetails = QuoteLineDetails.extend({
  orderLineId: z.string().max(10).optional().meta({ description: 'A line of the order: its price holds.' }),
});
export type InvoiceLineDetails = z.infer<typeof InvoiceLineDetails>;

/** What can be said of an invoice beside its lines. */
const said = {
  contactId: id('con').optional().meta({ description: 'Who gets it by mail.' }),
  reference: Line.max(100).optional().meta({ description: "The customer's own reference." }),
  notes: Prose.max(2_000).optional(),
};

/** A new draft: what is invoiceable of an order, or lines of its own for an account. */
export const InvoiceDetails = z
  .strictObject({
    orderId: id('ord').optional(),
    accountId: id('acc').optional(),
    currency: Currency.optional(),
    lines: z.array(InvoiceLineDetails).min(1).max(200).optional(),
    ...said,
  })
  .refine(({ orderId, accountId, lines }) => (orderId ? !accountId && !lines : accountId && lines), {
    message: 'Either orderId, or accountId and lines',
  });
export type InvoiceDetails = z.infer<typeof InvoiceDetails>;

/** What may be changed of a draft. Lines may be sent as they were read: what is computed is computed again. */
export const EditableInvoice = z.strictObject({
  lines: z.array(z.object(InvoiceLineDetails.shape)).min(1).max(200),
  ...said,
});

export const InvoiceLine = z
  .object({
    id: z.string(),
    orderLineId: z.string().optional(),
    productId: id('prd').optional(),
    description: z.string(),
    quantity: PositiveQuantity,
    unitPrice: Money,
    discountPercent: Percent,
    taxCategory: TaxCategory,
    taxRate: Percent,
    net: Money,
  })
  .meta({ id: 'InvoiceLine' });
export type InvoiceLine = z.infer<typeof InvoiceLine>;

/** Who sold, and who bought, as they were when the document was issued. */
export const Seller = z.object({
  name: z.string(),
  address: Address,
  taxId: z.string().optional(),
  email: z.string().optional(),
  iban: z.string().optional(),
});
export const Buyer = z.object({ name: z.string(), address: Address.optional(), taxId: z.string().optional() });

/** What became of the gross: it is always paid + credited + writtenOff + open, to the minor unit. */
export const InvoiceSums = z
  .object({ net: Money, tax: Money, gross: Money, paid: Money, credited: Money, writtenOff: Money, open: Money })
  .meta({ id: 'InvoiceSums' });
export type InvoiceSums = z.infer<typeof InvoiceSums>;

/** A claim on a customer. From its issue on only what becomes of the claim changes. */
const InvoiceRecord = z
  .object({
    ...record('inv'),
    accountId: id('acc'),
    orderId: id('ord').optional(),
    ...said,
    currency: z.string(),
    status: InvoiceStatus,
    number: z.string().optional().meta({ description: 'From its issue on; without gaps within a year.' }),
    issuedAt: z.iso.datetime().optional(),
    issuedOn: z.iso.date().optional(),
    dueOn: z.iso.date().optional(),
    dueEndsAt: z.iso.datetime().optional().meta({ description: 'The last instant in which it is not overdue.' }),
    seller: Seller.optional(),
    buyer: Buyer.optional(),
    lines: z.array(InvoiceLine),
    taxes: z.array(Tax),
    totals: InvoiceSums,
    rounding: Rounding.optional().meta({ description: 'How it was rounded at issue; its credit notes are too.' }),
    paymentUrl: z
      .string()
      .optional()
      .meta({ description: "The provider's page on which it is paid, if there is one." }),
    disputed: z.boolean().optional().meta({ description: 'Nobody is reminded while it is.' }),
    dispute: z
      .object({ reason: z.string(), at: z.iso.datetime(), by: z.string().optional() })
      .optional()
      .meta({ description: 'Why; `by` is what the payment provider calls the dispute, where it came from there.' }),
    promisedOn: z.iso.date().optional().meta({ description: 'By when it is to be paid; nobody is reminded before.' }),
    overdueAt: z.iso.datetime().optional().meta({ description: 'Since when it is known to be overdue.' }),
    dunningLevel: z.string().optional().meta({ description: 'The last level of dunning that was taken.' }),
    nextStepAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'When the next level of dunning is taken; missing once a person has the invoice.' }),
    handedOverAt: z.iso.datetime().optional(),
    openTaskId: z.string().optional(),
    writtenOff: z.object({ reason: z.string(), at: z.iso.datetime() }).optional(),
  })
  .meta({ id: 'Invoice' });
export type Invoice = z.infer<typeof InvoiceRecord>;

/** The unique key of an invoice's number, by which it is found. */
export const invoiceNumberKey = (number: string): string => `number#invoice#${number}`;
/** Under which the invoices of an order stand. */
export const invoicesOfOrder = (orderId: string): string => `invoice#${orderId}`;

/** Whether money is still expected. */
export const isCollected = (status: InvoiceStatus): boolean => status === 'issued' || status === 'partlyPaid';

export const Invoice: Kind<Invoice> = {
  name: 'invoice',
  prefix: 'inv',
  schema: InvoiceRecord,
  unique: ({ number }) => (number ? [invoiceNumberKey(number)] : []),
  places: ({ id, accountId, orderId, number, status, dueOn, dueEndsAt, overdueAt, totals, createdAt }) => ({
    // The queue of the sweep: what becomes overdue without anybody doing anything.
    ...(isCollected(status) && dueEndsAt && !overdueAt && { gsi1: workOf('sweep', 'invoice', 'due', dueEndsAt, id) }),
    gsi2: inState('invoice', status, createdAt, id),
    ...((status === 'draft' || isCollected(status)) && {
      gsi3: openIn(accountId, 'invoice', id),
      card: { id, number, status, dueOn, orderId, gross: totals.gross, open: totals.open },
    }),
    shared: orderId ? [under(invoicesOfOrder(orderId), id)] : [],
  }),
};

const event = eventsOf(
  Invoice,
  InvoiceRecord.pick({
    status: true,
    number: true,
    orderId: true,
    issuedOn: true,
    dueOn: true,
    totals: true,
    nextStepAt: true,
    dunningLevel: true,
    disputed: true,
    promisedOn: true,
  }),
);
export const InvoiceDrafted = event('drafted');
export const InvoiceUpdated = event('updated');
export const InvoiceArchived = event('archived');
export const InvoiceRestored = event('restored');
export const InvoiceIssued = event('issued');

const collected = ['issued', 'partlyPaid'] as const;
/** The life of an invoice. Where a move has no state to lead to, the sums say which it is: see `statusOf`. */
export const invoiceMoves = {
  issue: { from: ['draft'], event: InvoiceIssued },
  pay: { from: collected, event: event('partlyPaid') },
  settle: { from: collected, event: event('paid') },
  credit: { from: [...collected, 'paid'], event: event('credited') },
  writeOff: { from: collected, to: 'writtenOff', event: event('writtenOff') },
  takeBack: { from: [...collected, 'paid', 'writtenOff'], event: InvoiceUpdated },
  chargeBack: { from: [...collected, 'paid', 'writtenOff'], event: event('disputed') },
  dispute: { from: collected, event: event('disputed') },
  settleDispute: { from: collected, event: InvoiceUpdated },
  promise: { from: collected, event: event('promised') },
  remind: { from: collected, event: event('reminded') },
  hold: { from: collected, event: InvoiceUpdated },
  handOver: { from: collected, event: InvoiceUpdated },
  markOverdue: { from: collected, event: event('overdue') },
} as const;
export const moveInvoice = mover<Invoice, InvoiceStatus, typeof invoiceMoves>('invoice', invoiceMoves);
