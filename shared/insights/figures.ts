import * as z from 'zod';
import { type Money, Money as MoneySchema } from '../core/money.ts';
import type { Envelope } from '../events/event.ts';

/** What changes the figures of an account. */
export const figureEvents = [
  'order.confirmed',
  'invoice.issued',
  'invoice.partlyPaid',
  'invoice.paid',
  'invoice.credited',
  'invoice.writtenOff',
  'invoice.updated',
  'creditNote.issued',
  'activity.done',
] as const;

/** Minor units by currency. */
const Sums = z.record(z.string(), z.int());
type Sums = z.infer<typeof Sums>;

/** The figures of an account as they are kept beside it; revenue is net of tax: issued less credited. */
export const KeptFigures = z.object({
  revenue: Sums,
  openReceivables: Sums,
  lastOrderAt: z.iso.datetime().optional(),
  lastContactAt: z.iso.datetime().optional(),
});
export type KeptFigures = z.infer<typeof KeptFigures>;
export const noFigures: KeptFigures = { revenue: {}, openReceivables: {} };

/** The figures as they are shown: in the currency of the deployment. */
export const Figures = KeptFigures.extend({ revenue: MoneySchema, openReceivables: MoneySchema }).meta({
  id: 'Figures',
});
export type Figures = z.infer<typeof Figures>;

/** What one record adds to the sums, as of a version of it. */
export const Share = z.object({
  recordId: z.string(),
  recordVersion: z.int(),
  currency: z.string(),
  revenue: z.int(),
  openReceivables: z.int(),
});
export type Share = z.infer<typeof Share>;

/** What an event says of the figures. */
export interface Contribution {
  share?: Share;
  lastOrderAt?: string;
  lastContactAt?: string;
}

const Claim = z.object({ totals: z.object({ net: MoneySchema, open: MoneySchema }) });
const Credit = z.object({ totals: z.object({ net: MoneySchema }) });
const Contact = z.object({ kind: z.string(), direction: z.string().optional(), occurredAt: z.string() });

/** Invoices and credit notes add to the sums, orders and what was said to or by the customer to the dates. A note is for us alone. */
export function contributionOf({ type, status, recordId, recordVersion, occurredAt, data }: Envelope): Contribution {
  if (type === 'order.confirmed') return { lastOrderAt: occurredAt };
  if (type === 'activity.done') {
    const { kind, direction, occurredAt: at } = Contact.parse(data);
    return kind === 'note' && !direction ? {} : { lastContactAt: at };
  }
  if (type === 'creditNote.issued') {
    const { net } = Credit.parse(data).totals;
    const revenue = 0 - net.amount;
    return { share: { recordId, recordVersion, currency: net.currency, revenue, openReceivables: 0 } };
  }
  if (!type.startsWith('invoice.') || status === 'draft') return {};
  const { net, open } = Claim.parse(data).totals;
  return {
    share: { recordId, recordVersion, currency: net.currency, revenue: net.amount, openReceivables: open.amount },
  };
}

/**
 * The figures after an event, or undefined if it says nothing new: a share counts from its newest version, a date is the latest there
 * was. So repeats and reordering change nothing.
 */
export function countedIn(
  figures: KeptFigures,
  known: Share | undefined,
  { share, lastOrderAt, lastContactAt }: Contribution,
): { figures: KeptFigures; share?: Share } | undefined {
  const newer = share && share.recordVersion > (known?.recordVersion ?? 0) ? share : undefined;
  const ordered = later(figures.lastOrderAt, lastOrderAt);
  const contacted = later(figures.lastContactAt, lastContactAt);
  if (!newer && ordered === figures.lastOrderAt && contacted === figures.lastContactAt) return undefined;
  const counted = {
    revenue: newer ? exchanged(figures.revenue, 'revenue', known, newer) : figures.revenue,
    openReceivables: newer
      ? exchanged(figures.openReceivables, 'openReceivables', known, newer)
      : figures.openReceivables,
    ...(ordered && { lastOrderAt: ordered }),
    ...(contacted && { lastContactAt: contacted }),
  };
  return { figures: counted, ...(newer && { share: newer }) };
}

const later = (one: string | undefined, other: string | undefined): string | undefined =>
  !other || (one && Date.parse(one) >= Date.parse(other)) ? one : other;

/** A sum with a record's former share taken out and its new one put in. */
function exchanged(sums: Sums, of: 'revenue' | 'openReceivables', known: Share | undefined, share: Share): Sums {
  const changed = { ...sums };
  if (known) changed[known.currency] = (changed[known.currency] ?? 0) - known[of];
  changed[share.currency] = (changed[share.currency] ?? 0) + share[of];
  return changed;
}

/** The figures in one currency. */
export function shownFigures({ revenue, openReceivables, ...dates }: KeptFigures, currency: string): Figures {
  const amount = (sums: Sums): Money => ({ amount: sums[currency] ?? 0, currency });
  return { ...dates, revenue: amount(revenue), openReceivables: amount(openReceivables) };
}
