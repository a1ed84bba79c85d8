import { keyOf } from '../core/ids.ts';
import { ranges } from '../store/places.ts';
import type { Store } from '../store/store.ts';
import { Sequence } from './sequence.ts';

/** The segments whose entries somebody waits for: those that live sequences enrol from. */
export async function segmentsInUse(store: Store): Promise<string[]> {
  const live = await store.queryAll(ranges.inState('sequence', 'live'));
  const sequences = await store.getMany(live.map((item) => keyOf(String(item['sk']))));
  const entrances = sequences.flatMap((item) => Sequence.schema.parse(item).enrols);
  return [...new Set(entrances.flatMap((entrance) => (entrance.on === 'segment' ? [entrance.segmentId] : [])))];
}
