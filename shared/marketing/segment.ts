import * as z from 'zod';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Rule } from './rule.ts';

/** What can be said of a segment. */
export const SegmentDetails = z.strictObject({
  name: Line.min(1).max(200),
  rule: Rule,
});
export type SegmentDetails = z.infer<typeof SegmentDetails>;

/** A refresh that is under way: members are looked at first, then all contacts, newest first. */
const Refresh = z.strictObject({
  startedAt: z.iso.datetime(),
  phase: z.enum(['members', 'contacts', 'done']),
  before: z.string().optional().meta({ description: 'Where the next page goes on.' }),
  members: z.int(),
  entered: z.int(),
  left: z.int(),
});
export type Refresh = z.infer<typeof Refresh>;

const SegmentRecord = z
  .object({
    ...record('seg'),
    ...SegmentDetails.shape,
    refresh: Refresh.optional().meta({ description: 'How far the refresh is that is under way.' }),
    refreshed: z
      .strictObject({ at: z.iso.datetime(), members: z.int(), entered: z.int(), left: z.int() })
      .optional()
      .meta({ description: 'What the last refresh found.' }),
    rule: z.custom<Rule>().meta({ description: 'As it was given; what a rule may say is checked when it is written.' }),
  })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof SegmentRecord>;

/** Contacts that have something in common, found anew whenever they are asked for. */
export const Segment: Kind<Segment> = {
  name: 'segment',
  prefix: 'seg',
  schema: SegmentRecord,
  places: ({ id, createdAt }) => ({ gsi2: inState('segment', 'all', createdAt, id) }),
};

const event = eventsOf(Segment, SegmentRecord.pick({ name: true, refreshed: true }));
export const SegmentCreated = event('created');
export const SegmentUpdated = event('updated');
export const SegmentArchived = event('archived');
export const SegmentRestored = event('restored');
/** A refresh: it begins, comes to the end of a stretch, and ends. Each of the first two sends for the next stretch. */
export const SegmentRefreshStarted = event('refreshStarted');
export const SegmentRefreshing = event('refreshing');
export const SegmentRefreshed = event('refreshed');
