import { keyOf } from '../core/ids.ts';
import { log } from '../core/log.ts';
import { run } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import type { Store } from '../store/store.ts';
import type { Surroundings } from '../store/surroundings.ts';
import { startRefresh } from './refresh-segment.ts';
import { Sequence } from './sequence.ts';

/** The segments whose entries somebody waits for: those that live sequences enrol from. */
async function segmentsInUse(store: Store): Promise<string[]> {
  const live = await store.queryAll(ranges.inState('sequence', 'live'));
  const sequences = await store.getMany(live.map((item) => keyOf(String(item['sk']))));
  const entrances = sequences.flatMap((item) => Sequence.schema.parse(item).enrols);
  return [...new Set(entrances.flatMap((entrance) => (entrance.on === 'segment' ? [entrance.segmentId] : [])))];
}

/** Refreshes the segments that live sequences enrol from, so that time alone brings somebody in or out too; answers how many. */
export async function refreshSegmentsInUse({ store, policies, now }: Surroundings): Promise<number> {
  const ids = await segmentsInUse(store);
  for (const id of ids) {
    const on = { now: now(), actor: { kind: 'system' as const, id: 'segments' }, correlationId: `refresh-${id}` };
    await run(store, policies, on, startRefresh, { id }).catch((error: unknown) =>
      log.error('not refreshed', { id, error: error as Error }),
    );
  }
  return ids.length;
}
