import * as z from 'zod';
import { keyOf } from '../core/ids.ts';
import type { Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import { Account, accountParty, firstOfDomain, isMatched, matchKey } from './account.ts';
import { blocksOf } from './match-blocks.ts';
import type { Party } from './match-party.ts';
import { Matching, MatchKey, match } from './match-rule.ts';

/** An account that may be the same: how sure that is, and what the two have in common. */
export const Candidate = z
  .object({ id: z.string(), name: z.string(), score: z.int(), keys: z.array(MatchKey) })
  .meta({ id: 'Candidate' });
export type Candidate = z.infer<typeof Candidate>;

const most = { candidates: 5, block: 50 };

/**
 * The accounts that may be the same as somebody, the surest first: five at the most, and none below the policy's `maybe`. One Query a block,
 * one BatchGet of who stands there; the holder of a domain is a unique key.
 */
export async function accountsLike(crm: Crm, party: Party, except?: string): Promise<Candidate[]> {
  const { store } = crm;
  const matching = await crm.policy(Matching);
  const holder = party.domain ? store.holderOf(firstOfDomain(party.domain)) : undefined;
  const blocks = blocksOf(party).filter(isMatched);
  const found = await Promise.all(
    blocks.map((block) => store.query(ranges.under(matchKey(block)), most.block, undefined, true)),
  );
  const ids = new Set([...found.flat().map((item) => String(item['recordId'])), await holder]);
  const keys = [...ids].flatMap((id) => (id && id !== except ? [keyOf(id)] : []));
  const accounts = (await store.getMany(keys, true)).map((item) => Account.schema.parse(item));
  return accounts
    .filter(({ archivedAt }) => !archivedAt)
    .map((account) => ({ id: account.id, name: account.name, ...match(party, accountParty(account), matching) }))
    .filter(({ score }) => score >= matching.maybe)
    .sort((a, b) => b.score - a.score)
    .slice(0, most.candidates);
}
