import type { Key } from './record.ts';

/**
 * The words for where a record is found beside its own key, so that writer and reader cannot differ. Positions (what follows the
 * prefix of a sort key) are `<createdAt>#<id>` or `<id>`: a list is walked by position, newest first.
 */

/** Today one shard a kind and state; the number is in the key so that it can grow. */
const shard = 0;

/** gsi1: somebody's work, by kind and status. `of` is a user's id or `queue:<name>`. */
export const workOf = (of: string, kind: string, status: string, at: string, id: string): Key => [
  `own#${of}`,
  `${kind}#${status}#${at}#${id}`,
];
/** gsi2: everything of a kind by state and time. */
export const inState = (kind: string, state: string, at: string, id: string): Key => [
  `${kind}#${state}#${shard}`,
  `${at}#${id}`,
];
/** gsi3: an open thing of an account; `under` is the record in whose thread it stands too. */
export const openIn = (accountId: string, kind: string, id: string, under = ''): Key => [
  `open#${accountId}`,
  `${kind}#${under}#${id}`,
];
/** gsi3: in the thread of a record, no longer open. */
export const inThread = (recordId: string, kind: string, id: string): Key => [`thread#${recordId}`, `${kind}#${id}`];
/** A look-up item: many records may stand under one key. */
export const under = (key: string, id: string): Key => [key, id];

/** A stretch of one partition of the table or of an index: everything whose sort key begins with `prefix`. */
export interface Range {
  readonly index?: 'gsi1' | 'gsi2' | 'gsi3';
  readonly pk: string;
  readonly prefix: string;
  /** Only from this position on. */
  readonly since?: string;
  /** Look-up items lead to records; items of the table itself are records. */
  readonly lookUp?: boolean;
  /** Read from its other end: work that is taken in turn. */
  readonly oldestFirst?: boolean;
}
export const ranges = {
  workOf: (of: string, kind: string, status: string): Range => ({
    index: 'gsi1',
    pk: `own#${of}`,
    prefix: `${kind}#${status}#`,
  }),
  inState: (kind: string, state: string): Range => ({ index: 'gsi2', pk: `${kind}#${state}#${shard}`, prefix: '' }),
  openIn: (accountId: string, kind: string, underRecord = ''): Range => ({
    index: 'gsi3',
    pk: `open#${accountId}`,
    prefix: `${kind}#${underRecord}#`,
  }),
  inThread: (recordId: string, kind: string): Range => ({
    index: 'gsi3',
    pk: `thread#${recordId}`,
    prefix: `${kind}#`,
  }),
  under: (key: string): Range => ({ pk: key, prefix: '', lookUp: true }),
  /** The records of a kind in a partition of the table itself. */
  in: (pk: string, recordPrefix: string): Range => ({ pk, prefix: `${recordPrefix}_` }),
};
