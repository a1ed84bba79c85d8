import { prefixOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import type { Stamped } from '../store/record.ts';
import { type Import, type ObjectName, objectNames, partKey } from './import.ts';
import { pageRows, progress, putPart, type ResultRow, type Turn } from './import-pages.ts';
import { importableOf } from './import-plan.ts';
import { partsOf, writeResult } from './import-results.ts';
import { importables } from './importables.ts';
import { rowCommands } from './row-commands.ts';
import { markUndone, type Outcome, type RowReceipt, receiptFor } from './row-receipt.ts';
import { type Decided, workRows } from './work-rows.ts';

/** Takes the rows of an import back, the last first, a page each time it is called. */
export const undoPage =
  (turn: Turn) =>
  async (before: Import): Promise<Import> => {
    const { page, row: last } = before.place!;
    const rows = Array.from({ length: Math.min(pageRows, last) }, (_, n) => last - n);
    const outcomes = await workRows(turn.around, turn.on, rows, (crm, row) => undoRow(crm, before, row));
    const results = rows.flatMap((row, n): ResultRow[] =>
      outcomes[n]!.kind === 'kept' ? [{ row, cells: [], outcome: outcomes[n]! }] : [],
    );
    if (results.length) await putPart(turn.bucket, partKey(before.id, 'undo', page), results);
    const counts = { ...before.counts, kept: (before.counts.kept ?? 0) + results.length };
    const row = last - rows.length;
    if (row > 0) return progress(turn, before, 'goOn', { counts, place: { page: page + 1, offset: 0, row } });
    await writeResult(turn.bucket, before.id, 'kept', [], await partsOf(turn.bucket, before.id, 'undo', page + 1));
    return progress(turn, before, 'undone', {
      counts,
      place: undefined,
      undoing: undefined,
      finishedAt: turn.on.now.toISOString(),
    });
  };

const nothing = (outcome: Outcome): Decided => ({ outcome, facts: [], also: [] });

async function undoRow(crm: Crm, { id, object }: Import, row: number): Promise<Decided> {
  const receipt = await receiptFor(crm.store, id, row);
  if (!receipt) return nothing({ kind: 'skipped' });
  if (receipt.undone)
    return nothing(receipt.kept ? { kind: 'kept', id: receipt.id, ...receipt.kept } : { kind: 'skipped' });
  const { facts, kept } =
    receipt.kind === 'created' ? await taken(crm, object, receipt) : await reverted(crm, object, receipt);
  const outcome: Outcome = kept ? { kind: 'kept', id: receipt.id, ...kept } : { kind: receipt.kind, id: receipt.id };
  return { outcome, facts, also: [markUndone(crm.store, id, row, kept)] };
}

interface Undone {
  facts: readonly Fact[];
  kept?: { code: string; detail: string };
}

/** What a row made is archived: its record, and what was made beside it unless somebody has touched that since. */
async function taken(crm: Crm, object: ObjectName, { id, made }: RowReceipt): Promise<Undone> {
  try {
    const main = await crm.stage(rowCommands[object].archive, { id });
    const beside = await Promise.all(made.map((one) => besideFacts(crm, one)));
    return { facts: [...main.facts, ...beside.flat()] };
  } catch (error) {
    if (error instanceof Refusal) return { facts: [], kept: { code: error.code, detail: error.message } };
    throw error;
  }
}

async function besideFacts(crm: Crm, { id, version }: RowReceipt['made'][number]): Promise<readonly Fact[]> {
  const object = objectNames.find((one) => importables[one].kind.prefix === prefixOf(id));
  const record = object && (await crm.store.find(importables[object].kind, id));
  return object && record?.version === version ? (await crm.stage(rowCommands[object].archive, { id })).facts : [];
}

/** Each field that still is as the row made it gets its old value back; one that has changed since stays. */
async function reverted(crm: Crm, object: ObjectName, { id, changes }: RowReceipt): Promise<Undone> {
  const to = importableOf(object);
  const record = (await crm.store.find(to.kind, id)) as (Stamped & Record<string, unknown>) | undefined;
  if (!record || record.archivedAt)
    return { facts: [], kept: { code: 'record.notFound', detail: 'It is not there any more' } };
  const editable = Object.keys(to.editable.shape);
  const isOwn = ([field, { new: made }]: [string, { new?: unknown }]) =>
    JSON.stringify(record[field]) === JSON.stringify(made);
  const [own, others] = [Object.entries(changes).filter(isOwn), Object.entries(changes).filter((one) => !isOwn(one))];
  const patch = Object.fromEntries(
    own.filter(([field]) => editable.includes(field)).map(([field, { old }]) => [field, old ?? null]),
  );
  try {
    const { facts } = await crm.stage(rowCommands[object].update, { id, patch });
    if (!others.length) return { facts };
    return {
      facts,
      kept: { code: 'record.changedSince', detail: `Changed since: ${others.map(([field]) => field).join(', ')}` },
    };
  } catch (error) {
    if (error instanceof Refusal) return { facts: [], kept: { code: error.code, detail: error.message } };
    throw error;
  }
}
