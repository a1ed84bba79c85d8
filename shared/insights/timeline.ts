import * as z from 'zod';
import { logOf } from '../core/ids.ts';
import { Envelope } from '../events/event.ts';
import { Paging, pageOf } from '../http/endpoint.ts';
import { Account } from '../sales/account.ts';
import type { Command } from '../store/command.ts';
import { cursorAt, type Page, positionOf } from '../store/list.ts';
import { type Range, ranges } from '../store/places.ts';

/** What a timeline is asked for. */
export const TimelineQuery = z.strictObject({
  ...Paging.shape,
  types: z
    .string()
    .max(1_000)
    .optional()
    .meta({ description: 'Types of events, with commas between them: `lead.captured,lead.qualified`.' }),
});
export const Timeline = pageOf(Envelope);

/** The events of an account, in its log. */
export const eventsIn = (accountId: string): Range => ranges.in(logOf(accountId), 'evt');

const rounds = 8;

/**
 * The history of an account, newest first. Types are picked out of what was read, at most eight pages of the log at a time: a page may be
 * short, and the end is only where there is no cursor.
 */
export const readTimeline: Command<z.infer<typeof TimelineQuery> & { id: string }, Page<Envelope>> = async (
  { store },
  { id, limit, cursor, types },
) => {
  await store.load(Account, id);
  const range = eventsIn(id);
  const wanted = types && new Set(types.split(',').map((type) => type.trim()));
  const data: Envelope[] = [];
  let before = cursor === undefined ? undefined : positionOf(cursor);
  for (let round = 0; round < rounds; round++) {
    const items = await store.query(range, limit + 1, before, true);
    for (const item of items.slice(0, limit)) {
      before = String(item['sk']).slice(range.prefix.length);
      if (!wanted || wanted.has(String(item['type']))) data.push(Envelope.parse(item));
      if (data.length === limit) break;
    }
    const last = items.at(-1)?.['sk'];
    if (items.length <= limit && (last === undefined || last === range.prefix + before))
      return { data, nextCursor: null };
    if (data.length === limit) break;
  }
  return { data, nextCursor: cursorAt(before!) };
};
