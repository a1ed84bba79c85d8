import * as z from 'zod';
import { CreditNote, creditNotesOf } from '../commerce/credit-note.ts';
import { Invoice, invoicesOfOrder } from '../commerce/invoice.ts';
import { Order } from '../commerce/order.ts';
import { isId, prefixOf } from '../core/ids.ts';
import type { Envelope } from '../events/event.ts';
import { Lead } from '../sales/lead.ts';
import { Opportunity } from '../sales/opportunity.ts';
import type { Command, Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import type { Action, Store } from '../store/store.ts';
import { revenueIn, yieldKey } from './campaign-yield.ts';

/**
 * What may change what came of a campaign: leads, opportunities, invoices and credit notes, also where they are archived or brought back;
 * and what people do with its mails.
 */
export const yieldEvents = [
  ...['lead.captured', 'lead.resubmitted', 'lead.updated', 'lead.archived', 'lead.restored'],
  ...['opportunity.opened', 'opportunity.updated', 'opportunity.moved', 'opportunity.won', 'opportunity.lost'],
  ...['opportunity.archived', 'opportunity.restored'],
  ...['invoice.issued', 'invoice.archived', 'creditNote.issued', 'activity.done'],
] as const;

/** What one record adds to the yield of a campaign; `writes` tells two that look alike apart. */
const Share = z.object({
  campaignId: z.string().optional(),
  adds: z.record(z.string(), z.int()),
  writes: z.int().default(0),
});
type Share = z.infer<typeof Share>;

const shareKey = (recordId: string) => ({ pk: `yield#${recordId}`, sk: `yield#${recordId}` });

const Named = z.object({ campaignId: z.string().optional() });

/**
 * Has the records looked at again that an event concerns, and answers the campaigns whose figures it may have changed. What it says does
 * not matter, only that there is something to look at: so repeats and reordering change nothing.
 */
export const keepYield: Command<Envelope, string[]> = async (crm, { type, recordId, data, changes }) => {
  if (type.startsWith('activity.')) return [Named.parse(data).campaignId].filter((id) => id !== undefined);
  const concerned = new Set<string>();
  // Also where it was before: whoever began this and did not get to the end has moved it already.
  for (const id of [changes['campaignId']?.old, changes['campaignId']?.new])
    if (typeof id === 'string') concerned.add(id);
  for (const id of await leaningOn(crm.store, recordId))
    for (const campaignId of await countAgain(crm, id)) concerned.add(campaignId);
  return [...concerned];
};

/** The records whose share leans on one: itself; on an opportunity also what was invoiced and credited of its order. */
async function leaningOn(store: Store, recordId: string): Promise<string[]> {
  const sale = isId('opp', recordId) ? await store.find(Opportunity, recordId) : undefined;
  if (!sale?.orderId) return [recordId];
  const listed = async (key: string) =>
    (await store.queryAll(ranges.under(key), true)).map((item) => String(item['recordId']));
  const invoiceIds = await listed(invoicesOfOrder(sale.orderId));
  const credits = await Promise.all(invoiceIds.map((id) => listed(creditNotesOf(id))));
  return [recordId, ...invoiceIds, ...credits.flat()];
}

/**
 * Brings the share of a record in line with what it is now, and answers the campaigns that it is or was of. It looks until there is nothing
 * left to exchange: whoever read something older may have come in between.
 */
async function countAgain(crm: Crm, recordId: string): Promise<Set<string>> {
  const campaigns = new Set<string>();
  let settled = false;
  while (!settled) {
    const item = await crm.store.get(shareKey(recordId));
    const known = item && Share.parse(item);
    // Only now the record: it is never older than what was counted of it.
    const share = { ...(await shareOf(crm.store, recordId)), writes: (known?.writes ?? 0) + 1 };
    for (const one of [known, share]) if (one?.campaignId) campaigns.add(one.campaignId);
    const sums = exchanged(crm.store, known, share);
    settled = !sums.length && known?.campaignId === share.campaignId;
    if (!settled) await exchange(crm, recordId, { known, share }, sums);
  }
  return campaigns;
}

/** A share in place of the one that was read, together with the sums, in one transaction. */
const exchange = (
  crm: Crm,
  recordId: string,
  { known, share }: { known: Share | undefined; share: Share },
  sums: readonly Action[],
): Promise<void> =>
  crm.commitAs(() => undefined, [], [crm.store.put({ ...shareKey(recordId), ...share }, asItWas(known)), ...sums]);

function asItWas(known: Share | undefined) {
  if (!known) return { ConditionExpression: 'attribute_not_exists(pk)' };
  // One that was kept before they were numbered.
  if (!known.writes) return { ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(writes)' };
  return { ConditionExpression: 'writes = :seen', ExpressionAttributeValues: { ':seen': known.writes } };
}

const nothing = { adds: {} };

/** What a record adds as it stands now: nothing where it is archived, or is not issued. */
async function shareOf(store: Store, recordId: string): Promise<Omit<Share, 'writes'>> {
  switch (prefixOf(recordId)) {
    case Lead.prefix:
      return named(await store.find(Lead, recordId), 'leads');
    case Opportunity.prefix:
      return named(await store.find(Opportunity, recordId), 'opportunities');
    case Invoice.prefix: {
      const invoice = await store.find(Invoice, recordId);
      return invoice && invoice.status !== 'draft' && !invoice.archivedAt ? billed(store, invoice, 1) : nothing;
    }
    case CreditNote.prefix: {
      const note = await store.find(CreditNote, recordId);
      return note ? billed(store, note, -1) : nothing;
    }
    default:
      return nothing;
  }
}

const named = (record: Lead | Opportunity | undefined, as: 'leads' | 'opportunities'): Omit<Share, 'writes'> =>
  record && !record.archivedAt ? { campaignId: record.campaignId, adds: { [as]: 1 } } : nothing;

async function billed(store: Store, { orderId, totals: { net } }: Invoice | CreditNote, sign: 1 | -1) {
  const campaignId = orderId && (await campaignOf(store, orderId));
  return { campaignId, adds: { [`${revenueIn}${net.currency}`]: sign * net.amount } };
}

/** The campaign that an order goes back to: that of its opportunity. */
async function campaignOf(store: Store, orderId: string): Promise<string | undefined> {
  const order = await store.find(Order, orderId);
  const opportunity = order?.opportunityId ? await store.find(Opportunity, order.opportunityId) : undefined;
  return opportunity?.campaignId;
}

function exchanged(store: Store, known: Share | undefined, share: Share) {
  const by = new Map<string, Map<string, number>>();
  const add = ({ campaignId, adds }: Share, sign: 1 | -1) => {
    if (!campaignId) return;
    const sums = by.get(campaignId) ?? new Map<string, number>();
    for (const [name, amount] of Object.entries(adds)) sums.set(name, (sums.get(name) ?? 0) + sign * amount);
    by.set(campaignId, sums);
  };
  if (known) add(known, -1);
  add(share, 1);
  return [...by].flatMap(([campaignId, sums]) => store.add(yieldKey(campaignId), sums));
}
