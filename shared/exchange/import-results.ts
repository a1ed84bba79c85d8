import { inTurns } from '../core/in-turns.ts';
import { findObject, putObject } from '../store/bucket.ts';
import { csvFile } from './csv/writer.ts';
import { type Import, partKey, type ResultKind, resultKey } from './import.ts';
import type { ResultRow } from './import-pages.ts';

const partsAtOnce = 8;

/** Puts the pages of an import together: one file for each thing that a row can come to. */
export async function writeResults(bucket: string, { id, file }: Import, pages: number): Promise<void> {
  const parts = await partsOf(bucket, id, 'run', pages);
  for (const kind of ['created', 'updated', 'skipped', 'failed'] as const)
    await writeResult(
      bucket,
      id,
      kind,
      file?.columns ?? [],
      parts.filter(({ outcome }) => outcome.kind === kind),
    );
}

/** Every row of some pages, in order. A page without rows has no part. */
export async function partsOf(
  bucket: string,
  importId: string,
  run: 'run' | 'undo',
  pages: number,
): Promise<ResultRow[]> {
  const parts = await inTurns(
    Array.from({ length: pages }, (_, page) => page),
    partsAtOnce,
    async (page) => {
      const bytes = await findObject(bucket, partKey(importId, run, page));
      return bytes ? (JSON.parse(Buffer.from(bytes).toString()) as ResultRow[]) : [];
    },
  );
  return parts.flat();
}

const own = ['row', 'id', 'code'];
/** A column of the file that is called like one of ours. */
const besideOwn = (column: string): string =>
  own.includes(column) || column === 'fault' ? `${column} (file)` : column;

/** One file: number, id and code of each row, its own cells, and the fault in words. */
export async function writeResult(
  bucket: string,
  importId: string,
  kind: ResultKind,
  columns: readonly string[],
  rows: readonly ResultRow[],
): Promise<void> {
  const lines = rows.map(({ row, cells, outcome: { id = '', code = '', column, detail } }) => [
    String(row),
    id,
    code,
    ...columns.map((_, n) => cells[n] ?? ''),
    [column, detail].filter(Boolean).join(': '),
  ]);
  const text = csvFile([...own, ...columns.map(besideOwn), 'fault'], lines);
  await putObject(bucket, resultKey(importId, kind), Buffer.from(text), { contentType: 'text/csv; charset=utf-8' });
}
