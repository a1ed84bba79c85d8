import { createHash } from 'node:crypto';
import type { Range } from '../store/places.ts';
import type { Item } from '../store/store.ts';
import { type Count, type Sums, undated } from './report.ts';

/** How many items a bucket is spread over, so that no item is hot. The number is in the key: more of them need no move. */
const shards = 8;

/** Where the buckets of a report lie that are divided by a dimension, in one generation. */
const partitionOf = (report: string, generation: number, dimension: string): string =>
  `report#${report}#${generation}#${dimension}`;

/** The item in which a record counts. */
export function bucketKey(report: string, generation: number, count: Count, recordId: string) {
  const shard = createHash('sha256').update(recordId).digest()[0]! % shards;
  const sk = [count.on, encodeURIComponent(count.key), count.cell, shard].join('#');
  return { pk: partitionOf(report, generation, count.dimension), sk };
}

/** The buckets of the dates `from..to`, both included; all if none are named. */
export const bucketsIn = (report: string, generation: number, dimension: string, from = ''): Range => ({
  pk: partitionOf(report, generation, dimension),
  prefix: '',
  ...(from && { since: from }),
});
/** What comes after every bucket of the dates `from..to`. What has no date is of no range, and only there where none is asked for. */
export const endOf = ({ from, to }: { from?: string | undefined; to?: string | undefined }): string | undefined => {
  if (to && to < undated) return `${to}$`;
  return from || to ? undated : undefined;
};

/** A bucket as it is stored. */
export interface Bucket extends Omit<Count, 'dimension'> {
  /** How often something counts in it: with none it is about to be deleted. */
  readonly counts: number;
}

export function bucketOf({ pk: _, sk, counts, ...figures }: Item): Bucket {
  const [on = '', key = '', cell = ''] = String(sk).split('#');
  return { on, key: decodeURIComponent(key), cell, counts: Number(counts), figures: figures as Sums };
}
