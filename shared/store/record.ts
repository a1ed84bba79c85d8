import * as z from 'zod';
import { id } from '../core/ids.ts';

/** Where a change comes from that nobody made by hand: an import, and whether workflows may run and mails be sent because of it. */
export const Origin = z.object({ importId: z.string(), runWorkflows: z.boolean() });
export type Origin = z.infer<typeof Origin>;

/** What every record has beside its id. The store stamps these fields; rules never do. */
export const stamps = {
  version: z.int().positive(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  createdBy: z.string(),
  origin: Origin.optional().meta({
    description: 'The import that it stands as: until something happens to the record that is more than an edit.',
  }),
};

/** The fields of a record of one kind: `z.object({ ...record('lea'), status: ... })`. */
export const record = <const P extends string>(prefix: P) => ({
  id: id(prefix),
  ...stamps,
  archivedAt: z.iso
    .datetime()
    .optional()
    .meta({ description: 'Since when it is archived: listed nowhere, found by id.' }),
});

export type Stamped = { id: string; archivedAt?: string | undefined } & z.infer<z.ZodObject<typeof stamps>>;
/** A record as a rule writes it: without the stamps. */
export type Draft<R extends Stamped> = Omit<R, keyof typeof stamps>;

/** A key of an index: partition and sort key. */
export type Key = readonly [pk: string, sk: string];

/** Where a record is found beside its own key. See `places.ts` for the words that make these keys. */
export interface Places {
  /** Somebody's work. */
  gsi1?: Key;
  /** Everything of a kind by state and time. */
  gsi2?: Key;
  /** The open things of an account, or the thread of a record; with the card that a list shows. */
  gsi3?: Key;
  card?: Record<string, unknown>;
  /** Look-up items beside the record: many records may stand under one key. */
  shared?: readonly Key[];
}

/** A kind of record: its schema, the keys that only one may hold, and the places where it is found. */
export interface Kind<R extends Stamped> {
  readonly name: string;
  readonly prefix: string;
  readonly schema: z.ZodType<R>;
  unique?(record: Draft<R>): string[];
  /** Records that every deployment has before anybody has stored them: at version 0, until they are first changed. */
  readonly given?: readonly R[];
  places?(record: R): Places;
}
