import * as z from 'zod';
import type { Action, Store } from '../store/store.ts';
import { Sample } from './breaker.ts';

/**
 * How far the process of a campaign came: beside the record, because that the audience was walked to some contact is no event that
 * anybody would want to hear of.
 */
const Progress = z.object({
  walkedTo: z.string().optional().meta({ description: 'The audience is frozen up to there.' }),
  samples: z.array(Sample).default([]).meta({ description: 'What the breaker looks at.' }),
});
export type Progress = z.infer<typeof Progress>;

const keyOfProgress = (campaignId: string) => ({ pk: campaignId, sk: 'progress' });

export const readProgress = async (store: Store, campaignId: string): Promise<Progress> =>
  Progress.parse((await store.get(keyOfProgress(campaignId))) ?? {});

/** The progress, as a part of a transaction. */
export const progressed = (store: Store, campaignId: string, progress: Progress): Action =>
  store.put({ ...keyOfProgress(campaignId), ...progress });
