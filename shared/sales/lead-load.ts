import { keyOf } from '../core/ids.ts';
import type { Load } from '../people/assign.ts';
import type { Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import type { Action, Item } from '../store/store.ts';
import type { LeadStatus } from './lead.ts';

/** A lead in one of these waits for its owner. One that is nurtured takes nobody's time. */
const atHand: readonly LeadStatus[] = ['new', 'assigned', 'working', 'qualified'];

/** The index is surely up to date after so long. */
const indexLagMilliseconds = 10_000;
const pageSize = 1_000;

/** What somebody was given last: an item beside them, so that their capacity holds while many leads come at once. */
interface Given {
  n: number;
  leads: { id: string; at: number }[];
}

/**
 * How many leads somebody has at hand: what the index says (within a second), and what they were given since. Whoever gives them one more
 * writes what they were given, on condition that nobody did in between.
 */
export async function leadsAtHand(
  crm: Crm,
  { id: userId, capacity }: { id: string; capacity: number },
  leadId: string,
): Promise<Load> {
  const { store, now } = crm;
  const key = { pk: `given#${userId}`, sk: `given#${userId}` };
  const given = (await store.get(key)) as (Item & Given) | undefined;
  const lately = (given?.leads ?? []).filter(({ at }) => at > now.getTime() - indexLagMilliseconds);
  const theirs = new Set(await ofIndex(crm, userId, capacity));
  const unseen = lately.filter(({ id }) => !theirs.has(id)).map(({ id }) => keyOf(id));
  for (const lead of unseen.length ? await store.getMany(unseen, true) : [])
    if (lead['ownerId'] === userId && !lead['archivedAt'] && atHand.includes(lead['status'] as LeadStatus))
      theirs.add(String(lead['id']));
  const leads = [...lately, { id: leadId, at: now.getTime() }];
  return { atHand: theirs.size, also: [store.put({ ...key, ...next(given, leads, now) }, unchanged(given))] };
}

const next = (given: Given | undefined, leads: Given['leads'], now: Date) => ({
  n: (given?.n ?? 0) + 1,
  leads,
  expiresAt: Math.floor(now.getTime() / 1_000) + 3_600,
});

const unchanged = (given: Given | undefined): Partial<Action['Put']> =>
  given
    ? { ConditionExpression: 'n = :seen', ExpressionAttributeValues: { ':seen': given.n } }
    : { ConditionExpression: 'attribute_not_exists(pk)' };

/** The leads that the index knows of, no more than are enough to tell that it is too many. */
async function ofIndex({ store }: Crm, userId: string, enough: number): Promise<string[]> {
  const found: string[] = [];
  for (const status of atHand) {
    const left = enough - found.length;
    if (left <= 0) break;
    const range = ranges.workOf(userId, 'lead', status);
    const items =
      left > pageSize ? await store.queryAll(range, false, undefined, left) : await store.query(range, left);
    found.push(...items.map(({ sk }) => String(sk)));
  }
  return found;
}
