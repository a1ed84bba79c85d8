import * as z from 'zod';
import type { Command } from '../store/command.ts';
import type { Store } from '../store/store.ts';

/** Where a report is counted: what is read, and what a rebuild is filling beside it. */
const Generation = z.object({
  current: z.int(),
  building: z.int().optional(),
  /** What the current one was built for: the report's revision and the zone of its days. */
  builtFor: z.string().optional(),
});
export type Generation = z.infer<typeof Generation>;
const Generations = z.object({ reports: z.record(z.string(), Generation), writes: z.int() });

const key = { pk: 'reports', sk: 'generations' };

/** The generations of all reports, strongly consistent: one item, read with every event and written by rebuilds only. */
export async function generationsOf(store: Store): Promise<z.infer<typeof Generations>> {
  const item = await store.get(key);
  return item ? Generations.parse(item) : { reports: {}, writes: 0 };
}

/** The first generation is there before anything was rebuilt. */
export const generationOf = (all: z.infer<typeof Generations>, report: string): Generation =>
  all.reports[report] ?? { current: 0 };

/** Where the report is counted now. */
export const countedIn = ({ current, building }: Generation): number[] =>
  building === undefined ? [current] : [current, building];

/** What to make of the generation of a report. */
export interface GenerationChange {
  report: string;
  becomes: (known: Generation) => Generation;
}

/** Changes the generation of one report, and answers it as it is then. */
export const changeGeneration: Command<GenerationChange, Generation> = async (crm, { report, becomes }) => {
  const { store } = crm;
  const all = await generationsOf(store);
  const generation = becomes(generationOf(all, report));
  const item = { ...key, reports: { ...all.reports, [report]: generation }, writes: all.writes + 1 };
  const unchanged = all.writes
    ? { ConditionExpression: 'writes = :read', ExpressionAttributeValues: { ':read': all.writes } }
    : { ConditionExpression: 'attribute_not_exists(pk)' };
  await crm.commitAs(() => undefined, [], [store.put(item, unchanged)]);
  return generation;
};
