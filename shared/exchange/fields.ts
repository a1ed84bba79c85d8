import type * as z from 'zod';
import { Country } from '../core/contact-points.ts';
import { prefixTakenBy } from '../core/ids.ts';

/** What a cell of a column can become: how a field is written in a file follows from the schema of its record. */
export type Field =
  | {
      as:
        | 'text'
        | 'email'
        | 'country'
        | 'integer'
        | 'number'
        | 'boolean'
        | 'date'
        | 'instant'
        | 'money'
        | 'externalId'
        | 'fullName'
        | 'json';
    }
  | { as: 'choice'; of: readonly string[] }
  | { as: 'reference'; to: string }
  | { as: 'list'; of: Field };
export type Fields = Readonly<Record<string, Field>>;

type Definition = { type: string; [part: string]: unknown };
const definitionOf = (schema: z.ZodType): Definition => (schema as unknown as { def: Definition }).def;

/** The fields of a record by path, as its schema has them: `name`, `billingAddress.city`, `custom.*` for a field of one's own. */
export const fieldsOf = (details: z.ZodObject): Fields =>
  Object.fromEntries(Object.entries(details.shape).flatMap(([name, schema]) => under(name, schema as z.ZodType)));

function under(path: string, schema: z.ZodType): [string, Field][] {
  const inner = bare(schema);
  const { type, shape } = definitionOf(inner) as { type: string; shape?: Record<string, z.ZodType> };
  if (path === 'externalIds')
    return [
      ['externalId', { as: 'externalId' }],
      [path, { as: 'json' }],
    ];
  if (type === 'record')
    return [
      [`${path}.*`, { as: 'text' }],
      [path, { as: 'json' }],
    ];
  if (type !== 'object' || !shape || isMoney(inner)) return [[path, fieldOf(inner)]];
  return Object.entries(shape).map(([name, of]): [string, Field] => [`${path}.${name}`, fieldOf(bare(of))]);
}

/** A schema without what makes it optional, and without what is done to a text before it is checked. */
function bare(schema: z.ZodType): z.ZodType {
  const { type, innerType, out } = definitionOf(schema) as { type: string; innerType?: z.ZodType; out?: z.ZodType };
  if (innerType && ['optional', 'default', 'nullable'].includes(type)) return bare(innerType);
  return type === 'pipe' && out ? bare(out) : schema;
}

const isMoney = (schema: z.ZodType): boolean => {
  const { shape } = definitionOf(schema) as { shape?: Record<string, z.ZodType> };
  return shape !== undefined && Object.keys(shape).sort().join() === 'amount,currency';
};

function fieldOf(schema: z.ZodType): Field {
  const { type, entries, format, element, checks } = definitionOf(schema) as unknown as {
    type: string;
    entries?: Record<string, string>;
    format?: string;
    element?: z.ZodType;
    checks?: unknown[];
  };
  const to = prefixTakenBy(schema);
  if (to) return { as: 'reference', to };
  if (schema === Country) return { as: 'country' };
  if (isMoney(schema)) return { as: 'money' };
  if (type === 'enum') return { as: 'choice', of: Object.values(entries ?? {}) };
  if (type === 'boolean') return { as: 'boolean' };
  if (type === 'number') return { as: isInteger(format, checks) ? 'integer' : 'number' };
  if (type === 'string') return { as: texts[format ?? ''] ?? 'text' };
  if (type === 'array' && element && definitionOf(bare(element)).type !== 'object')
    return { as: 'list', of: fieldOf(bare(element)) };
  return { as: 'json' };
}

const texts: Readonly<Record<string, 'email' | 'date' | 'instant'>> = {
  email: 'email',
  date: 'date',
  datetime: 'instant',
};

interface Check {
  _zod: { def: { format?: string } };
}
const isInteger = (format: string | undefined, checks: unknown[] = []): boolean =>
  format === 'safeint' || checks.some((check) => (check as Check)._zod.def.format === 'safeint');

/** The field that a path names; `custom.colour` is one of `custom.*`. */
export const fieldAt = (fields: Fields, path: string): Field | undefined =>
  fields[path] ?? (path.includes('.') ? fields[`${path.slice(0, path.indexOf('.'))}.*`] : undefined);
