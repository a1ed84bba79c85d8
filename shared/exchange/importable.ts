import type * as z from 'zod';
import type { Party } from '../sales/match-party.ts';
import type { Crm } from '../store/command.ts';
import type { Kind, Stamped } from '../store/record.ts';
import { type Fields, fieldsOf } from './fields.ts';
import type { Values } from './map-row.ts';
import type { ColumnRule } from './mapping.ts';

/** A kind of record as files hold it, by the schema of the API: how a row of it is read, and known again. */
export interface Importable {
  readonly kind: Kind<Stamped>;
  readonly fields: Fields;
  /** What a new record needs. */
  readonly details: z.ZodObject;
  /** What of it a row may change of a record that is there. */
  readonly editable: z.ZodObject;
  /** What columns are also called, without spaces and signs -> the field, or how to get there. */
  readonly also: Readonly<Record<string, string | ColumnRule>>;
  /** What the object itself is called in headers, as alternatives of an expression: the `Deal` of `Deal - Title`. */
  readonly called: string;
  /** Makes what a row says complete: a name, a stock-keeping unit. */
  readonly complete: (values: Values, named: ReadonlyMap<string, string>) => Values;
  /** The unique keys by which the record of a row is known. */
  readonly keys: (values: Values) => string[];
  /** What else the rows of a file have in common that are of one record: the latter find what the first has made. */
  readonly sameness: (values: Values) => string[];
  /** Who a row is of, where that can be compared: rows of one file that are the same become one record. */
  readonly party: (values: Values) => Party | undefined;
  /** Whether records are known by what they have in common. */
  readonly compared: boolean;
  /** The record of a row, if it is there by something else than a unique key. */
  readonly find: (crm: Crm, values: Values) => Promise<string | undefined>;
  /** A record in the words of a row: with what stands elsewhere in it, as its sums do. */
  readonly told: (record: Stamped) => Values;
}

interface Spec<D extends z.ZodObject, R extends Stamped> {
  kind: Kind<R>;
  details: D;
  editable?: z.ZodObject;
  also?: Importable['also'];
  called: string;
  /** Whose first and last name a file may hold in one. */
  named?: true;
  complete?: Importable['complete'];
  keys?: (values: Partial<z.infer<D>>) => string[];
  sameness?: (values: Partial<z.infer<D>>) => (string | undefined)[];
  party?: (values: Partial<z.infer<D>>) => Party | undefined;
  find?: (crm: Crm, values: Partial<z.infer<D>>) => Promise<string | undefined>;
  told?: (record: R) => Partial<z.infer<D>>;
}

/** Declares a kind of record that can be imported. */
export const importable = <D extends z.ZodObject, R extends Stamped>(spec: Spec<D, R>): Importable => {
  const { details, editable = details, also = {}, keys, find } = spec;
  return {
    ...spec,
    kind: spec.kind as unknown as Kind<Stamped>,
    editable,
    also,
    fields: { id: { as: 'text' }, ...(spec.named && { name: { as: 'fullName' } }), ...readable(details, spec.kind) },
    complete: spec.complete ?? ((values) => values),
    sameness: (values) => spec.sameness?.(values as Partial<z.infer<D>>).filter((one) => one !== undefined) ?? [],
    told: (record) => ({ ...record, ...spec.told?.(record as unknown as R) }),
    compared: spec.party !== undefined,
    keys: (values) => keys?.(values as Partial<z.infer<D>>) ?? [],
    party: (values) => spec.party?.(values as Partial<z.infer<D>>),
    find: async (crm, values) => find?.(crm, values as Partial<z.infer<D>>),
  };
};

/** What a row may say: also of a record that is here, which may be in states in which none is taken in anew. */
function readable(details: z.ZodObject, { schema }: { schema: z.ZodType }): Fields {
  const stored = fieldsOf(schema as unknown as z.ZodObject);
  return Object.fromEntries(
    Object.entries(fieldsOf(details)).map(([path, field]) => {
      const kept = stored[path];
      return [path, field.as === 'choice' && kept?.as === 'choice' ? kept : field];
    }),
  );
}
