import type * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { hasObject, presignedUrl } from '../store/bucket.ts';
import type { Command } from '../store/command.ts';
import { Export, type ExportDetails, ExportStarted, exportKey, type ShownExport } from './export.ts';
import { fieldAt } from './fields.ts';
import { importableOf } from './import-plan.ts';

const goodForSeconds = 15 * 60;

/** Starts an export. 400 with a pointer for each column that there is not. */
export const startExport: Command<z.infer<typeof ExportDetails>, ShownExport> = async (crm, details) => {
  const { fields, kind } = importableOf(details.object);
  const shape = Object.keys((kind.schema as unknown as z.ZodObject).shape);
  const known = (path: string) => fieldAt(fields, path) ?? shape.includes(path.split('.')[0]!);
  const unknown = [
    ...(details.columns ?? []).map((path, n) => ({ pointer: `#/columns/${n}`, path })),
    ...Object.keys(details.filter ?? {}).map((path) => ({ pointer: `#/filter/${path}`, path })),
  ].filter(({ path }) => !known(path));
  if (unknown.length)
    throw new Refusal('request.invalid', 'The export names fields that there are not', {
      errors: unknown.map(({ pointer, path }) => ({
        pointer,
        code: 'unrecognized_key',
        detail: `There is no field ${path}`,
      })),
    });
  const id = crm.newId('exp');
  return crm.commit([ExportStarted(undefined, { ...details, id, status: 'running', counts: { rows: 0 } })]);
};

/** An export, with the address of its file once it is whole. */
export const readExport =
  (bucket: () => string): Command<{ id: string }, ShownExport> =>
  async (crm, { id }) => {
    const { place: _, ...found } = await crm.load(Export, id);
    if (found.status !== 'succeeded' || !(await hasObject(bucket(), exportKey(id)))) return found;
    const url = await presignedUrl(bucket(), exportKey(id), goodForSeconds, { saveAs: `${found.object}.csv` });
    return { ...found, download: { url } };
  };
