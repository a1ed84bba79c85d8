import * as z from 'zod';
import { addDays, addDuration, dateIn, instantAt, subtractDuration } from '../core/duration.ts';
import { accountOf, keyOf } from '../core/ids.ts';
import type { Action, Item, Store } from '../store/store.ts';
import { type Member, membersOf } from './audience.ts';
import { Consent, consentId } from './consent.ts';
import type { MarketingPolicy } from './marketing-policy.ts';
import { Suppression, suppressionId } from './suppression.ts';

/** Why somebody gets no marketing mail, in the order in which it is asked. */
export const SkipReason = z.enum([
  'noAddress',
  'erased',
  'suppressed',
  'consent.missing',
  'excluded',
  'frequencyCap',
  'quietHours',
]);
export type SkipReason = z.infer<typeof SkipReason>;

/** What the rule knows of a member beside the member. */
export interface Standing {
  readonly suppressed: boolean;
  /** What they said to the topic; `notAsked` for a mail that needs no consent (it never bypasses suppression). */
  readonly consent: Consent['status'] | 'notAsked' | undefined;
  readonly erased: boolean;
  readonly excluded: boolean;
  readonly lastMarketingAt?: string | undefined;
}

/** Whether a marketing mail may go out now. Where only time is in the way, `until` says from when it may. */
export type Eligible =
  | { readonly ok: true; readonly reason?: undefined; readonly until?: undefined }
  | { readonly ok: false; readonly reason: SkipReason; readonly until?: Date };

/**
 * Whether a member may get a marketing mail: valid address, not erased, not suppressed, consent to the topic, not excluded, frequency cap,
 * quiet hours in the recipient's zone. Asked when a mail is queued and again when it is sent.
 */
export function eligible(
  { email, timeZone }: Pick<Member, 'email' | 'timeZone'>,
  {
    suppressed,
    consent,
    erased,
    excluded,
    lastMarketingAt,
    now,
    policy,
  }: Standing & { now: Date; policy: Pick<MarketingPolicy, 'frequencyCap' | 'quietHours'> },
): Eligible {
  if (!email) return { ok: false, reason: 'noAddress' };
  if (erased) return { ok: false, reason: 'erased' };
  if (suppressed) return { ok: false, reason: 'suppressed' };
  if (consent !== 'granted' && consent !== 'notAsked') return { ok: false, reason: 'consent.missing' };
  if (excluded) return { ok: false, reason: 'excluded' };
  const free = lastMarketingAt && policy.frequencyCap && addDuration(new Date(lastMarketingAt), policy.frequencyCap);
  if (free && free > now) return { ok: false, reason: 'frequencyCap', until: free };
  const until = timeZone && policy.quietHours ? quietUntil(now, timeZone, policy.quietHours) : undefined;
  return until ? { ok: false, reason: 'quietHours', until } : { ok: true };
}

const minutesIn = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** When quiet hours that hold now end in a zone; undefined outside of them. Hours that end before they begin end the next day. */
export function quietUntil(
  now: Date,
  zone: string,
  { from, to }: NonNullable<MarketingPolicy['quietHours']>,
): Date | undefined {
  const today = dateIn(zone, now);
  const overNight = minutesIn(to) <= minutesIn(from);
  for (const day of [addDays(today, -1), today]) {
    const begins = instantAt(zone, day, minutesIn(from));
    const ends = instantAt(zone, overNight ? addDays(day, 1) : day, minutesIn(to));
    if (now >= begins && now < ends) return ends;
  }
  return undefined;
}

/** The item that says when a contact last got a marketing mail: beside the contact, as nothing but sending asks for it. */
const marketedKey = (contactId: string) => ({ pk: accountOf(contactId)!, sk: `marketed#${contactId}` });

/**
 * Notes a marketing mail to a contact: goes into the transaction that queues it. It fails there if another one went out in the meantime
 * that the cap counts, so that two senders at once cannot both pass.
 */
export const marketed = (
  store: Pick<Store, 'put'>,
  contactId: string,
  now: Date,
  { frequencyCap }: Pick<MarketingPolicy, 'frequencyCap'>,
): Action => {
  const item = { ...marketedKey(contactId), at: now.toISOString() };
  if (!frequencyCap) return store.put(item);
  return store.put(item, {
    ConditionExpression: 'attribute_not_exists(pk) OR #at <= :free',
    ExpressionAttributeNames: { '#at': 'at' },
    ExpressionAttributeValues: { ':free': subtractDuration(now, frequencyCap).toISOString() },
  });
};

/** What the rule must know of some members, for one topic: three keys a member, a hundred keys a BatchGet. */
export async function standingsOf(
  store: Store,
  members: readonly Pick<Member, 'contactId' | 'email' | 'excluded'>[],
  topic: string | undefined,
): Promise<Map<string, Standing>> {
  const keys = members.flatMap(({ contactId, email }) => [
    marketedKey(contactId),
    ...(email ? [keyOf(suppressionId(email))] : []),
    ...(topic ? [keyOf(consentId(contactId, topic, 'email'))] : []),
  ]);
  const items = await store.getMany([...new Map(keys.map((key) => [key.sk, key])).values()], true);
  const found = new Map(items.map((item) => [String(item['sk']), item]));
  return new Map(members.map((member) => [member.contactId, standingIn(found, member, topic)]));
}

function standingIn(
  found: ReadonlyMap<string, Item>,
  { contactId, email, excluded }: Pick<Member, 'contactId' | 'email' | 'excluded'>,
  topic: string | undefined,
): Standing {
  const suppression = email ? found.get(suppressionId(email)) : undefined;
  const consent = topic ? found.get(consentId(contactId, topic, 'email')) : undefined;
  const at = found.get(marketedKey(contactId).sk)?.['at'];
  return {
    suppressed: suppression ? Suppression.schema.parse(suppression).status === 'active' : false,
    consent: topic ? consent && Consent.schema.parse(consent).status : 'notAsked',
    erased: false,
    excluded,
    ...(at !== undefined && { lastMarketingAt: String(at) }),
  };
}

export interface StandsNow {
  /** Missing for who is erased or archived. */
  readonly member?: Member;
  readonly eligible: Eligible;
}

/** How each of some contacts stands now: who they are, and whether they may be written to. */
export async function eligibleNow(
  store: Store,
  contactIds: readonly string[],
  { topic, now, policy }: { topic: string | undefined; now: Date; policy: MarketingPolicy },
): Promise<Map<string, StandsNow>> {
  const members = new Map((await membersOf(store, contactIds)).map((member) => [member.contactId, member]));
  const standings = await standingsOf(store, [...members.values()], topic);
  return new Map(
    contactIds.map((contactId): [string, StandsNow] => {
      const member = members.get(contactId);
      if (!member) return [contactId, { eligible: { ok: false, reason: 'erased' } }];
      return [contactId, { member, eligible: eligible(member, { ...standings.get(contactId)!, now, policy }) }];
    }),
  );
}
