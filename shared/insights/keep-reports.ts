import * as z from 'zod';
import { logOf, prefixOf } from '../core/ids.ts';
import { Settings } from '../core/settings.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Range } from '../store/places.ts';
import type { Action, Item, Store } from '../store/store.ts';
import { bucketKey } from './buckets.ts';
import { countedIn, generationOf, generationsOf } from './generations.ts';
import type { Count, Report } from './report.ts';
import { reports } from './reports.ts';
import { type Change, concernedBy } from './subjects.ts';

/** What the reports are told of: a change, and by which event. */
export interface Told extends Change {
  eventId?: string | undefined;
}

/** Counts a change into the reports: every record that it concerns is looked at again. */
export const keepReports: Command<Told, void> = async (crm, told) => {
  for await (const recordId of concernedBy(crm.store, told)) await countAnew(crm, { recordId, eventId: told.eventId });
};

/**
 * Brings the counts of one record in line with what it is now: its former contribution is exchanged for the new one, together with the
 * change of the buckets, in one transaction. What an event says does not matter, only that there is something to look at: so repeats and
 * reordering change nothing. It looks until there is nothing left to exchange: whoever read something older may have come in between.
 */
export const countAnew: Command<{ recordId: string; eventId?: string | undefined }, void> = async (crm, input) => {
  while (await exchange(crm, input.recordId, input.eventId)) {}
};

/** A contribution as it is kept beside the record, for a report, a generation and a part of its counts. */
const Contribution = z.object({ sk: z.string(), generation: z.int(), version: z.int(), counts: z.string() });
type Contribution = z.infer<typeof Contribution>;

/** Where the contributions of a record lie: in the log, since there is no end of them. */
const contributionsOf = (recordId: string): Range => ({ pk: logOf(recordId), prefix: `rpt#${recordId}#` });

async function exchange(crm: Crm, recordId: string, eventId: string | undefined): Promise<boolean> {
  const { store } = crm;
  const about = reports.filter(({ counts }) => counts.some(({ subject }) => subject.prefix === prefixOf(recordId)));
  if (!about.length) return false;
  const [generations, items] = await Promise.all([
    generationsOf(store),
    store.queryAll(contributionsOf(recordId), true),
  ]);
  const kept = items.map((item) => Contribution.parse(item));
  // Only now the record: it is never older than what was counted of it.
  const { timeZone } = await crm.policy(Settings);
  const { version, countsIn } = await seen(store, recordId, about, timeZone);
  const exchanges = about.flatMap((report) =>
    countedIn(generationOf(generations, report.name)).flatMap((generation) =>
      exchangesOf(store, { recordId, report: report.name, generation, version, counts: countsIn(report) }, kept),
    ),
  );
  for (const together of packed(exchanges)) await commit(crm, together, recordId, eventId);
  return exchanges.length > 0;
}

/** What there is to count of a record: it is read once for all reports that see the same in it. */
async function seen(store: Store, recordId: string, about: readonly Report[], timeZone: string) {
  const subjects = new Set(about.flatMap(({ counts }) => counts.map(({ subject }) => subject)));
  const ofItsKind = [...subjects].filter(({ prefix }) => prefix === prefixOf(recordId));
  const found = new Map(
    await Promise.all(ofItsKind.map(async (subject) => [subject, await subject.see(store, recordId)] as const)),
  );
  const countsIn = ({ counts }: Report): Count[] =>
    counts.flatMap((one) => {
      const what = found.get(one.subject)?.what;
      return what === undefined ? [] : one.counts(what as never, timeZone);
    });
  return { version: Math.min(...[...found.values()].map(({ version }) => version)), countsIn };
}

interface Standing {
  recordId: string;
  report: string;
  generation: number;
  version: number;
  counts: readonly Count[];
}

/** A contribution that takes the place of another one, and what that changes of the buckets. */
interface Exchange {
  contribution: Action;
  changes: Map<string, BucketChange>;
}
interface BucketChange {
  key: { pk: string; sk: string };
  counts: number;
  figures: Record<string, number>;
}

/** A transaction takes a hundred items: a contribution to more buckets than this is kept in parts, each exact by itself. */
const mostCounts = 40;
/** Two generations have room beside each other: the next takes the place of the last but one. */
const slots = 2;

/** What differs between what was counted of a record in a generation and what should be. */
function exchangesOf(store: Store, standing: Standing, kept: readonly Contribution[]): Exchange[] {
  const { recordId, report, generation, version, counts } = standing;
  const prefix = `rpt#${recordId}#${report}#${generation % slots}#`;
  const parts = Array.from({ length: Math.ceil(counts.length / mostCounts) }, (_, n) =>
    JSON.stringify(counts.slice(n * mostCounts, (n + 1) * mostCounts)),
  );
  const wanted = new Map(parts.map((part, n) => [`${prefix}${n}`, part]));
  const known = new Map(kept.filter(({ sk }) => sk.startsWith(prefix)).map((one) => [one.sk, one]));
  return [...new Set([...wanted.keys(), ...known.keys()])].flatMap((sk) => {
    const [before, after] = [known.get(sk), wanted.get(sk)];
    // A later generation has the place already: this one is no longer read.
    if (before && before.generation > generation) return [];
    const same = before?.generation === generation && before.version === version && before.counts === after;
    if (same) return [];
    const was = before?.generation === generation ? before.counts : '[]';
    const key = { pk: logOf(recordId), sk };
    return [
      {
        contribution: inPlaceOf(
          store,
          key,
          before,
          after === undefined ? undefined : { generation, version, counts: after },
        ),
        changes: changesBetween(parsed(was), parsed(after ?? '[]'), standing),
      },
    ];
  });
}

const parsed = (counts: string): Count[] => JSON.parse(counts) as Count[];

/** A contribution in place of the one that was read: a Put, or a Delete where nothing counts any more. */
function inPlaceOf(
  store: Store,
  key: { pk: string; sk: string },
  before: Contribution | undefined,
  after: Omit<Contribution, 'sk'> | undefined,
): Action {
  const unchanged = before
    ? {
        ConditionExpression: '#counts = :counts AND #version = :version AND #generation = :generation',
        ExpressionAttributeNames: { '#counts': 'counts', '#version': 'version', '#generation': 'generation' },
        ExpressionAttributeValues: {
          ':counts': before.counts,
          ':version': before.version,
          ':generation': before.generation,
        },
      }
    : { ConditionExpression: 'attribute_not_exists(pk)' };
  return after
    ? store.put({ ...key, ...after }, unchanged)
    : { Delete: { TableName: store.table, Key: key, ...unchanged } };
}

/** What has to be added to which bucket, so that it holds the new counts instead of the old ones. */
function changesBetween(
  before: readonly Count[],
  after: readonly Count[],
  { report, generation, recordId }: Standing,
): Map<string, BucketChange> {
  const changes = new Map<string, BucketChange>();
  const add = (count: Count, sign: 1 | -1) => {
    const key = bucketKey(report, generation, count, recordId);
    const change = changes.get(`${key.pk} ${key.sk}`) ?? { key, counts: 0, figures: {} };
    change.counts += sign;
    for (const [name, value] of Object.entries(count.figures))
      change.figures[name] = (change.figures[name] ?? 0) + sign * value;
    changes.set(`${key.pk} ${key.sk}`, change);
  };
  for (const count of before) add(count, -1);
  for (const count of after) add(count, 1);
  return merged([changes]);
}

/** Several changes as one, without those that change nothing. */
function merged(several: readonly Map<string, BucketChange>[]): Map<string, BucketChange> {
  const all = new Map<string, BucketChange>();
  for (const [id, { key, counts, figures }] of several.flatMap((changes) => [...changes])) {
    const sum = all.get(id) ?? { key, counts: 0, figures: {} };
    sum.counts += counts;
    for (const [name, value] of Object.entries(figures)) sum.figures[name] = (sum.figures[name] ?? 0) + value;
    all.set(id, sum);
  }
  return new Map([...all].filter(([, { counts, figures }]) => counts || Object.values(figures).some(Boolean)));
}

/** As many exchanges in one transaction as it takes: all of a record as a rule. */
function packed(exchanges: readonly Exchange[]): Exchange[][] {
  const packs: Exchange[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const one of exchanges) {
    const items = 1 + one.changes.size;
    if (size + items > 99) {
      packs.push([one]);
      size = items;
    } else {
      packs.at(-1)!.push(one);
      size += items;
    }
  }
  return packs;
}

async function commit(crm: Crm, exchanges: readonly Exchange[], recordId: string, eventId?: string): Promise<void> {
  const { store, now } = crm;
  const changes = [...merged(exchanges.map((one) => one.changes)).values()];
  await crm.commitAs(
    () => undefined,
    [],
    [
      ...exchanges.map(({ contribution }) => contribution),
      ...changes.map((change) => added(store, change)),
      ...(eventId && changes.length ? [noted(store, recordId, eventId, now)] : []),
    ],
  );
  // A bucket that nobody counts in any more: reports stay as small as what they are about.
  const left = changes.filter(({ counts }) => counts < 0);
  await Promise.all(left.map(({ key }) => store.remove(key, 'counts', 0)));
}

function added(store: Store, { key, counts, figures }: BucketChange): Action {
  const sums = Object.entries({ counts, ...figures });
  return {
    Update: {
      TableName: store.table,
      Key: key,
      UpdateExpression: `ADD ${sums.map((_, n) => `#f${n} :v${n}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(sums.map(([name], n) => [`#f${n}`, name])),
      ExpressionAttributeValues: Object.fromEntries(sums.map(([, value], n) => [`:v${n}`, value])),
    },
  };
}

/** Where the last events that changed a report are noted, a few beside each other. */
export const appliedEvents: Range = { pk: 'reports#applied', prefix: '' };
export interface Applied extends Item {
  eventId: string;
  at: string;
}
const noted = (store: Store, recordId: string, eventId: string, now: Date): Action => {
  const { sk } = bucketKey('', 0, { dimension: '', on: '', key: '', cell: '', figures: {} }, recordId);
  return store.put({ pk: appliedEvents.pk, sk, eventId, at: now.toISOString() });
};
