import { keyOf } from '../core/ids.ts';
import { inTurns } from '../core/in-turns.ts';
import { getObject, putObject } from '../store/bucket.ts';
import { Crm, run } from '../store/command.ts';
import type { Range } from '../store/places.ts';
import type { Stamped } from '../store/record.ts';
import type { Item } from '../store/store.ts';
import { csvFile } from './csv/writer.ts';
import { Export, exportKey, exportPartKey, moveExport } from './export.ts';
import { type Fields, fieldAt } from './fields.ts';
import type { Turn } from './import-pages.ts';
import { importableOf } from './import-plan.ts';
import type { Importable } from './importable.ts';
import type { Values } from './map-row.ts';
import { type Stretches, stretchesOf } from './stretches.ts';
import { writeCell } from './write-cell.ts';

const pageSize = 500;
const accountsAtOnce = 50;
const turnMilliseconds = 20_000;

/**
 * One turn of an export: pages of records, stretch by stretch of the table, each put into the bucket before it is counted; at the end they
 * are put together. A turn that was lost is taken again from the page that was not counted.
 */
export async function takeExportTurn(turn: Turn, id: string): Promise<Export> {
  const until = Date.now() + turnMilliseconds;
  let given = await turn.around.store.load(Export, id);
  const crm = new Crm(turn.around.store, turn.around.policies, turn.on);
  const stretches = await stretchesOf(crm, given.object);
  while (given.status === 'running' && Date.now() < until) given = await takePage(turn, given, stretches);
  return given;
}

async function takePage(turn: Turn, before: Export, { ranges, under }: Stretches): Promise<Export> {
  const { range: at, before: position, page } = before.place ?? { range: 0, page: 0 };
  const range = ranges[at];
  const most = under ? accountsAtOnce : pageSize;
  if (!range) {
    await putTogether(turn.bucket, before, page);
    return progress(turn, before, 'finish', { place: undefined, finishedAt: turn.on.now.toISOString() });
  }
  const items = await turn.around.store.query(range, most, position, true);
  const records = await recordsOf(turn, before, under ? items.map((item) => under(String(item['sk']))) : range, items);
  await putObject(turn.bucket, exportPartKey(before.id, page), Buffer.from(JSON.stringify(records)));
  const sk = range.index ? `${range.index}sk` : 'sk';
  const last = items.length < most ? undefined : String(items.at(-1)?.[sk]).slice(range.prefix.length);
  const place = last ? { range: at, before: last, page: page + 1 } : { range: at + 1, page: page + 1 };
  return progress(turn, before, 'goOn', { place, counts: { rows: before.counts.rows + records.length } });
}

/** The cells of the records that belong to the export: those of a page, or those that lie under each of its accounts. */
async function recordsOf(
  turn: Turn,
  given: Export,
  from: Range | Range[],
  items: readonly Item[],
): Promise<string[][]> {
  const to = importableOf(given.object);
  const whole = Array.isArray(from)
    ? (await inTurns(from, 8, (range) => turn.around.store.queryAll(range))).flat()
    : from.index
      ? await inOrder(turn, items)
      : items;
  const columns = columnsOf(given, to.fields);
  return whole
    .map((item) => to.kind.schema.parse(item))
    .filter((record) => !record.archivedAt && fits(to.told(record), given.filter ?? {}))
    .map((record) => cellsOf(record, columns, to));
}

/** The records that an index leads to, in its order. */
async function inOrder({ around }: Turn, items: readonly Item[]): Promise<Item[]> {
  const found = await around.store.getMany(items.map((item) => keyOf(String(item['sk']))));
  const byId = new Map(found.map((item) => [item['sk'], item]));
  return items.map((item) => byId.get(item['sk'])).filter((item) => item !== undefined);
}

/** What can be imported, in its order; a field of one's own by its name only where it is asked for. */
export const columnsOf = ({ columns }: Pick<Export, 'columns'>, fields: Fields): string[] =>
  columns ??
  Object.entries(fields).flatMap(([path, { as }]) =>
    path.endsWith('.*') || as === 'externalId' || as === 'fullName' ? [] : [path],
  );

/** A record as the cells of a row, in the words in which an import takes it. */
export function cellsOf(record: Stamped, columns: readonly string[], { told, fields }: Importable): string[] {
  const said = told(record);
  return columns.map((column) => cellOf(said, column, fields));
}

const fits = (record: Values, filter: NonNullable<Export['filter']>): boolean =>
  Object.entries(filter).every(([path, value]) => String(valueAt(record, path) ?? '') === String(value));

function cellOf(record: Values, path: string, fields: Fields): string {
  const value = valueAt(record, path);
  const field = fieldAt(fields, path);
  if (path === 'externalId')
    return writeCell({ as: 'externalId' }, (valueAt(record, 'externalIds') as unknown[] | undefined)?.[0]);
  if (field) return writeCell(field, value);
  return typeof value === 'object' ? writeCell({ as: 'json' }, value) : writeCell({ as: 'text' }, value);
}

const valueAt = (record: Values, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], record);

async function putTogether(bucket: string, given: Export, pages: number): Promise<void> {
  const { fields } = importableOf(given.object);
  const parts = await inTurns(
    Array.from({ length: pages }, (_, page) => page),
    8,
    async (page) => {
      const bytes = await getObject(bucket, exportPartKey(given.id, page));
      return JSON.parse(Buffer.from(bytes).toString()) as string[][];
    },
  );
  const text = csvFile(columnsOf(given, fields), parts.flat());
  await putObject(bucket, exportKey(given.id), Buffer.from(text), { contentType: 'text/csv; charset=utf-8' });
}

async function progress(
  { around, on }: Turn,
  seen: Export,
  verb: 'goOn' | 'finish',
  patch: Partial<Export>,
): Promise<Export> {
  const { answer } = await run(
    around.store,
    around.policies,
    on,
    async (crm) => {
      const now = await crm.load(Export, seen.id);
      return now.version === seen.version ? crm.commit([moveExport(now, verb, patch)]) : now;
    },
    undefined,
  );
  return answer;
}
