import type * as z from 'zod';
import type { Paged } from '../http/endpoint.ts';
import type { Command } from '../store/command.ts';
import { cursorAt, positionOf } from '../store/list.ts';
import type { Range } from '../store/places.ts';
import { Campaign } from './campaign.ts';
import { findRecipients, Recipient, type RecipientState, recipientRanges, shards } from './recipient.ts';

/** A recipient as it is shown. */
export const ShownRecipient = Recipient.omit({ campaignId: true, key: true, writes: true, attempts: true }).meta({
  id: 'CampaignRecipient',
});

interface Asked extends Omit<Paged, 'shows'> {
  id: string;
  state?: RecipientState | undefined;
}

/**
 * A page of the recipients of a campaign, all or those in a state: partition by partition, in each by its key. The cursor is a partition
 * and a position in it.
 */
export const listRecipients: Command<
  Asked,
  { data: z.infer<typeof ShownRecipient>[]; nextCursor: string | null }
> = async (crm, { id, state, limit, cursor }) => {
  await crm.load(Campaign, id);
  const [first = '0', ...rest] = (cursor === undefined ? '0' : positionOf(cursor)).split('/');
  let at = rest.join('/') || undefined;
  const data: Recipient[] = [];
  for (let n = Math.max(0, shards.indexOf(first as (typeof shards)[number])); n < shards.length; n++) {
    const shard = shards[n]!;
    const range: Range = state
      ? { ...recipientRanges.inState(id, state, shard), oldestFirst: false }
      : recipientRanges.all(id, shard);
    const items = await crm.store.query(range, limit - data.length, at, !state);
    const keys = items.map((item) => String(item['sk']).slice(4));
    const found = state ? await findRecipients(crm.store, id, keys) : undefined;
    data.push(
      ...(found
        ? keys.flatMap((key) => found.get(key) ?? []).filter((one) => one.state === state)
        : items.map((item) => Recipient.parse(item))),
    );
    const last = items.at(-1);
    if (last && data.length >= limit) {
      const position = String(last[range.index ? `${range.index}sk` : 'sk']).slice(range.prefix.length);
      return { data: data.map(shown), nextCursor: cursorAt(`${shard}/${position}`) };
    }
    at = undefined;
  }
  return { data: data.map(shown), nextCursor: null };
};

const shown = ({ campaignId: _, key: __, writes: ___, attempts: ____, ...recipient }: Recipient) => recipient;
