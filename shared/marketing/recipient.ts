import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import { messageKey } from '../mail/mail.ts';
import type { Crm } from '../store/command.ts';
import type { Range } from '../store/places.ts';
import type { Action, Item, Store } from '../store/store.ts';

export const RecipientState = z.enum(['queued', 'sending', 'sent', 'skipped', 'failed', 'unknown']);
export type RecipientState = z.infer<typeof RecipientState>;
/** What can happen to a mail after SES has taken it: each is noted once, with its time. */
export const signs = [
  'accepted',
  'delivered',
  'bounced',
  'complained',
  'opened',
  'openedByHuman',
  'clicked',
  'clickedByHuman',
  'replied',
  'unsubscribed',
] as const;
export type Sign = (typeof signs)[number];

/**
 * One recipient of a campaign, and the only place that says whether they got their mail. An item and not a record: ten thousand of them are
 * no business events. Its key follows from campaign and address, so that nobody is in a campaign twice.
 */
export const Recipient = z.object({
  campaignId: id('cmp'),
  key: z.string().meta({ description: 'The hash of the address: names the recipient in tags and links.' }),
  contactId: id('con'),
  email: Email.optional(),
  arm: z.string(),
  state: RecipientState,
  /** Since when it is in its state; of a queued one, from when on it may be sent. */
  since: z.iso.datetime(),
  reason: z.string().optional(),
  attempts: z.int(),
  messageId: z.string().optional(),
  signs: z.partialRecord(z.enum(signs), z.iso.datetime()),
  leadId: z.string().optional(),
  writes: z.int(),
});
export type Recipient = z.infer<typeof Recipient>;

/** The recipients of a campaign and its counts lie in sixteen partitions. */
export const shards = [...'0123456789abcdef'] as const;
export type Shard = (typeof shards)[number];

/** The key of a recipient, from the address (or from the contact, who has none). Its first character is its partition. */
export const recipientKey = (campaignId: string, address: string): string =>
  createHash('sha256').update(`${campaignId}#${address.toLowerCase()}`).digest('hex').slice(0, 32);

const prefix = 'rcp_';
export const keyOfRecipient = (campaignId: string, key: string) => ({
  pk: `${campaignId}#${key.slice(0, 1)}`,
  sk: `${prefix}${key}`,
});
const countsKey = (campaignId: string, shard: string) => ({ pk: `${campaignId}#${shard}`, sk: 'counts' });

/** How a mail names the recipient whose it is: in its links, and in the proof of a withdrawn consent. */
export const aboutOf = ({ campaignId, key }: Pick<Recipient, 'campaignId' | 'key'>): string => `${campaignId}/${key}`;

/** The recipient that a mail names: campaign and key. */
export const namedBy = (about: string): { campaignId: string; key: string } => {
  const [campaignId = '', key = ''] = about.split('/');
  return { campaignId, key };
};

/** Where the recipients of a partition are listed: all of them, or those in a state, longest in it first. */
export const recipientRanges = {
  all: (campaignId: string, shard: Shard): Range => ({ pk: `${campaignId}#${shard}`, prefix }),
  inState: (campaignId: string, state: RecipientState, shard: Shard): Range => ({
    index: 'gsi2',
    pk: `${campaignId}#${state}#${shard}`,
    prefix: '',
    oldestFirst: true,
  }),
};

/** What a recipient adds to the counts of a campaign, by arm. Everything that `/results` shows of mails is a sum of these. */
export function countedAs({ arm, state, reason = 'other', signs: seen }: Recipient): string[] {
  const counted = state === 'skipped' ? [state, `skipped:${reason}`] : [state];
  return [...counted, ...Object.keys(seen)].map((what) => `${arm}:${what}`);
}

/** A recipient before and after: `before` undefined puts them into the campaign. */
export interface Change {
  before?: Recipient | undefined;
  after: Omit<Recipient, 'writes'>;
}

/**
 * Changes of recipients of one campaign as parts of one transaction: each on condition that nobody changed it since, and with them the
 * counts of their partitions by difference. So the counts are exactly what the recipients add up to, whatever fails or comes twice.
 */
export function changing(store: Store, changes: readonly Change[]): Action[] {
  const differences = new Map<string, Map<string, number>>();
  const items = changes.map(({ before, after }) => {
    const next: Recipient = { ...after, writes: (before?.writes ?? 0) + 1 };
    const { pk } = keyOfRecipient(next.campaignId, next.key);
    const difference = differences.get(pk) ?? new Map<string, number>();
    differences.set(pk, difference);
    const add = (names: readonly string[], by: number) => {
      for (const name of names) difference.set(name, (difference.get(name) ?? 0) + by);
    };
    if (before) add(countedAs(before), -1);
    add(countedAs(next), 1);
    return store.put(
      asItem(next),
      before
        ? { ConditionExpression: 'writes = :seen', ExpressionAttributeValues: { ':seen': before.writes } }
        : { ConditionExpression: 'attribute_not_exists(pk)' },
    );
  });
  const named = changes.flatMap(({ before, after }) =>
    after.messageId && after.messageId !== before?.messageId ? [answeredBy(store, after, after.messageId)] : [],
  );
  return [
    ...items,
    ...named,
    ...[...differences].flatMap(([pk, difference]) => store.add({ pk, sk: 'counts' }, difference)),
  ];
}

/** The look-up by which an answer to the mail is found: it answers the campaign. */
const answeredBy = (store: Store, { campaignId }: Change['after'], messageId: string): Action => {
  const key = messageKey(messageId);
  return store.put({ pk: key, sk: key, recordId: campaignId });
};

const asItem = (recipient: Recipient): Item => {
  const { campaignId, key, state, since } = recipient;
  return {
    ...keyOfRecipient(campaignId, key),
    ...recipient,
    gsi2pk: `${campaignId}#${state}#${key.slice(0, 1)}`,
    gsi2sk: `${since}#${key}`,
  };
};

/** Commits changes of recipients, with what else must hold. Throws `Overtaken` where somebody came first. */
export const changeRecipients = (crm: Crm, changes: readonly Change[], also: readonly Action[] = []): Promise<void> =>
  crm.commitAs(() => undefined, [], [...changing(crm.store, changes), ...also]);

/** Recipients by their keys, as they are now; those that the campaign does not know are missing. */
export async function findRecipients(
  store: Store,
  campaignId: string,
  keys: readonly string[],
): Promise<Map<string, Recipient>> {
  const items = await store.getMany(
    keys.map((key) => keyOfRecipient(campaignId, key)),
    true,
  );
  return new Map(items.map((item) => Recipient.parse(item)).map((recipient) => [recipient.key, recipient]));
}

/** One recipient as it is now; undefined where the campaign knows none under the key. */
export const findRecipient = async (store: Store, campaignId: string, key: string): Promise<Recipient | undefined> =>
  (await findRecipients(store, campaignId, [key])).get(key);

/** The recipients in a state of a partition, longest in it first: at most `limit` whose time came before `until`. */
export async function recipientsIn(
  store: Store,
  campaignId: string,
  state: RecipientState,
  shard: Shard,
  { limit, until }: { limit: number; until?: string },
): Promise<Recipient[]> {
  const found = await store.query(recipientRanges.inState(campaignId, state, shard), limit, until);
  const keys = found.map((item) => String(item['sk']).slice(prefix.length));
  // The index may be behind the table: what the table says holds.
  const now = await findRecipients(store, campaignId, keys);
  return keys.flatMap((key) => now.get(key) ?? []).filter((recipient) => recipient.state === state);
}

/** Counter -> amount, by arm: `counts.get('main')?.get('sent')`. */
export type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** All counts of a campaign, exactly as they are now: one BatchGet. */
export async function countsOf(store: Store, campaignId: string): Promise<Counts> {
  const items = await store.getMany(
    shards.map((shard) => countsKey(campaignId, shard)),
    true,
  );
  const arms = new Map<string, Map<string, number>>();
  for (const item of items)
    for (const [name, amount] of Object.entries(item)) {
      const [, arm, what] = /^([^:]+):(.+)$/.exec(name) ?? [];
      if (!arm || !what) continue;
      const counts = arms.get(arm) ?? new Map<string, number>();
      arms.set(arm, counts.set(what, (counts.get(what) ?? 0) + Number(amount)));
    }
  return arms;
}

/** One count, of all arms together. */
export const totalOf = (counts: Counts, what: string): number =>
  [...counts.values()].reduce((sum, arm) => sum + (arm.get(what) ?? 0), 0);
