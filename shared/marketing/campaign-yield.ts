import * as z from 'zod';
import { CreditNote } from '../commerce/credit-note.ts';
import { Order } from '../commerce/order.ts';
import { Money } from '../core/money.ts';
import type { Envelope } from '../events/event.ts';
import { Opportunity } from '../sales/opportunity.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Store } from '../store/store.ts';

/** What may come of a campaign: the events of leads, opportunities, invoices and credit notes, and what people do with its mails. */
export const yieldEvents = [
  ...['lead.captured', 'lead.resubmitted', 'lead.updated'],
  ...['opportunity.opened', 'opportunity.updated', 'opportunity.moved', 'opportunity.won', 'opportunity.lost'],
  ...['invoice.issued', 'creditNote.issued', 'activity.done'],
] as const;

/** What one record adds to the yield of a campaign, as of a version of it. */
const Share = z.object({
  campaignId: z.string().optional(),
  recordVersion: z.int(),
  adds: z.record(z.string(), z.int()),
});
type Share = z.infer<typeof Share>;

const Yield = z.object({ leads: z.int(), opportunities: z.int(), revenue: z.record(z.string(), z.int()) });
/** What came of a campaign; revenue in minor units by currency. */
export type Yield = z.infer<typeof Yield>;
export const noYield: Yield = { leads: 0, opportunities: 0, revenue: {} };

const yieldKey = (campaignId: string) => ({ pk: campaignId, sk: 'yield' });
const shareKey = (recordId: string) => ({ pk: `yield#${recordId}`, sk: `yield#${recordId}` });
const revenueIn = 'revenue:';

/** What came of a campaign until now; undefined where nothing did. */
export async function readYield(store: Store, campaignId: string): Promise<Yield | undefined> {
  const item = await store.get(yieldKey(campaignId));
  if (!item) return undefined;
  const revenue = Object.entries(item).flatMap(([name, amount]) =>
    name.startsWith(revenueIn) ? [[name.slice(revenueIn.length), Number(amount)] as const] : [],
  );
  const count = (name: string) => Number(item[name] ?? 0);
  return { leads: count('leads'), opportunities: count('opportunities'), revenue: Object.fromEntries(revenue) };
}

const Named = z.object({ campaignId: z.string().optional() });
const Billed = z.object({ orderId: z.string().optional(), totals: z.object({ net: Money }) });

/**
 * Counts an event into the yield of its campaign, and answers the campaigns whose figures it may have changed: the sums and the record's
 * share in one transaction, each record by its newest version. So repeats and reordering change nothing, and a record that is given to
 * another campaign moves.
 */
export const keepYield: Command<Envelope, string[]> = async (crm, event) => {
  const { recordId, recordVersion, type, data } = event;
  if (type.startsWith('activity.')) return [Named.parse(data).campaignId].filter((id) => id !== undefined);
  const item = await crm.store.get(shareKey(recordId));
  const known = item && Share.parse(item);
  const concerned = (...shares: (Share | undefined)[]) => shares.flatMap((share) => share?.campaignId ?? []);
  if (known && known.recordVersion >= recordVersion) return concerned(known);
  const share = await shareOf(crm, event);
  if (!known && !share.campaignId) return [];
  await crm.commitAs(
    () => undefined,
    [],
    [
      crm.store.put(
        { ...shareKey(recordId), ...share },
        known
          ? {
              ConditionExpression: 'recordVersion = :known',
              ExpressionAttributeValues: { ':known': known.recordVersion },
            }
          : { ConditionExpression: 'attribute_not_exists(pk)' },
      ),
      ...exchanged(crm.store, known, share),
    ],
  );
  return concerned(known, share);
};

async function shareOf(crm: Crm, { type, recordVersion, data }: Envelope): Promise<Share> {
  if (type.startsWith('lead.')) return { ...Named.parse(data), recordVersion, adds: { leads: 1 } };
  if (type.startsWith('opportunity.')) return { ...Named.parse(data), recordVersion, adds: { opportunities: 1 } };
  const { orderId, totals } = Billed.parse(data);
  const sign = type.startsWith(`${CreditNote.name}.`) ? -1 : 1;
  const adds = { [`${revenueIn}${totals.net.currency}`]: sign * totals.net.amount };
  return { campaignId: orderId && (await campaignOf(crm, orderId)), recordVersion, adds };
}

/** The campaign that an order goes back to: that of its opportunity. */
async function campaignOf({ store }: Crm, orderId: string): Promise<string | undefined> {
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
