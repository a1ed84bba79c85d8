import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Refusal } from '../../shared/core/refusal.ts';
import { Import, ImportDetails, ImportStatus, resultKey, resultKinds } from '../../shared/exchange/import.ts';
import { createImport, runImport, undoImport } from '../../shared/exchange/import-commands.ts';
import { Preview, PreviewRequest, previewImport } from '../../shared/exchange/preview-import.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { presignedUrl } from '../../shared/store/bucket.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

const bucket = () => given('DOCUMENTS_BUCKET');
const one = { params: z.strictObject({ id: id('imp') }), answer: Import.schema } as const;
const Upload = z.object({ method: z.literal('PUT'), url: z.string(), headers: z.record(z.string(), z.string()) });
const goodForSeconds = 15 * 60;

export const endpoints = [
  endpoint('POST /v1/imports', {
    summary: 'Make an import, and the address that takes its file',
    may: 'imports:write',
    body: ImportDetails,
    status: 201,
    answer: Import.schema.and(z.object({ upload: Upload })),
    does: createImport(bucket),
  }),
  listOf('GET /v1/imports', {
    kind: Import,
    summary: 'List imports',
    may: 'imports:read',
    statuses: ImportStatus.options,
    all: by.state('import', ImportStatus.options),
    filters: {},
  }),
  endpoint('GET /v1/imports/{id}', {
    ...one,
    may: 'imports:read',
    summary: 'Read an import: how far it has come',
    does: (crm, { id }) => crm.load(Import, id),
  }),
  endpoint('POST /v1/imports/{id}/preview', {
    ...one,
    may: 'imports:write',
    summary: 'Look at the file: what each row would come to',
    body: PreviewRequest,
    answer: Preview,
    refuses: ['record.wrongState', 'record.tooLarge'],
    does: previewImport(bucket),
  }),
  endpoint('POST /v1/imports/{id}/run', {
    ...one,
    may: 'imports:write',
    summary: 'Run an import that was looked at',
    status: 202,
    refuses: ['record.wrongState'],
    does: runImport(bucket),
  }),
  endpoint('GET /v1/imports/{id}/results', {
    ...one,
    may: 'imports:read',
    summary:
      'Where the rows of a kind are, for a quarter of an hour: CSV with number, id, code and the original columns',
    query: z.strictObject({ kind: z.enum(resultKinds) }),
    answer: z.object({ url: z.string() }),
    status: 302,
    location: ({ url }: { url: string }) => url,
    refuses: ['record.busy', 'record.wrongState'],
    does: async (crm, { id, kind }) => {
      const { status } = await crm.load(Import, id);
      if (status === 'running') throw new Refusal('record.busy', 'The import is running', { retryAfter: 1 });
      if (status !== 'succeeded' && status !== 'undone')
        throw new Refusal('record.wrongState', `An import that is ${status} has no results`);
      return {
        url: await presignedUrl(bucket(), resultKey(id, kind), goodForSeconds, { saveAs: `${id}-${kind}.csv` }),
      };
    },
  }),
  endpoint('POST /v1/imports/{id}/undo', {
    ...one,
    may: 'imports:write',
    summary: 'Take an import back: what it made is archived, what it changed is as it was, unless changed since',
    status: 202,
    refuses: ['record.wrongState'],
    does: (crm, { id }) => undoImport(crm, { id }),
  }),
];

export const handler = serve(endpoints);
