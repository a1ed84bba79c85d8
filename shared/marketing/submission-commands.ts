import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { moveSubmission, Submission } from './submission.ts';

/** Reads a submission again, after its form was mended; or one that was no spam. */
export const retrySubmission: Command<{ id: string; note?: string | undefined }, Submission> = (crm, input) =>
  byHand(crm, input, 'retry');

/** Nothing comes of a submission. */
export const discardSubmission: Command<{ id: string; note?: string | undefined }, Submission> = (crm, input) =>
  byHand(crm, input, 'discard');

async function byHand(
  crm: Crm,
  { id, note }: { id: string; note?: string | undefined },
  verb: 'retry' | 'discard',
): Promise<Submission> {
  const submission = await crm.load(Submission, id);
  const changed = { openTaskId: undefined, ...(verb === 'retry' && { reason: undefined }) };
  return crm.commit([
    moveSubmission(submission, verb, changed),
    ...(await closing(crm, submission.openTaskId, verb, note)),
  ]);
}
