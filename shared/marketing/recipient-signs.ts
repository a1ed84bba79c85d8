import type { Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import { changing, findRecipient, namedBy, type Recipient, type Sign } from './recipient.ts';

/** A recipient after something happened to their mail: each is noted the first time only. Undefined where nothing is new. */
export function signed(recipient: Recipient, seen: readonly Sign[], at: Date): Recipient | undefined {
  const fresh = seen.filter((sign) => !recipient.signs[sign]);
  if (!fresh.length) return undefined;
  const times = Object.fromEntries(fresh.map((sign) => [sign, at.toISOString()]));
  return { ...recipient, signs: { ...recipient.signs, ...times } };
}

/** What happened to the recipient that a mail names, as parts of a transaction: none where it is known, or the mail is of no campaign. */
export async function signing(
  crm: Pick<Crm, 'store' | 'now'>,
  about: string,
  seen: readonly Sign[],
): Promise<Action[]> {
  const { campaignId, key } = namedBy(about);
  const before = await findRecipient(crm.store, campaignId, key);
  const after = before && signed(before, seen, crm.now);
  return after ? changing(crm.store, [{ before, after }]) : [];
}
