import * as z from 'zod';
import { Email, plainEmail, TimeZone } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { type Kind, record } from '../store/record.ts';
import { roleNames } from './roles.ts';

/** What can be said of a user. */
export const UserDetails = z.strictObject({
  name: z.string().min(1).max(200),
  email: Email,
  role: z.enum(roleNames),
  teamId: id('tea').optional(),
  managerId: id('usr').optional(),
  capacity: z.int().min(0).max(10_000).optional().meta({ description: 'Open leads at the most; unlimited if absent.' }),
  timeZone: TimeZone.optional(),
  workingHours: z.record(z.string(), z.array(z.tuple([z.string(), z.string()])).max(5)).optional(),
  absences: z
    .array(z.strictObject({ from: z.iso.date(), to: z.iso.date() }))
    .max(100)
    .optional(),
  skills: z.array(z.string().max(100)).max(100).optional(),
});

const UserRecord = z
  .object({ ...record('usr'), ...UserDetails.shape, status: z.enum(['active', 'inactive']) })
  .meta({ id: 'User' });
export type User = z.infer<typeof UserRecord>;

/** The unique key of a user's address. */
export const userEmailKey = (email: string): string => `email#usr#${plainEmail(email)}`;

export const User: Kind<User> = {
  name: 'user',
  prefix: 'usr',
  schema: UserRecord,
  unique: ({ email }) => [userEmailKey(email)],
};

const event = eventsOf(User, UserRecord.pick({ name: true, role: true, teamId: true, status: true }));
export const UserCreated = event('created');
export const UserUpdated = event('updated');
export const UserArchived = event('archived');
export const UserRestored = event('restored');

export const userMoves = {
  deactivate: { from: ['active'], to: 'inactive', event: event('deactivated') },
  activate: { from: ['inactive'], to: 'active', event: event('activated') },
} as const;
/** Moves a user by a verb. */
export const moveUser = mover<User, User['status'], typeof userMoves>('user', userMoves);

/** Whether work may be given to a user on a day (`YYYY-MM-DD` in the deployment's zone). */
export const isAvailable = ({ status, archivedAt, absences = [] }: User, today: string): boolean =>
  status === 'active' && !archivedAt && !absences.some(({ from, to }) => from <= today && today <= to);
