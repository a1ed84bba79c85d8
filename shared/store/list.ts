import * as z from 'zod';
import { keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Written } from './command.ts';
import type { Range } from './places.ts';
import type { Kind, Stamped } from './record.ts';
import { type Item, placesOf, type Store } from './store.ts';

export interface Page<R> {
  data: R[];
  nextCursor: string | null;
}

export interface ListRequest<R> {
  ranges: readonly Range[];
  limit: number;
  cursor?: string | undefined;
  /** What of the ranges belongs to the list: a status beside the key. A page may be short for it, never wrong. */
  where?: (record: R) => boolean;
  /** Records that the list must show as they are now, even if an index lags: what a consistency token holds. */
  shows?: readonly Written[] | undefined;
}

const rounds = 8;

/**
 * One page of a list: some ranges merged, newest first. The cursor holds only the position of the last record shown, so that it survives
 * inserts, and gives nobody access to anything. What an index leads to is read from the table and shown only if it still belongs there.
 */
export async function list<R extends Stamped>(store: Store, kind: Kind<R>, request: ListRequest<R>): Promise<Page<R>> {
  const { ranges, limit, where = () => true } = request;
  const fresh = await freshOnes(store, kind, request.shows ?? []);
  let before = request.cursor === undefined ? undefined : positionOf(request.cursor);
  const data: R[] = [];
  for (let round = 0; round < rounds; round++) {
    const { found, end } = await readPage(store, kind, ranges, limit - data.length, before);
    const others = found.filter(({ id }) => !fresh.some((one) => one.id === id));
    const all = placedIn(kind, ranges, [...others, ...fresh], { before, end });
    before = end;
    const fitting = all.filter(({ record }) => where(record));
    const shown = fitting.slice(0, limit - data.length);
    data.push(...shown.map(({ record }) => record));
    if (shown.length < fitting.length) return { data, nextCursor: cursorAt(shown.at(-1)!.position) };
    if (end === undefined) return { data, nextCursor: null };
    if (data.length >= limit) break;
  }
  return { data, nextCursor: cursorAt(before!) };
}

/** A page of what is few and was read whole, in its own order; `nameOf` tells one from the other. */
export function pageOfAll<R>(
  all: readonly R[],
  { limit, cursor }: Pick<ListRequest<never>, 'limit' | 'cursor'>,
  nameOf: (one: R) => string,
): Page<R> {
  const last = cursor === undefined ? undefined : positionOf(cursor);
  const from = all.findIndex((one) => nameOf(one) === last) + 1;
  const data = all.slice(from, from + limit);
  return { data, nextCursor: from + limit < all.length ? cursorAt(nameOf(data.at(-1)!)) : null };
}

interface Placed<R> {
  position: string;
  record: R;
}

/** A stretch of positions: older than `before`, not older than `end`. */
interface Stretch {
  before: string | undefined;
  end: string | undefined;
}

/** The next records that the merged ranges lead to, as they are now, and the position where they end (undefined: nothing is left). */
async function readPage<R extends Stamped>(
  store: Store,
  kind: Kind<R>,
  ranges: readonly Range[],
  limit: number,
  before?: string,
) {
  const pages = await Promise.all(
    ranges.map(async (range) => {
      const items = await store.query(range, limit + 1, before, true);
      const sk = range.index ? `${range.index}sk` : 'sk';
      return items.map((item) => ({ range, item, position: String(item[sk]).slice(range.prefix.length) }));
    }),
  );
  const merged = pages.flat().sort((a, b) => (a.position < b.position ? 1 : -1));
  const taken = merged.slice(0, limit);
  const end = merged.length > limit ? taken.at(-1)?.position : undefined;
  return { found: (await recordsOf(store, taken)).map((item) => kind.schema.parse(item)), end };
}

/**
 * Of some records those that stand in a stretch of the merged ranges, each once, newest first. A record counts for where it stands now,
 * not for where it was found: one that went from one range to another in between is still shown.
 */
function placedIn<R extends Stamped>(
  kind: Kind<R>,
  ranges: readonly Range[],
  records: readonly R[],
  { before, end }: Stretch,
): Placed<R>[] {
  const placed = records.flatMap((record): Placed<R>[] => {
    const position = ranges.map((range) => positionIn(kind, record, range)).find((at) => at !== undefined);
    const inside = position !== undefined && (!before || position < before) && (!end || position >= end);
    return inside ? [{ position, record }] : [];
  });
  return placed.sort((a, b) => (a.position < b.position ? 1 : -1));
}

const recordIdOf = (range: Range, item: Item): string => String(range.lookUp ? item['recordId'] : item['sk']);

/** Items of the table are whole already; those of an index and look-ups are fetched, behind a look-up as they are now. */
async function recordsOf(store: Store, taken: readonly { range: Range; item: Item }[]): Promise<Item[]> {
  const whole = taken.filter(({ range }) => !range.index && !range.lookUp).map(({ item }) => item);
  const wanted = new Set(
    taken.filter(({ range }) => range.index || range.lookUp).map(({ range, item }) => recordIdOf(range, item)),
  );
  const fetched = await store.getMany(
    [...wanted].map(keyOf),
    taken.some(({ range }) => range.lookUp),
  );
  return [...whole, ...fetched];
}

function positionIn<R extends Stamped>(kind: Kind<R>, record: R, range: Range): string | undefined {
  const { gsi1, gsi2, gsi3, shared = [] } = placesOf(kind, record);
  const own = keyOf(record.id);
  const keys = range.index
    ? [{ gsi1, gsi2, gsi3 }[range.index]]
    : range.lookUp
      ? [
          ...shared,
          ...(record.archivedAt ? [] : (kind.unique?.(record) ?? []).map((unique) => [unique, unique] as const)),
        ]
      : record.archivedAt
        ? []
        : [[own.pk, own.sk] as const];
  const key = keys.find((place) => place?.[0] === range.pk && place[1].startsWith(range.prefix));
  return key?.[1].slice(range.prefix.length);
}

async function freshOnes<R extends Stamped>(store: Store, kind: Kind<R>, shows: readonly Written[]): Promise<R[]> {
  const ids = shows.map(({ id }) => id).filter((id) => id.startsWith(`${kind.prefix}_`));
  const items = ids.length ? await store.getMany(ids.map(keyOf), true) : [];
  return items.map((item) => kind.schema.parse(item));
}

const Cursor = z.tuple([
  z.literal(1),
  z
    .string()
    .min(1)
    .max(200)
    .refine((position) => position.isWellFormed()),
]);
/** A cursor that holds only a position. */
export const cursorAt = (position: string): string => Buffer.from(JSON.stringify([1, position])).toString('base64url');

/** The position of a cursor; 400 if it is not one of ours. */
export function positionOf(cursor: string): string {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))[1];
  } catch {
    throw badCursor();
  }
}

/** The refusal of a cursor that is none of ours, or of another list. */
export const badCursor = (): Refusal => {
  const detail = 'Take the nextCursor of the page before, as it is, with the same filters';
  return new Refusal('request.invalid', 'The cursor is none of this list', {
    errors: [{ pointer: '#/cursor', code: 'invalid_cursor', detail }],
  });
};
