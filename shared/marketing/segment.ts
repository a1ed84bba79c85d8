import * as z from 'zod';
import { eventsOf } from '../events/event.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Rule } from './rule.ts';

/** What can be said of a segment. */
export const SegmentDetails = z.strictObject({
  name: z.string().trim().min(1).max(200),
  rule: Rule,
});
export type SegmentDetails = z.infer<typeof SegmentDetails>;

const SegmentRecord = z
  .object({
    ...record('seg'),
    ...SegmentDetails.shape,
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

const event = eventsOf(Segment, SegmentRecord.pick({ name: true }));
export const SegmentCreated = event('created');
export const SegmentUpdated = event('updated');
export const SegmentArchived = event('archived');
export const SegmentRestored = event('restored');
