import { createHash } from 'node:crypto';
import * as z from 'zod';
import { addDuration } from '../core/duration.ts';
import { id } from '../core/ids.ts';
import type { Command } from '../store/command.ts';
import type { Occasion } from '../store/occasion.ts';
import type { Surroundings } from '../store/surroundings.ts';
import type { Answers } from './answers.ts';
import { FormIntake } from './form-policies.ts';
import { rawKey, type Submission, SubmissionQuarantined, SubmissionReceived } from './submission.ts';

/** What came, before anybody has read it. */
export type Came = Pick<
  Submission,
  'id' | 'formId' | 'formVersion' | 'provider' | 'contentType' | 'utm' | 'from' | 'agreed'
> & {
  bytes: Uint8Array;
  /** Why it is held to be spam: it is kept, and does nothing. */
  spam?: string | undefined;
};
/** What is answered to whoever sent it. */
export const Taken = z.object({ submissionId: id('sub') });
export type Taken = z.infer<typeof Taken>;
/** Keeps the bytes of a submission. */
export type Keep = (key: string, bytes: Uint8Array, contentType: string) => Promise<unknown>;

/** Takes a submission in: first its bytes, then that it came. */
export const receiveSubmission =
  (keep: Keep): Command<Came, Taken> =>
  async (crm, { bytes, spam, ...came }) => {
    if (!crm.on.validateOnly) await keep(rawKey(came.id), bytes, came.contentType);
    const submission = { ...came, bytes: bytes.length };
    const fact = spam
      ? SubmissionQuarantined(undefined, { ...submission, status: 'spam', reason: spam })
      : SubmissionReceived(undefined, { ...submission, status: 'received' });
    return crm.commitAs(({ id: submissionId }) => ({ submissionId }), [fact]);
  };

/** Once for the same answers to the same form, as long as the policy says. What our own page adds (`_...`) makes no difference. */
export async function onceForAnswers(
  { policies }: Surroundings,
  formId: string,
  answers: Answers,
  now: Date,
): Promise<NonNullable<Occasion['once']>> {
  const { sameWithin } = await policies.inForce(FormIntake, now);
  const said = [...answers]
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, values]) => [name, values.map((value) => value.trim())] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const fingerprint = createHash('sha256').update(JSON.stringify(said)).digest('base64url');
  const seconds = Math.ceil((addDuration(now, sameWithin).getTime() - now.getTime()) / 1_000);
  return { key: `form#${formId}#${fingerprint}`, fingerprint, seconds };
}
