import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { Settings } from '../core/settings.ts';
import { type Command, run } from '../store/command.ts';
import type { Range } from '../store/places.ts';
import type { Action, Item, Store } from '../store/store.ts';
import type { Surroundings } from '../store/surroundings.ts';
import { bucketsIn } from './buckets.ts';
import { changeGeneration, type Generation, generationOf, generationsOf } from './generations.ts';
import { countAnew } from './keep-reports.ts';
import type { Report } from './report.ts';
import { reports } from './reports.ts';

export interface Rebuilt {
  reports: string[];
  /** How many records were looked at. */
  walked: number;
  /** False where the time was up: the next run goes on from there. */
  done: boolean;
}

/** When to stop, and how long an index may lag behind its table. */
export interface Pace {
  until: Date;
  settleMilliseconds?: number;
}

/**
 * Rebuilds the reports that are named, or those that need it: what was interrupted, what has a new revision or zone, what was never built.
 * Each is counted from the records as they are into a generation of its own, beside the one that is read; events are counted into both
 * meanwhile. Once every record has been looked at the new one is read, and the old one deleted.
 */
export async function rebuildReports(around: Surroundings, named: readonly string[], pace: Pace): Promise<Rebuilt> {
  const { timeZone } = await around.policies.inForce(Settings, around.now());
  const builtFor = ({ revision }: Report) => `revision ${revision}, ${timeZone}`;
  const all = await generationsOf(around.store);
  const wanted = reports.filter((report) => {
    const known = generationOf(all, report.name);
    return (
      known.building !== undefined || (named.length ? named.includes(report.name) : known.builtFor !== builtFor(report))
    );
  });
  if (!wanted.length) return { reports: [], walked: 0, done: true };
  const begun: { report: Report; generation: Generation }[] = [];
  for (const report of wanted) begun.push({ report, generation: await begin(around, report) });
  // Every record is in its index by then, or its event is yet to come and is counted into both generations.
  await setTimeout(pace.settleMilliseconds ?? 5_000);
  const { walked, done } = await walk(around, wanted, pace.until);
  if (done) for (const { report, generation } of begun) await finish(around, report, generation, builtFor(report));
  return { reports: wanted.map(({ name }) => name), walked, done };
}

/** From now on events are counted into the generation to come, too. */
const begin = (around: Surroundings, { name }: Report): Promise<Generation> =>
  does(around, changeGeneration, {
    report: name,
    becomes: ({ building, ...known }) => ({ ...known, building: building ?? known.current + 1 }),
  });

/** What was built is read from now on, unless somebody else has come first; what was read is deleted. */
async function finish(around: Surroundings, report: Report, begun: Generation, builtFor: string): Promise<void> {
  const built = { current: begun.building!, builtFor };
  await does(around, changeGeneration, {
    report: report.name,
    becomes: (known) => (known.building === built.current ? built : known),
  });
  await forget(around, report, begun.current);
}

/** Runs a command as the rebuild. */
const does = async <I, A>({ store, policies, now }: Surroundings, command: Command<I, A>, input: I): Promise<A> => {
  const on = { now: now(), actor: { kind: 'system', id: 'rebuild' }, correlationId: 'rebuild' } as const;
  return (await run(store, policies, on, command, input)).answer;
};
/** Writes items that are no records. */
const write: Command<readonly Action[], void> = (crm, actions) => crm.commitAs(() => undefined, [], actions);

/** How far a rebuild of some reports has come: the stretches are walked in the order of their partitions. */
const Progress = z.object({
  reports: z.string(),
  stretch: z.string(),
  before: z.string().optional(),
  walked: z.int(),
});
const progressKey = { pk: 'reports', sk: 'rebuild' };
const pageSize = 100;
const atOnce = 10;

/** Looks at every record that one of the reports is about: each once, however many of them it counts in. */
async function walk(
  around: Surroundings,
  of: readonly Report[],
  until: Date,
): Promise<Pick<Rebuilt, 'walked' | 'done'>> {
  const { store, now } = around;
  const names = of.map(({ name }) => name).join();
  const item = await store.get(progressKey);
  const known = item && Progress.parse(item);
  // Another report has joined them: what was walked before, it has not seen.
  let { stretch, before, walked } = known?.reports === names ? known : { stretch: '', before: undefined, walked: 0 };
  for (const range of await stretchesOf(store, of)) {
    if (range.pk < stretch) continue;
    if (range.pk > stretch) before = undefined;
    stretch = range.pk;
    for (;;) {
      const page = await store.query(range, pageSize, before);
      await countEach(
        around,
        page.map(({ sk }) => String(sk)),
      );
      walked += page.length;
      if (page.length < pageSize) break;
      before = String(page.at(-1)?.[`${range.index}sk`]).slice(range.prefix.length);
      await does(around, write, [store.put({ ...progressKey, reports: names, stretch, before, walked })]);
      if (now() > until) return { walked, done: false };
    }
  }
  await does(around, write, [deletion(store, progressKey)]);
  return { walked, done: true };
}

async function stretchesOf(store: Store, of: readonly Report[]): Promise<Range[]> {
  const subjects = [...new Set(of.flatMap(({ counts }) => counts.map(({ subject }) => subject)))];
  const all = await Promise.all(subjects.map((subject) => subject.stretches(store)));
  return all.flat().sort((a, b) => (a.pk < b.pk ? -1 : 1));
}

async function countEach(around: Surroundings, recordIds: readonly string[]): Promise<void> {
  for (let from = 0; from < recordIds.length; from += atOnce)
    await Promise.all(recordIds.slice(from, from + atOnce).map((recordId) => does(around, countAnew, { recordId })));
}

const deletion = (store: Store, { pk, sk }: Item): Action => ({ Delete: { TableName: store.table, Key: { pk, sk } } });

/** Deletes the buckets of a generation that is no longer read, and of the one before: a late consumer may have counted into it. */
async function forget(around: Surroundings, { name, by }: Report, generation: number): Promise<void> {
  const { store } = around;
  const dimensions = [...new Set(Object.values(by).map(({ dimension }) => dimension))];
  const generations = [generation, generation - 1].filter((one) => one >= 0);
  for (const range of generations.flatMap((old) => dimensions.map((dimension) => bucketsIn(name, old, dimension)))) {
    const items = await store.queryAll(range);
    for (let from = 0; from < items.length; from += pageSize)
      await does(
        around,
        write,
        items.slice(from, from + pageSize).map((item) => deletion(store, item)),
      );
  }
}
