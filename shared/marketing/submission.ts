import * as z from 'zod';
import { id } from '../core/ids.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { ConsentDetails } from './consent.ts';
import { Asked } from './form.ts';

export const SubmissionStatus = z.enum(['received', 'processed', 'parked', 'spam', 'discarded']);

/** What was sent to a form. Its words lie in the bucket for 30 days; here is what became of them. */
const SubmissionRecord = z
  .object({
    ...record('sub'),
    formId: id('frm').optional().meta({ description: 'Missing where a provider named a form that we do not know.' }),
    formVersion: z.int().optional(),
    provider: z.string().optional().meta({ description: 'Who sent it, where it was not the form itself.' }),
    contentType: z.string(),
    bytes: z.int(),
    utm: z.record(z.string(), z.string()).optional().meta({ description: 'What the address of the page said.' }),
    from: z.string().optional().meta({ description: 'A keyed hash of the network address that it came from.' }),
    agreed: z
      .array(Asked)
      .optional()
      .meta({ description: 'The boxes that were ticked, with the very texts that they had then.' }),
    status: SubmissionStatus,
    reason: z.string().optional().meta({ description: 'Why it is parked or held to be spam.' }),
    accountId: id('acc').optional(),
    contactId: id('con').optional(),
    leadId: id('lea').optional(),
    asked: z
      .array(ConsentDetails)
      .optional()
      .meta({ description: 'What was agreed to, and is pending until it is confirmed.' }),
    openTaskId: z.string().optional(),
  })
  .meta({ id: 'Submission' });
export type Submission = z.infer<typeof SubmissionRecord>;

export const Submission: Kind<Submission> = {
  name: 'submission',
  prefix: 'sub',
  schema: SubmissionRecord,
  places: ({ id, status, createdAt }) => ({ gsi2: inState('submission', status, createdAt, id) }),
};

/** Where the words of a submission lie in the intake bucket. */
export const rawKey = (submissionId: string): string => `forms/${submissionId}`;

const event = eventsOf(
  Submission,
  SubmissionRecord.pick({ formId: true, provider: true, status: true, reason: true, leadId: true, contactId: true }),
);
export const SubmissionReceived = event('received');
export const SubmissionQuarantined = event('quarantined');

/** The life of a submission. What is parked or held to be spam is tried again by a person, or discarded by one. */
export const submissionMoves = {
  process: { from: ['received'], to: 'processed', event: event('processed') },
  park: { from: ['received'], to: 'parked', event: event('parked') },
  retry: { from: ['parked', 'spam'], to: 'received', event: SubmissionReceived },
  discard: { from: ['parked', 'spam'], to: 'discarded', event: event('discarded') },
} as const;
export const moveSubmission = mover<Submission, Submission['status'], typeof submissionMoves>(
  'submission',
  submissionMoves,
);
