import * as z from 'zod';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { ObjectName } from './import.ts';

export const ExportStatus = z.enum(['running', 'succeeded']);

/** What is asked of an export. */
export const ExportDetails = z.strictObject({
  object: ObjectName,
  filter: z
    .record(z.string().max(100), z.union([z.string().max(500), z.number(), z.boolean()]))
    .optional()
    .meta({ description: 'Fields and what they must be; a part of a field by its path.' }),
  columns: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'All that can be imported if absent.' }),
});

const ExportRecord = z
  .object({
    ...record('exp'),
    ...ExportDetails.shape,
    status: ExportStatus,
    counts: z.object({ rows: z.int() }),
    place: z
      .object({ range: z.int(), before: z.string().optional(), page: z.int() })
      .optional()
      .meta({ description: 'How far it has come: which stretch of the table, behind which record.' }),
    finishedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Export' });
export type Export = z.infer<typeof ExportRecord>;

/** A file on its way out: which records, which of their fields, how far it has come. */
export const Export: Kind<Export> = {
  name: 'export',
  prefix: 'exp',
  schema: ExportRecord,
  places: ({ id, status, createdAt }) => ({ gsi2: inState('export', status, createdAt, id) }),
};

const event = eventsOf(Export, ExportRecord.pick({ object: true, status: true, counts: true }));
export const ExportStarted = event('started');
export const exportMoves = {
  goOn: { from: ['running'], to: 'running', event: event('progressed') },
  finish: { from: ['running'], to: 'succeeded', event: event('finished') },
} as const;
export const moveExport = mover<Export, Export['status'], typeof exportMoves>('export', exportMoves);

/** Where the file of an export lies, and its pages until they are put together. */
export const exportKey = (exportId: string): string => `exports/${exportId}/export.csv`;
export const exportPartKey = (exportId: string, page: number): string =>
  `exports/${exportId}/parts/${String(page).padStart(6, '0')}.json`;

/** As the API shows it: with its file as soon as it is whole. */
export const ShownExport = ExportRecord.omit({ place: true })
  .extend({
    download: z.object({ url: z.string() }).optional().meta({ description: 'Good for a quarter of an hour.' }),
  })
  .meta({ id: 'ExportShown' });
export type ShownExport = z.infer<typeof ShownExport>;
