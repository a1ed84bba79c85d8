import * as z from 'zod';
import { Percent, PositiveQuantity } from '../core/decimal.ts';
import { id } from '../core/ids.ts';
import { Currency, Money } from '../core/money.ts';
import { Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, inThread, under, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Price } from './product.ts';
import { QuoteTotals } from './quote-totals.ts';
import { TaxCategory } from './tax.ts';

export const QuoteStatus = z.enum([
  'draft',
  'inApproval',
  'approved',
  'sent',
  'accepted',
  'declined',
  'expired',
  'superseded',
]);
export type QuoteStatus = z.infer<typeof QuoteStatus>;

/** A line as a client writes it: what the product says need not be said again. */
export const QuoteLineDetails = z.strictObject({
  productId: id('prd').optional(),
  description: Prose.trim().min(1).max(500).optional(),
  quantity: PositiveQuantity,
  unitPrice: Price.optional(),
  discountPercent: Percent.optional(),
  taxCategory: TaxCategory.optional(),
});
export type QuoteLineDetails = z.infer<typeof QuoteLineDetails>;

/** What can be said of a quote beside its lines. */
const said = {
  contactId: id('con').optional(),
  discountPercent: Percent.optional().meta({ description: 'Off the whole quote, after the discounts of its lines.' }),
  validUntilOn: z.iso.date().optional(),
  terms: Prose.max(10_000).optional(),
};
export const QuoteDetails = z.strictObject({
  opportunityId: id('opp'),
  currency: Currency.optional(),
  lines: z.array(QuoteLineDetails).max(200).default([]),
  ...said,
});
export type QuoteDetails = z.infer<typeof QuoteDetails>;
/** What may be changed of a draft. Lines may be sent as they were read. */
export const EditableQuote = z.strictObject({ lines: z.array(z.object(QuoteLineDetails.shape)).max(200), ...said });

/** A line with its price as it was when it was written: a later price list changes nothing. */
export const QuoteLine = z
  .object({
    id: z.string(),
    productId: id('prd').optional(),
    description: z.string(),
    quantity: PositiveQuantity,
    unitPrice: Money,
    listPrice: Money.optional().meta({ description: "The product's price when the line was written." }),
    discountPercent: Percent,
    taxCategory: TaxCategory,
    net: Money.meta({ description: 'After its own discount and its share of the discount on the whole.' }),
  })
  .meta({ id: 'QuoteLine' });
export type QuoteLine = z.infer<typeof QuoteLine>;

const QuoteRecord = z
  .object({
    ...record('quo'),
    ...said,
    accountId: id('acc'),
    opportunityId: id('opp'),
    number: z.string(),
    revision: z.int(),
    revisionOf: id('quo')
      .optional()
      .meta({ description: 'The revision that this one takes the place of when it is sent.' }),
    status: QuoteStatus,
    currency: z.string(),
    lines: z.array(QuoteLine),
    totals: QuoteTotals,
    validUntilOn: z.iso.date(),
    expiresAt: z.iso.datetime().meta({ description: 'The end of `validUntilOn`.' }),
    submittedBy: z.string().optional(),
    approvalReasons: z
      .array(z.string())
      .optional()
      .meta({ description: 'What was beyond the limits when it was last submitted.' }),
    approvedBy: z.string().optional(),
    approverId: id('usr').optional(),
    askedApprovers: z.array(id('usr')).max(20).optional(),
    approvalReminded: z.boolean().optional().meta({ description: 'The last who can be asked was told once more.' }),
    nextStepAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'By when it must be approved, or somebody else is asked.' }),
    openTaskId: z.string().optional(),
    contentHash: z.string().optional().meta({ description: 'SHA-256 of what the customer was sent.' }),
    sentAt: z.iso.datetime().optional(),
    acceptance: z.object({ name: z.string(), at: z.iso.datetime(), contentHash: z.string() }).optional(),
    rejection: z.object({ reason: z.string(), by: z.string() }).optional(),
    declineReason: z.string().optional(),
    orderId: id('ord').optional(),
  })
  .meta({ id: 'Quote' });
export type Quote = z.infer<typeof QuoteRecord>;

/** An offer to a customer. Once sent it never changes; a revision takes its place. */
export const Quote: Kind<Quote> = {
  name: 'quote',
  prefix: 'quo',
  schema: QuoteRecord,
  // A number is counted once; a revision of it is drafted by whoever comes first.
  unique: ({ number, revision, archivedAt }) =>
    revision > 1 && !archivedAt ? [`${quoteNumberKey(number)}#${revision}`] : [],
  places: ({ id, opportunityId, number, revision, status, totals, expiresAt, createdAt }) => ({
    // The queue of the sweep: what expires without anybody doing anything.
    ...(status === 'sent' && { gsi1: workOf('sweep', 'quote', 'due', expiresAt, id) }),
    gsi2: inState('quote', status, createdAt, id),
    gsi3: inThread(opportunityId, 'quote', id),
    card: { id, number, revision, status, gross: totals.gross },
    shared: [under(quoteNumberKey(number), id)],
  }),
};

/** Under which all revisions of a quote stand. */
export const quoteNumberKey = (number: string): string => `number#quote#${number}`;

const event = eventsOf(
  Quote,
  QuoteRecord.pick({
    status: true,
    number: true,
    revision: true,
    opportunityId: true,
    totals: true,
    nextStepAt: true,
    orderId: true,
  }),
);
export const QuoteDrafted = event('drafted');
export const QuoteUpdated = event('updated');
export const QuoteArchived = event('archived');
export const QuoteRestored = event('restored');
export const QuoteSubmitted = event('submitted');

/** The life of a quote. Whether a submitted one needs approval is a rule: see `submitQuote`. */
export const quoteMoves = {
  submit: { from: ['draft'], event: QuoteSubmitted },
  recall: { from: ['inApproval'], to: 'draft', event: event('recalled') },
  reject: { from: ['inApproval'], to: 'draft', event: event('rejected') },
  approve: { from: ['inApproval'], to: 'approved', event: event('approved') },
  escalate: { from: ['inApproval'], to: 'inApproval', event: QuoteUpdated },
  send: { from: ['approved'], to: 'sent', event: event('sent') },
  accept: { from: ['sent'], to: 'accepted', event: event('accepted') },
  decline: { from: ['sent'], to: 'declined', event: event('declined') },
  expire: { from: ['sent'], to: 'expired', event: event('expired') },
  supersede: {
    from: ['draft', 'inApproval', 'approved', 'sent', 'declined', 'expired'],
    to: 'superseded',
    event: event('superseded'),
  },
} as const;
export const moveQuote = mover<Quote, QuoteStatus, typeof quoteMoves>('quote', quoteMoves);

/** From which states a new revision is made. */
export const revisable: readonly QuoteStatus[] = ['approved', 'sent', 'declined', 'expired'];
