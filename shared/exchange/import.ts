import * as z from 'zod';
import { Line } from '../core/text.ts';
import { Actor, eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Dialect } from './csv/dialect.ts';
import { Mapping } from './mapping.ts';

export const ImportStatus = z.enum(['uploaded', 'validating', 'ready', 'running', 'succeeded', 'failed', 'undone']);

export const objectNames = [
  'users',
  'teams',
  'products',
  'accounts',
  'contacts',
  'leads',
  'opportunities',
  'orders',
  'invoices',
  'payments',
  'cases',
  'activities',
  'consents',
] as const;
export const ObjectName = z.enum(objectNames);
export type ObjectName = z.infer<typeof ObjectName>;

export const ImportOptions = z.strictObject({
  runWorkflows: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether processes start and mails go out for what is imported.' }),
  onDuplicate: z
    .enum(['skip', 'update', 'create'])
    .default('skip')
    .meta({ description: 'What becomes of a row whose record is there.' }),
});
export type ImportOptions = z.infer<typeof ImportOptions>;

/** The biggest file that is taken. */
export const mostBytes = 150_000_000;

/** What is asked of an import. */
export const ImportDetails = z.strictObject({
  object: ObjectName,
  options: ImportOptions.default({ runWorkflows: false, onDuplicate: 'skip' }),
  sizeBytes: z
    .int()
    .min(1)
    .max(mostBytes)
    .optional()
    .meta({ description: 'The size of the file, if it is known: no other is taken then.' }),
  filename: Line.max(200).optional(),
});

export const resultKinds = ['created', 'updated', 'skipped', 'failed', 'kept'] as const;
export type ResultKind = (typeof resultKinds)[number];

const Counts = z.object({
  rows: z.int().meta({ description: 'Rows done so far while it runs.' }),
  created: z.int(),
  updated: z.int(),
  skipped: z.int(),
  failed: z.int(),
  kept: z.int().optional().meta({ description: 'What an undo left as it is, because it has changed since.' }),
});
export type Counts = z.infer<typeof Counts>;
export const noCounts: Counts = { rows: 0, created: 0, updated: 0, skipped: 0, failed: 0 };

const ImportRecord = z
  .object({
    ...record('imp'),
    ...ImportDetails.shape,
    options: ImportOptions,
    status: ImportStatus,
    file: z
      .object({
        bytes: z.int(),
        version: z
          .string()
          .optional()
          .meta({ description: 'The version of the object that was looked at: no other is run.' }),
        dialect: Dialect,
        columns: z.array(z.string()),
        orders: z
          .record(z.string(), z.enum(['dayFirst', 'monthFirst', 'decimalComma', 'decimalPoint']))
          .meta({ description: 'How columns write their dates and numbers.' }),
        start: z.object({ offset: z.int(), row: z.int() }),
      })
      .optional(),
    mapping: Mapping.optional(),
    counts: Counts,
    place: z
      .object({ page: z.int(), offset: z.int(), row: z.int() })
      .optional()
      .meta({ description: 'How far it has come: where a turn that was lost goes on.' }),
    undoing: z.boolean().optional(),
    startedBy: Actor.optional(),
    finishedAt: z.iso.datetime().optional(),
    fault: z.string().optional().meta({ description: 'Why it failed as a whole.' }),
  })
  .meta({ id: 'Import' });
export type Import = z.infer<typeof ImportRecord>;

/** A file on its way into the CRM: what it is, how it is read, how far it has come. */
export const Import: Kind<Import> = {
  name: 'import',
  prefix: 'imp',
  schema: ImportRecord,
  places: ({ id, status, createdAt }) => ({ gsi2: inState('import', status, createdAt, id) }),
};

const event = eventsOf(Import, ImportRecord.pick({ object: true, status: true, counts: true }));
export const ImportCreated = event('created');

/** The life of an import. */
export const importMoves = {
  preview: { from: ['uploaded', 'validating', 'ready'], event: event('updated') },
  run: { from: ['validating', 'ready'], to: 'running', event: event('started') },
  goOn: { from: ['running'], to: 'running', event: event('progressed') },
  finish: { from: ['running'], to: 'succeeded', event: event('finished') },
  fail: { from: ['running'], to: 'failed', event: event('failed') },
  undo: { from: ['succeeded', 'failed'], to: 'running', event: event('undoStarted') },
  undone: { from: ['running'], to: 'undone', event: event('undone') },
} as const;
export const moveImport = mover<Import, Import['status'], typeof importMoves>('import', importMoves);

/** Where the file of an import lies; its results by kind; what a page of it came to. */
export const sourceKey = (importId: string): string => `imports/${importId}/source.csv`;
export const resultKey = (importId: string, kind: ResultKind): string => `imports/${importId}/${kind}.csv`;
export const partKey = (importId: string, run: 'run' | 'undo', page: number): string =>
  `imports/${importId}/${run}/${String(page).padStart(6, '0')}.json`;
