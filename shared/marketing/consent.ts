import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { accountOf, id, keyOf, partitionOf } from '../core/ids.ts';
import { Instant } from '../core/instant.ts';
import { eventsOf, type Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { type Kind, record } from '../store/record.ts';
import type { Store } from '../store/store.ts';

export const Topic = z.string().regex(/^[a-z][a-z0-9-]{0,49}$/i);
export const Channel = z.enum(['email', 'sms', 'phone']);
export const ConsentStatus = z.enum(['pending', 'granted', 'withdrawn']);

/** What a contact said to one topic on one channel, and how that can be proven. */
const said = {
  topic: Topic,
  channel: Channel.default('email'),
  status: ConsentStatus,
  source: z
    .string()
    .min(1)
    .max(100)
    .default('api')
    .meta({ description: 'Where it was said: form, api, import, link.' }),
  basis: z.enum(['consent', 'contract', 'legitimateInterest']).default('consent'),
  text: z.string().max(1_500).optional().meta({ description: 'The very text that was agreed to.' }),
  textHash: z.string().max(100).optional().meta({ description: 'SHA-256 of the very text that was agreed to.' }),
  textVersion: z.int().optional(),
  email: Email.optional().meta({ description: 'The address that it was said for.' }),
  at: Instant.optional().meta({ description: 'When it was said; now by default.' }),
  proof: z
    .record(z.string().max(50), z.string().max(300))
    .optional()
    .meta({ description: 'What shows it: the submission, a hash of the network address, the link that confirmed it.' }),
};
export const ConsentDetails = z.strictObject(said);
export type ConsentDetails = z.infer<typeof ConsentDetails>;

const ConsentRecord = z
  .object({ ...record('cns'), ...said, accountId: id('acc'), contactId: id('con'), at: z.iso.datetime() })
  .meta({ id: 'Consent' });
export type Consent = z.infer<typeof ConsentRecord>;

/** The newest word of a contact on a topic and channel. All words before are its events: nothing of a proof is overwritten. */
export const Consent: Kind<Consent> = { name: 'consent', prefix: 'cns', schema: ConsentRecord };

const event = eventsOf(
  Consent,
  ConsentRecord.pick({ contactId: true, topic: true, channel: true, status: true, source: true, at: true }),
);
const told = { pending: event('requested'), granted: event('granted'), withdrawn: event('withdrawn') } as const;

const short = (text: string) =>
  [...createHash('sha256').update(text).digest().subarray(0, 7)]
    .map((byte) => '0123456789abcdefghjkmnpqrstvwxyz'[byte % 32])
    .join('');
const stemOf = (contactId: string) => `cns_${partitionOf(contactId)}${short(contactId)}`;
/** A contact has one consent a topic and channel: its id follows from the three. */
export const consentId = (contactId: string, topic: string, channel: z.infer<typeof Channel>): string =>
  `${stemOf(contactId)}${short(`${topic.toLowerCase()}#${channel}`)}`;

/** All that a contact said, in one Query. */
export async function consentsOf(store: Store, contactId: string): Promise<Consent[]> {
  const items = await store.queryAll({ pk: accountOf(contactId)!, prefix: stemOf(contactId) }, true);
  return items.map((item) => Consent.schema.parse(item)).filter((consent) => consent.contactId === contactId);
}

/** Who of these contacts agreed to a topic: one BatchGet a hundred. */
export async function agreedAmong(store: Store, contactIds: readonly string[], topic: string): Promise<Set<string>> {
  const items = await store.getMany(contactIds.map((contactId) => keyOf(consentId(contactId, topic, 'email'))));
  return new Set(items.filter(({ status }) => status === 'granted').map(({ contactId }) => String(contactId)));
}

/** What one contact said, as the words of another: of somebody who moves to another account. The newer word of both holds. */
export async function consentsCarried(store: Store, from: string, to: string): Promise<Fact<Consent>[]> {
  const said = await consentsOf(store, from);
  const known = said.length ? await consentsOf(store, to) : [];
  return said.flatMap((consent) => {
    const id = consentId(to, consent.topic, consent.channel);
    const before = known.find((one) => one.id === id);
    if (before && before.at >= consent.at) return [];
    return [told[consent.status](before, { ...consent, id, accountId: accountOf(to)!, contactId: to })];
  });
}

/** Whether a consent says so already. A new text, source or basis is a new word: the proof of what was agreed to. */
const isSaid = (known: Consent, word: ConsentDetails): boolean =>
  (['status', 'source', 'basis', 'textHash', 'textVersion', 'email'] as const).every(
    (field) => word[field] === undefined || word[field] === known[field],
  );

/** Whether a word changes nothing: it is known, it came before what is known, or it asks again who agreed. */
const isMoot = (known: Consent, word: ConsentDetails, at: string): boolean =>
  Date.parse(at) < Date.parse(known.at) ||
  isSaid(known, word) ||
  (known.status === 'granted' && word.status === 'pending');

/** What a contact says, as facts: one for each consent that changes. The latest word counts, whenever it is told; none is of tomorrow. */
export async function consentFacts(
  crm: Pick<Crm, 'store' | 'now'>,
  contactId: string,
  words: readonly ConsentDetails[],
): Promise<Fact<Consent>[]> {
  const accountId = accountOf(contactId)!;
  const before = new Map((await consentsOf(crm.store, contactId)).map((consent) => [consent.id, consent]));
  const now = crm.now.toISOString();
  return words.flatMap((word) => {
    const consent = consentId(contactId, word.topic, word.channel);
    const known = before.get(consent);
    const at = word.at && Date.parse(word.at) < crm.now.getTime() ? word.at : now;
    if (known && isMoot(known, word, at)) return [];
    return [told[word.status](known, { ...word, id: consent, accountId, contactId, at })];
  });
}
