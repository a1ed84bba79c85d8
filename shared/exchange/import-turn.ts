import { BucketFault } from '../store/bucket.ts';
import { Crm } from '../store/command.ts';
import { GatheringStore } from '../store/gathering-store.ts';
import { type Row, TableReader } from './csv/table-file.ts';
import { decideRow, NamesSoFar, tried } from './decide-row.ts';
import { type Counts, Import, partKey } from './import.ts';
import { pageRows, progress, putPart, type ResultRow, type Turn } from './import-pages.ts';
import { type Plan, planOf } from './import-plan.ts';
import { writeResults } from './import-results.ts';
import type { ReadRow } from './map-row.ts';
import { named } from './named-records.ts';
import { undoPage } from './undo-import.ts';
import { type Decided, workRows } from './work-rows.ts';

/** A turn of the state machine takes pages for so long, then lets the machine count it. */
const turnMilliseconds = 20_000;

/**
 * One turn of an import: pages of rows until its time is over or the file is at its end, each with its results in the bucket and its
 * counts in the record. Whatever is lost on the way, the next turn goes on with the page that was not counted: its rows that
 * had their effect have a receipt. Where the file is no more, the import has failed.
 */
export async function takeTurn(turn: Turn, id: string): Promise<Import> {
  const until = Date.now() + turnMilliseconds;
  let given = await turn.around.store.load(Import, id);
  if (given.status !== 'running') return given;
  const { startedBy: actor = turn.on.actor, options } = given;
  const importing: Turn = {
    ...turn,
    on: { ...turn.on, actor, origin: { importId: id, runWorkflows: given.undoing ? false : options.runWorkflows } },
  };
  try {
    const next = given.undoing ? undoPage(importing) : await pagesOf(importing, given);
    while (given.status === 'running' && Date.now() < until) given = await next(given);
    return given;
  } catch (error) {
    if (!(error instanceof BucketFault) || error.status >= 500 || error.status === 429) throw error;
    return progress(turn, given, 'fail', { fault: `The file is not there any more: ${error.message}` });
  }
}

type NextPage = (given: Import) => Promise<Import>;

/** Reads on where the import stands, a page each time it is called. */
async function pagesOf(turn: Turn, { place, ...given }: Import): Promise<NextPage> {
  const plan = await planOf(new Crm(turn.around.store, turn.around.policies, turn.on), given, turn.bucket);
  let reader = new TableReader(plan.file, place!);
  return async (before) => {
    // Another turn was faster: on from where it left the import.
    if (reader.place?.offset !== before.place!.offset) reader = new TableReader(plan.file, before.place!);
    const rows = await reader.next(pageRows);
    const results = await doPage(turn, plan, rows);
    const page = before.place!.page;
    if (results.length) await putPart(turn.bucket, partKey(before.id, 'run', page), results);
    const counts = counted(before.counts, results);
    if (reader.place) return progress(turn, before, 'goOn', { counts, place: { page: page + 1, ...reader.place } });
    await writeResults(turn.bucket, before, page + 1);
    return progress(turn, before, 'finish', { counts, place: undefined, finishedAt: turn.on.now.toISOString() });
  };
}

async function doPage(turn: Turn, plan: Plan, rows: readonly Row[]): Promise<ResultRow[]> {
  const read = rows.map(plan.read);
  const lost = await makeNamed(turn, plan, read);
  const outcomes = await workRows(
    turn.around,
    turn.on,
    read,
    async (crm, row, round) => lost.get(row.row) ?? decideRow(plan.importing, crm, row, round),
  );
  return rows.map(({ row, cells }, n) => ({ row, cells, outcome: outcomes[n]! }));
}

/**
 * Makes the records that rows name and nobody has: each once, whoever else makes it at the same time. A row that would fail all the same
 * makes nothing, as no undo would find it: answers those.
 */
async function makeNamed(
  { around, on }: Turn,
  { importing }: Plan,
  all: readonly ReadRow[],
): Promise<Map<number, Decided>> {
  const { known, importId } = importing;
  const crm = new Crm(new GatheringStore(around.store), around.policies, on);
  const asking = all.filter(({ faults, named }) => !faults.length && named.some((one) => known.wanted(one)));
  const isNew = await Promise.all(
    asking.map(async ({ named }) => {
      const found = await Promise.all(named.map((one) => known.wanted(one) && known.find(crm.store, one)));
      return found.some((one) => one && 'fault' in one);
    }),
  );
  const makers = asking.filter((_, n) => isNew[n]);
  const names = new NamesSoFar();
  for (const row of all) names.add(row);
  const would = await tried(importing, crm, makers, names);
  const lost = new Map(
    makers.flatMap(({ row }, n) => (would[n]!.outcome.kind === 'failed' ? [[row, would[n]!] as const] : [])),
  );
  const wanted = makers
    .filter(({ row }) => !lost.has(row))
    .flatMap((row) => row.named.filter((one) => known.wanted(one)));
  const each = [
    ...new Map(wanted.map((one) => [JSON.stringify([one.to, one.by, one.text, one.otherwise]), one])).values(),
  ];
  await workRows(around, on, each, async (crm, one) => {
    const found = await known.find(crm.store, one);
    const missing = 'id' in found ? undefined : known.wanted(one);
    return { outcome: { kind: 'created' }, facts: missing ? [named(importId, missing)] : [], also: [] };
  });
  return lost;
}

const counted = (before: Counts, results: readonly ResultRow[]): Counts => {
  const counts = { ...before, rows: before.rows + results.length };
  for (const { outcome } of results) counts[outcome.kind] = (counts[outcome.kind] ?? 0) + 1;
  return counts;
};
