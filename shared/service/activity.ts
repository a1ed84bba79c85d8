import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Instant } from '../core/instant.ts';
import { Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inThread } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

export const ActivityStatus = z.enum(['planned', 'done', 'cancelled']);

/** What can be said of an activity. */
export const ActivityDetails = z.strictObject({
  kind: z.enum(['call', 'meeting', 'note', 'email']),
  direction: z.enum(['inbound', 'outbound']).optional(),
  subject: Line.min(1).max(300).optional(),
  body: Prose.max(32_000).optional(),
  occurredAt: Instant.optional().meta({ description: 'When it happened or will happen; now by default.' }),
  durationMinutes: z.int().min(0).max(100_000).optional(),
  participants: z
    .array(Line.min(1).max(254))
    .max(100)
    .optional()
    .meta({ description: 'Who took part: ids of contacts and users, or addresses.' }),
  mentions: z.array(id('usr')).max(100).optional(),
  files: z.array(z.string().min(1).max(1_000)).max(100).optional().meta({ description: 'Where its files are.' }),
});

/** What is known of a mail that came in. */
const Inbound = z.strictObject({
  id: id('inm'),
  from: z.string().max(254),
  messageId: z.string().max(900).optional(),
  authenticated: z.boolean().meta({ description: 'The sender is who it says: DMARC passed.' }),
  automatic: z.boolean().meta({ description: 'A machine wrote it: somebody is away, say.' }),
  whole: z
    .boolean()
    .optional()
    .meta({ description: 'The body is its beginning: the last of the files has all of it.' }),
  dropped: z
    .array(z.strictObject({ name: z.string(), reason: z.string() }))
    .max(100)
    .optional()
    .meta({ description: 'Files that were not kept, and why.' }),
});

const ActivityRecord = z
  .object({
    ...record('act'),
    ...ActivityDetails.shape,
    occurredAt: z.iso.datetime(),
    accountId: id('acc'),
    recordId: z.string().max(50).optional().meta({ description: 'The record in whose thread it stands.' }),
    status: ActivityStatus,
    mail: Inbound.optional(),
    clicked: z
      .string()
      .max(2_000)
      .optional()
      .meta({ description: 'Where the link of our mail leads that was followed.' }),
    campaignId: id('cmp').optional().meta({ description: 'The campaign whose mail was clicked in or answered.' }),
  })
  .meta({ id: 'Activity' });
export type Activity = z.infer<typeof ActivityRecord>;

/** A call, meeting, note or mail with a customer: it lies in the log beside the account, and in the thread of its record. */
export const Activity: Kind<Activity> = {
  name: 'activity',
  prefix: 'act',
  schema: ActivityRecord,
  places: ({ id, recordId, kind, direction, subject, occurredAt, status, mail }) =>
    recordId
      ? {
          gsi3: inThread(recordId, 'activity', id),
          card: {
            ...{ id, recordId, kind, direction, subject, occurredAt, status },
            ...(mail && { from: mail.from, messageId: mail.messageId }),
          },
        }
      : {},
};

const event = eventsOf(
  Activity,
  ActivityRecord.pick({
    kind: true,
    direction: true,
    recordId: true,
    occurredAt: true,
    campaignId: true,
    status: true,
  }),
);
export const ActivityPlanned = event('planned');
export const ActivityDone = event('done');
export const ActivityUpdated = event('updated');
export const ActivityArchived = event('archived');
export const ActivityRestored = event('restored');

/** The life of an activity. */
export const activityMoves = {
  done: { from: ['planned'], to: 'done', event: ActivityDone },
  cancel: { from: ['planned'], to: 'cancelled', event: event('cancelled') },
} as const;
export const moveActivity = mover<Activity, Activity['status'], typeof activityMoves>('activity', activityMoves);
