import * as z from 'zod';
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

/** The generations with one report's changed; to be committed on condition that nobody else changed them since. */
export const withGeneration = (
  store: Store,
  all: z.infer<typeof Generations>,
  report: string,
  generation: Generation,
) =>
  store.put(
    { ...key, reports: { ...all.reports, [report]: generation }, writes: all.writes + 1 },
    all.writes
      ? { ConditionExpression: 'writes = :read', ExpressionAttributeValues: { ':read': all.writes } }
      : { ConditionExpression: 'attribute_not_exists(pk)' },
  );
