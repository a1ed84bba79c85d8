import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { type Kind, record } from '../store/record.ts';

/** What can be said of a team. */
export const TeamDetails = z.strictObject({
  name: Line.min(1).max(200),
  managerId: id('usr').optional(),
  description: Prose.max(2_000).optional(),
});
const TeamRecord = z.object({ ...record('tea'), ...TeamDetails.shape }).meta({ id: 'Team' });
export type Team = z.infer<typeof TeamRecord>;
export const Team: Kind<Team> = { name: 'team', prefix: 'tea', schema: TeamRecord };

const event = eventsOf(Team, TeamRecord.pick({ name: true, managerId: true }));
export const TeamCreated = event('created');
export const TeamUpdated = event('updated');
export const TeamArchived = event('archived');
export const TeamRestored = event('restored');
