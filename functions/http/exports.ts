import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Export, ExportDetails, ExportStatus, ShownExport } from '../../shared/exchange/export.ts';
import { readExport, startExport } from '../../shared/exchange/export-commands.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

const bucket = () => given('DOCUMENTS_BUCKET');

export const endpoints = [
  endpoint('POST /v1/exports', {
    summary: 'Start an export',
    may: 'exports:write',
    body: ExportDetails,
    status: 202,
    answer: ShownExport,
    does: startExport,
  }),
  listOf('GET /v1/exports', {
    kind: Export,
    summary: 'List exports',
    may: 'exports:read',
    statuses: ExportStatus.options,
    all: by.state('export', ExportStatus.options),
    filters: {},
    show: { schema: ShownExport, as: async (_, exports) => exports.map(({ place: __, ...shown }) => shown) },
  }),
  endpoint('GET /v1/exports/{id}', {
    params: z.strictObject({ id: id('exp') }),
    summary: 'Read an export: with the address of its file once it is whole',
    may: 'exports:read',
    answer: ShownExport,
    does: readExport(bucket),
  }),
];

export const handler = serve(endpoints);
