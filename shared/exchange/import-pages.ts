import { putObject } from '../store/bucket.ts';
import { run } from '../store/command.ts';
import type { Occasion } from '../store/occasion.ts';
import type { Surroundings } from '../store/surroundings.ts';
import { Import, moveImport } from './import.ts';
import type { Outcome } from './row-receipt.ts';

/** What a turn works with. */
export interface Turn {
  around: Surroundings;
  bucket: string;
  on: Occasion;
}

/** A row in the results: what it came to, and what it was. */
export interface ResultRow {
  row: number;
  outcome: Outcome;
  cells: string[];
}

/** Rows a page: as many receipts and results are together. */
export const pageRows = 500;

/** Keeps what the rows of a page came to, until the files of the results are made. */
export const putPart = (bucket: string, key: string, results: readonly ResultRow[]): Promise<boolean> =>
  putObject(bucket, key, Buffer.from(JSON.stringify(results)), { contentType: 'application/json' });

/** Moves an import on from where this turn saw it. Another turn was faster: where the import stands now. */
export async function progress(
  { around, on }: Turn,
  seen: Import,
  verb: 'goOn' | 'finish' | 'fail' | 'undone',
  patch: Partial<Import>,
): Promise<Import> {
  const { store, policies } = around;
  const { answer } = await run(
    store,
    policies,
    { ...on, origin: undefined },
    async (crm) => {
      const now = await crm.load(Import, seen.id);
      return now.version === seen.version ? crm.commit([moveImport(now, verb, patch)]) : now;
    },
    undefined,
  );
  return answer;
}
