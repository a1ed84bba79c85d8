import type * as z from 'zod';
import { presignedPut } from '../store/bucket.ts';
import type { Command } from '../store/command.ts';
import { Import, ImportCreated, type ImportDetails, moveImport, noCounts, sourceKey } from './import.ts';
import { planOf } from './import-plan.ts';

/** Where the file goes: a PUT of its bytes. */
export interface Upload {
  method: 'PUT';
  url: string;
  headers: Record<string, string>;
}

const uploadSeconds = 15 * 60;

/** Makes an import, and the address that takes its file for a quarter of an hour. */
export const createImport =
  (bucket: () => string): Command<z.infer<typeof ImportDetails>, Import & { upload: Upload }> =>
  async (crm, details) => {
    const id = crm.newId('imp');
    const url = await presignedPut(bucket(), sourceKey(id), uploadSeconds, { bytes: details.sizeBytes });
    const upload = { method: 'PUT' as const, url, headers: { 'content-type': 'text/csv' } };
    return crm.commitAs(
      (stored) => ({ ...(stored as Import), upload }),
      [ImportCreated(undefined, { ...details, id, status: 'uploaded', counts: noCounts })],
    );
  };

/** Starts an import that was looked at. From here on the process goes on by itself. */
export const runImport =
  (bucket: () => string): Command<{ id: string }, Import> =>
  async (crm, { id }) => {
    const before = await crm.load(Import, id);
    if (before.status === 'ready' || before.status === 'validating') await planOf(crm, before, bucket());
    const place = { page: 0, ...(before.file?.start ?? { offset: 0, row: 1 }) };
    return crm.commit([moveImport(before, 'run', { place, counts: noCounts, startedBy: crm.on.actor })]);
  };

/** Takes an import back: what it made is archived, what it changed is as it was, unless that has changed since. */
export const undoImport: Command<{ id: string }, Import> = async (crm, { id }) => {
  const before = await crm.load(Import, id);
  const place = { page: 0, offset: 0, row: before.counts.rows };
  return crm.commit([
    moveImport(before, 'undo', { place, undoing: true, finishedAt: undefined, startedBy: crm.on.actor }),
  ]);
};
