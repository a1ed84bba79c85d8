import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';

/** Lower-case Crockford base32: no i, l, o, u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const letters = '[0-9a-hjkmnp-tv-z]';

/** Records without end: they lie in the log beside their account, `pk = log#<26 of the account>`. */
const logged = new Set(['evt', 'act', 'msg']);
/** Records that are read whole as a directory: `pk = dir#<prefix>`. */
const directories = new Set(['usr', 'tea', 'pip', 'prd', 'pol', 'key']);
/** Records that belong to an account where they name one, else have a partition of their own. */
const either = new Set(['tsk', 'prc']);
/** Records with a partition of their own. */
const own = new Set([
  ...['acc', 'pay', 'pev', 'cmp', 'frm', 'sub', 'seg', 'tpl', 'seq', 'imp', 'exp', 'sup', 'rsc', 'inm'],
  ...directories,
]);

const prefixes = new WeakMap<z.ZodType, string>();

/** The schema of an id of one kind. */
export const id = <const P extends string>(prefix: P) => {
  const length = either.has(prefix) ? '(?:26|40)' : own.has(prefix) ? '26' : '40';
  const body = length === '(?:26|40)' ? `${letters}{26}(?:${letters}{14})?` : `${letters}{${length}}`;
  const schema = z
    .string()
    .regex(new RegExp(`^${prefix}_${body}$`))
    .meta({ title: `${prefix} id`, examples: [`${prefix}_...`] });
  prefixes.set(schema, prefix);
  return schema;
};

/** The kind whose ids a schema takes: `lea` of `id('lea')`; undefined for any other schema. */
export const prefixTakenBy = (schema: z.ZodType): string | undefined => prefixes.get(schema);

/** Whether a text is an id of this kind: opaque to clients, readable to us. */
export const isId = (prefix: string, text: string): boolean => id(prefix).safeParse(text).success;

const anyId = new RegExp(`^[a-z]{3}_${letters}{26}(?:${letters}{14})?$`);
/** Whether a text has the form of an id, of whatever kind. */
export const isAnyId = (text: string): boolean => anyId.test(text);

/** The kind of record that an id is of: `lea` of `lea_...`. */
export const prefixOf = (recordId: string): string => recordId.slice(0, recordId.indexOf('_'));

/** The 26 characters that name the partition of an id. */
export const partitionOf = (recordId: string): string => recordId.slice(4, 30);

/** The account in whose collection a record lies, from its id alone; undefined where it has a partition of its own. */
export function accountOf(recordId: string): string | undefined {
  if (recordId.startsWith('acc_')) return recordId;
  return recordId.length === 44 ? `acc_${partitionOf(recordId)}` : undefined;
}

/** The key of any record, from its id alone. */
export function keyOf(recordId: string): { pk: string; sk: string } {
  const prefix = prefixOf(recordId);
  if (logged.has(prefix)) return { pk: logOf(recordId), sk: recordId };
  if (directories.has(prefix)) return { pk: `dir#${prefix}`, sk: recordId };
  return { pk: accountOf(recordId) ?? recordId, sk: recordId };
}

/** The log that lies beside an account (or beside a record that belongs to none). */
export const logOf = (recordId: string): string => `log#${partitionOf(recordId)}`;

/** An instant in milliseconds as ids hold it: nine characters that sort by time, until the year 3084. */
const timeIn = (instant: number): string =>
  Array.from({ length: 9 }, (_, n) => alphabet[Math.floor(instant / 32 ** (8 - n)) % 32]).join('');

/** Where the ids of an instant begin among those in the collection or log of `within`: for what was made before it. */
export const timeOf = (instant: number, within: string): string => partitionOf(within) + timeIn(instant);

let lastInstant = 0;

/**
 * A new id: nine characters of time, the rest by chance; in the collection or log of `within` (an id) if
 * one is given. The time part never repeats within one process, so that the ids of one transaction differ and stay in order.
 */
export function newId(prefix: string, now: Date, within?: string): string {
  lastInstant = Math.max(now.getTime(), lastInstant + 1);
  const time = timeIn(lastInstant);
  const chance = Array.from(randomBytes(within ? 5 : 17), (byte) => alphabet[byte % 32]).join('');
  return `${prefix}_${within ? partitionOf(within) : ''}${time}${chance}`;
}

/** The id that a name leads to, always the same: for records that are known by their name, such as policies. */
export const idOfName = (prefix: string, name: string): string =>
  `${prefix}_${Array.from(createHash('sha256').update(name).digest().subarray(0, 26), (byte) => alphabet[byte % 32]).join('')}`;
