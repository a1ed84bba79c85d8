import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { AlikeList } from '../sales/match-clusters.ts';
import { Matching } from '../sales/match-rule.ts';
import type { Command, Crm } from '../store/command.ts';
import { decimalSign } from './cells.ts';
import { Dialect, SaidDialect } from './csv/dialect.ts';
import { openTable, type Place, type Row, TableReader } from './csv/table-file.ts';
import { dateOrder } from './dates.ts';
import { NamesSoFar, tried } from './decide-row.ts';
import type { Field } from './fields.ts';
import { Import, mostBytes, moveImport, sourceKey } from './import.ts';
import { pageRows } from './import-pages.ts';
import { contextOf, importableOf, type Plan, planOf } from './import-plan.ts';
import type { ReadRow, RowFault } from './map-row.ts';
import { ColumnRule, Mapping, type ReadColumn, readColumns } from './mapping.ts';
import { proposals, proposedMapping } from './propose.ts';
import type { Outcome } from './row-receipt.ts';

/** How a file is to be read; what is not said is told by the file. */
export const PreviewRequest = z.strictObject({
  mapping: Mapping.optional().meta({ description: 'Proposed from the headers if absent.' }),
  dialect: SaidDialect.optional(),
});

const Fault = z.object({ row: z.int(), column: z.string().optional(), code: z.string(), value: z.string().optional() });

/** What an import would do. */
export const Preview = z
  .object({
    id: z.string(),
    status: z.string(),
    dialect: Dialect,
    columns: z.array(
      z.object({
        name: z.string(),
        sample: z.array(z.string()),
        suggested: z.union([z.string(), ColumnRule]).optional(),
      }),
    ),
    mapping: Mapping,
    rows: z.int(),
    complete: z.boolean().meta({
      description: 'False where the file is too long to look at all of it at once: the rows looked at count.',
    }),
    wouldCreate: z.int(),
    wouldUpdate: z.int(),
    wouldSkip: z.int(),
    wouldFail: z.int(),
    faults: z.array(Fault).meta({ description: 'The first hundred.' }),
    faultCount: z.int(),
    duplicates: z.object({ inFile: z.int(), existing: z.int() }),
  })
  .meta({ id: 'ImportPreview' });
export type Preview = z.infer<typeof Preview>;

const limits = { faults: 100, sample: 5, milliseconds: 18_000 };

type Request = z.infer<typeof PreviewRequest> & { id: string };

/**
 * Looks at a file: how it is written, what its columns are, what each row would come to. From here on the import reads this version of the
 * file and no other. 409 while there is no file, 413 for one over 150 MB, 400 for a mapping that does not fit.
 */
export const previewImport =
  (bucket: () => string): Command<Request, Preview> =>
  async (crm, { id, mapping: said, dialect }) => {
    const until = Date.now() + limits.milliseconds;
    const before = await crm.load(Import, id);
    const table = await openTable(bucket(), sourceKey(id), dialect).catch(notThere);
    if (!table) throw new Refusal('record.wrongState', 'The file is empty');
    if (table.bytes > mostBytes) throw new Refusal('record.tooLarge', `A file may have ${mostBytes} bytes`);
    const to = importableOf(before.object);
    const { columns } = table.file;
    const reader = new TableReader(table.file, table.start);
    const first = await reader.next(pageRows);
    const proposed = proposals(columns, to, first, await contextOf(crm, {}));
    const mapping = said ?? proposedMapping(columns, to.fields, proposed);
    const orders = await ordersOf(table, readColumns(mapping, columns, to.fields), until - limits.milliseconds / 2);
    const file = { ...table.file, bytes: table.bytes, start: table.start, orders };
    const { bucket: _, key: __, ...kept } = file;
    const plan = await planOf(crm, { ...before, mapping, file: kept }, bucket());
    const found = await lookedThrough(crm, plan, reader, first, until);
    const ready = {
      file: kept,
      mapping,
      counts: before.counts,
      status: found.complete ? ('ready' as const) : ('validating' as const),
    };
    const stored = await crm.commit([moveImport(before, 'preview', ready)]);
    const shown = columns.map((name, at) => ({
      name,
      sample: first.flatMap(({ cells }) => cells[at] || []).slice(0, limits.sample),
      suggested: proposed[at],
    }));
    return { id, status: stored.status, dialect: table.file.dialect, columns: shown, mapping, ...found };
  };

const notThere = (error: Error & { status?: number }): never => {
  if (error.status === 404 || error.status === 403)
    throw new Refusal('record.wrongState', 'There is no file yet: PUT it to the upload address');
  throw error;
};

type Orders = NonNullable<Import['file']>['orders'];
/** What a cell shows of how its column is written. */
const shownBy: Partial<Readonly<Record<Field['as'], (cell: string) => Orders[string] | undefined>>> = {
  date: dateOrder,
  instant: dateOrder,
  money: decimalSign,
  integer: decimalSign,
  number: decimalSign,
};

/** How columns of dates and numbers are written, where all cells that show it agree: read on until each shows it, or the time is over. */
async function ordersOf(
  { file, start }: Pick<Plan, 'file'> & { start: Place },
  columns: readonly ReadColumn[],
  until: number,
): Promise<Orders> {
  const asked = columns.flatMap(({ column, at, field, rule }) => {
    const of = rule.format ? undefined : shownBy[field.as];
    return of ? [{ column, at, of, shown: new Set<Orders[string]>() }] : [];
  });
  const reader = new TableReader(file, start);
  while (reader.place && Date.now() < until && asked.some(({ shown }) => !shown.size)) {
    const page = await reader.next(pageRows);
    for (const { at, of, shown } of asked) {
      for (const { cells } of page) {
        const order = of(cells[at] ?? '');
        if (order) shown.add(order);
      }
    }
  }
  return Object.fromEntries(asked.flatMap(({ column, shown }) => (shown.size === 1 ? [[column, [...shown][0]!]] : [])));
}

type Found = Pick<
  Preview,
  | 'rows'
  | 'complete'
  | 'wouldCreate'
  | 'wouldUpdate'
  | 'wouldSkip'
  | 'wouldFail'
  | 'faults'
  | 'faultCount'
  | 'duplicates'
>;

/** Every row on the table as it is, until the file or the time is at its end. */
async function lookedThrough(crm: Crm, plan: Plan, reader: TableReader, first: Row[], until: number): Promise<Found> {
  const would = { created: 0, updated: 0, skipped: 0, failed: 0, kept: 0 };
  const faults: RowFault[] = [];
  const duplicates = { inFile: 0, existing: 0 };
  const seen: Seen = { keys: new Set(), names: new NamesSoFar(), list: new AlikeList(await crm.policy(Matching)) };
  let rows = 0;
  let faultCount = 0;
  for (let page = first; page.length; page = Date.now() < until ? await reader.next(pageRows) : []) {
    for (const { outcome, faults: found, inFile } of await pretended(crm, plan, page, seen)) {
      rows += 1;
      would[outcome.kind] += 1;
      faultCount += found.length;
      faults.push(...found.slice(0, limits.faults - faults.length));
      if (inFile) duplicates.inFile += 1;
      else if (outcome.code === 'record.duplicate' || outcome.code === 'record.unchanged' || outcome.kind === 'updated')
        duplicates.existing += 1;
    }
  }
  const { created: wouldCreate, updated: wouldUpdate, skipped: wouldSkip, failed: wouldFail } = would;
  return {
    rows,
    complete: !reader.place,
    wouldCreate,
    wouldUpdate,
    wouldSkip,
    wouldFail,
    faults,
    faultCount,
    duplicates,
  };
}

/** What the rows so far stand for. */
interface Seen {
  keys: Set<string>;
  names: NamesSoFar;
  list: AlikeList;
}
interface Looked {
  outcome: Outcome;
  faults: RowFault[];
  inFile: boolean;
}

async function pretended(
  crm: Crm,
  { read, importing, columns }: Plan,
  page: readonly Row[],
  seen: Seen,
): Promise<Looked[]> {
  const rows = page.map(read);
  const decided = await tried(importing, crm, rows, seen.names);
  return decided.map(({ outcome, keys = [] }, n) => {
    const row = rows[n]!;
    const known = keys.some((key) => seen.keys.has(key));
    const inFile = known || (row.party !== undefined && seen.list.like(row.party).length > 0);
    const { onDuplicate } = importing.options;
    // Who is there is found before what the row says of them is looked at.
    const isAgain =
      outcome.kind === 'created' || (outcome.kind === 'failed' && onDuplicate === 'skip' && !row.faults.length);
    const again = inFile && isAgain ? repeated(onDuplicate, known) : outcome;
    if (outcome.kind !== 'failed') {
      for (const key of keys) seen.keys.add(key);
      if (row.party) seen.list.add(row.party);
    }
    return { outcome: again, inFile, faults: again.kind === 'failed' ? faultsIn(row, again, columns) : [] };
  });
}

/** What becomes of a row whose record an earlier one would have made. */
const repeated = (onDuplicate: 'skip' | 'update' | 'create', byKey: boolean): Outcome =>
  onDuplicate === 'create'
    ? { kind: byKey ? 'failed' : 'created', code: 'record.duplicate' }
    : { kind: onDuplicate === 'skip' ? 'skipped' : 'updated', code: 'record.duplicate' };

function faultsIn(
  { row, cells, faults }: ReadRow,
  { code = '', column, detail }: Outcome,
  columns: readonly ReadColumn[],
): RowFault[] {
  const at = columns.find((one) => one.column === column)?.at;
  return faults.length ? faults : [{ row, column, code, value: (at === undefined ? '' : cells[at]) || detail }];
}
