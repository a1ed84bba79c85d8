import { accountOf, isAnyId, keyOf, prefixOf } from '../core/ids.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import type { Crm } from './command.ts';
import type { Item } from './store.ts';

/** What a record must be for a body to refer to it, beside being there; and what is said where it is not. */
export interface Fitness {
  readonly holds: (record: Item) => boolean;
  readonly otherwise: string;
}

/** A record that must fit. */
export interface Fitting extends Fitness {
  readonly id: string;
}

/** What a body refers to: a field, and the id or the ids that it holds. */
export type References = Readonly<Record<string, string | Fitting | readonly string[] | undefined>>;

const idsIn = (said: References[string]): readonly string[] =>
  typeof said === 'string' ? [said] : said && 'id' in said ? [said.id] : (said ?? []);

/**
 * Makes sure that everything a body refers to is there, in one BatchGet. 422 `reference.unknown` with a pointer for each that leads
 * nowhere, or to what does not fit. Only what `before` did not refer to already is looked up; `at` is where in the
 * body the fields are.
 */
export async function referAll(
  crm: Pick<Crm, 'store'>,
  wanted: References,
  before: References = {},
  at = '#',
): Promise<void> {
  const known = new Set(Object.values(before).flatMap(idsIn));
  const named = Object.entries(wanted)
    .flatMap(([field, said]) =>
      idsIn(said).map((id, n) => ({
        pointer: Array.isArray(said) ? `${at}/${field}/${n}` : `${at}/${field}`,
        id,
        fitness: typeof said === 'object' && 'holds' in said ? said : undefined,
      })),
    )
    .filter(({ id }) => !known.has(id));
  if (!named.length) return;
  const items = await crm.store.getMany([...new Set(named.map(({ id }) => id))].map(keyOf), true);
  const there = new Map(items.filter((item) => !item['archivedAt']).map((item) => [String(item['sk']), item]));
  const errors = named.flatMap(({ pointer, id, fitness }) => {
    const item = there.get(id);
    if (item && (!fitness || fitness.holds(item))) return [];
    const detail = item && fitness ? `${id} ${fitness.otherwise}` : `There is no ${prefixOf(id)} ${id}`;
    return [{ pointer, code: 'reference.unknown', detail }];
  });
  if (errors.length) throw new Refusal('reference.unknown', errors.map(({ detail }) => detail).join('; '), { errors });
}

/**
 * The account of a record of any kind that `recordId` of a body refers to, if it has one. 422 `reference.unknown` where there is no such
 * record, or where the body names the account of another.
 */
export async function referRecord(
  { store }: Pick<Crm, 'store'>,
  { recordId, accountId }: { recordId: string; accountId?: string | undefined },
): Promise<string | undefined> {
  const found = isAnyId(recordId) ? await store.get(keyOf(recordId)) : undefined;
  const of = (found?.['accountId'] as string | undefined) ?? accountOf(recordId);
  if (found?.['id'] === recordId && !found['archivedAt'] && (!accountId || !of || accountId === of)) return of;
  throw refuseField(
    'reference.unknown',
    '#/recordId',
    `There is no record ${recordId}${accountId ? ` of ${accountId}` : ''}`,
  );
}
