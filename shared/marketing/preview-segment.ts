import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Crm } from '../store/command.ts';
import { audienceBy, audiencePage, compiler, type Member } from './audience.ts';
import { Topic } from './consent.ts';
import { type Eligible, eligible, type SkipReason, standingsOf } from './eligibility.ts';
import { Marketing } from './marketing-policy.ts';
import { Segment } from './segment.ts';

export const PreviewQuestion = z.strictObject({
  topic: Topic.optional().meta({
    description: 'Whose consent is asked for; the default of the policy `marketing` if none.',
  }),
});

/** How each reason is counted. */
const counts = {
  noAddress: 'noAddress',
  suppressed: 'suppressed',
  'consent.missing': 'noConsent',
  frequencyCap: 'frequencyCap',
  quietHours: 'quietHours',
} as const satisfies Partial<Record<SkipReason, string>>;
const Excluded = z.object({
  suppressed: z.int(),
  noConsent: z.int(),
  noAddress: z.int(),
  frequencyCap: z.int(),
  quietHours: z.int(),
});

export const Preview = z
  .object({
    count: z.int().meta({ description: 'Contacts in the segment.' }),
    eligible: z.int().meta({ description: 'Those of them who would get a mail now.' }),
    excluded: Excluded.meta({ description: 'Those who would not, each by the first reason there is.' }),
    sample: z
      .array(z.object({ contactId: id('con'), email: z.string().optional(), reason: z.string().optional() }))
      .meta({ description: 'The newest of them, with the reason where they would get none.' }),
    walked: z.int().meta({ description: 'Contacts that were looked at.' }),
    complete: z.boolean().meta({ description: 'Whether that were all: a preview takes a few seconds and no more.' }),
  })
  .meta({ id: 'SegmentPreview' });
export type Preview = z.infer<typeof Preview>;

const sampleSize = 20;
/** Keys are short, and read in few Queries. */
const keysPerQuery = 5_000;
/** A request has 29 seconds at most; what is not counted by then is not waited for. */
const mostMilliseconds = 12_000;

/**
 * Who is in a segment now, how many would get a mail on a topic, and why the others would not. It walks all contacts, newest first, up to
 * the number that the policy names and for twelve seconds at most: `complete` says whether that were all.
 */
export async function previewSegment(
  crm: Crm,
  { id: segmentId, topic }: { id: string; topic?: string | undefined },
): Promise<Preview> {
  const segment = await crm.load(Segment, segmentId);
  if (segment.archivedAt) throw new Refusal('record.wrongState', 'The segment is archived; restore it first');
  const policy = await crm.policy(Marketing);
  const audience = audienceBy([(await compiler(crm))(segment.rule)]);
  const preview: Preview = { count: 0, eligible: 0, excluded: none(), sample: [], walked: 0, complete: false };
  const until = performance.now() + mostMilliseconds;
  for (let before: string | undefined; ; ) {
    const { members, walked, next } = await audiencePage(crm, audience, before, keysPerQuery);
    const standings = await standingsOf(crm.store, members, topic ?? policy.defaultTopic);
    for (const member of members)
      counted(preview, member, eligible(member, { ...standings.get(member.contactId)!, now: crm.now, policy }));
    preview.walked += walked;
    if (!next) return { ...preview, complete: true };
    if (preview.walked >= policy.previewContacts || performance.now() > until) return preview;
    before = next;
  }
}

const none = (): Preview['excluded'] => ({ suppressed: 0, noConsent: 0, noAddress: 0, frequencyCap: 0, quietHours: 0 });

function counted(preview: Preview, { contactId, email }: Member, { reason }: Eligible): void {
  preview.count += 1;
  if (!reason) preview.eligible += 1;
  else if (reason in counts) preview.excluded[counts[reason as keyof typeof counts]] += 1;
  if (preview.sample.length < sampleSize)
    preview.sample.push({ contactId, ...(email && { email }), ...(reason && { reason }) });
}
