import * as z from 'zod';
import { Percent, Quantity } from '../core/decimal.ts';
import { id } from '../core/ids.ts';
import { Money } from '../core/money.ts';
import { eventsOf } from '../events/event.ts';
import { inState, under } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Buyer, Seller } from './invoice.ts';
import { Credit, InvoiceTotals } from './invoice-totals.ts';
import { Tax, TaxCategory } from './tax.ts';

export const CreditNoteLine = z
  .object({
    lineId: z.string().meta({ description: 'The line of the invoice.' }),
    description: z.string(),
    quantity: Quantity,
    unitPrice: Money,
    discountPercent: Percent,
    taxCategory: TaxCategory,
    taxRate: Percent,
    net: Money,
  })
  .meta({ id: 'CreditNoteLine' });

/** What is given back of an invoice, at the invoice's own rates; all amounts are positive. It never changes. */
const CreditNoteRecord = z
  .object({
    ...record('crn'),
    accountId: id('acc'),
    invoiceId: id('inv'),
    invoiceNumber: z.string(),
    orderId: id('ord').optional(),
    contactId: id('con').optional(),
    reference: z.string().optional(),
    number: z.string(),
    issuedOn: z.iso.date(),
    currency: z.string(),
    status: z.literal('issued'),
    reason: z.string(),
    seller: Seller,
    buyer: Buyer,
    lines: z.array(CreditNoteLine).meta({ description: 'None where an amount was credited.' }),
    taxes: z.array(Tax),
    totals: InvoiceTotals,
    released: z
      .array(z.object({ paymentId: id('pay'), amount: Money }))
      .meta({ description: 'What had been paid: it is unapplied of these payments again.' }),
  })
  .meta({ id: 'CreditNote' });
export type CreditNote = z.infer<typeof CreditNoteRecord>;

/** Under which the credit notes of an invoice stand. */
export const creditNotesOf = (invoiceId: string): string => `creditNote#${invoiceId}`;

export const CreditNote: Kind<CreditNote> = {
  name: 'creditNote',
  prefix: 'crn',
  schema: CreditNoteRecord,
  unique: ({ number }) => [`number#creditNote#${number}`],
  places: ({ id, invoiceId, createdAt }) => ({
    gsi2: inState('creditNote', 'issued', createdAt, id),
    shared: [under(creditNotesOf(invoiceId), id)],
  }),
};

export const CreditNoteIssued = eventsOf(
  CreditNote,
  CreditNoteRecord.pick({ invoiceId: true, orderId: true, number: true, issuedOn: true, totals: true, status: true }),
)('issued');

/** A credit note as the next one counts it. */
export const creditOf = ({ lines, taxes, totals }: CreditNote): Credit =>
  Credit.parse({
    lines: lines.map(({ lineId, quantity, net, taxCategory }) => ({ lineId, quantity, net, taxCategory })),
    taxes,
    totals,
  });
