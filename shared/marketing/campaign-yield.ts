import * as z from 'zod';
import type { Store } from '../store/store.ts';

const Yield = z.object({ leads: z.int(), opportunities: z.int(), revenue: z.record(z.string(), z.int()) });
/** What came of a campaign; revenue in minor units by currency. */
export type Yield = z.infer<typeof Yield>;
export const noYield: Yield = { leads: 0, opportunities: 0, revenue: {} };

/** The sums of a campaign. */
export const yieldKey = (campaignId: string) => ({ pk: campaignId, sk: 'yield' });
/** What the sum of a currency is called, before the currency. */
export const revenueIn = 'revenue:';

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
