import { accountOf, isAnyId, keyOf, prefixOf } from '../core/ids.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import type { Crm } from './command.ts';

/** What a body refers to: a field, and the id or the ids that it holds. */
export type References = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Makes sure that everything a body refers to is there, in one BatchGet. 422 `reference.unknown` with a pointer for each that leads
 * nowhere. Only what `before` did not refer to already is looked up; `at` is where in the
 * body the fields are.
 */
export async function referAll(
  crm: Pick<Crm, 'store'>,
  wanted: References,
  before: References = {},
  at = '#',
): Promise<void> {
  const known = new Set(Object.values(before).flat());
  const named = Object.entries(wanted)
    .flatMap(([field, ids]) =>
      typeof ids === 'string'
        ? [{ pointer: `${at}/${field}`, id: ids }]
        : (ids ?? []).map((id, n) => ({ pointer: `${at}/${field}/${n}`, id })),
    )
    .filter(({ id }) => !known.has(id));
  if (!named.length) return;
  const items = await crm.store.getMany([...new Set(named.map(({ id }) => id))].map(keyOf), true);
  const there = new Set(items.filter((item) => !item['archivedAt']).map((item) => item['sk']));
  const errors = named
    .filter(({ id }) => !there.has(id))
    .map(({ pointer, id }) => ({ pointer, code: 'reference.unknown', detail: `There is no ${prefixOf(id)} ${id}` }));
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
