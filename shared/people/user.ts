import * as z from 'zod';
import { WeeklyHours } from '../core/calendar.ts';
import { Email, plainEmail, TimeZone } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { type Kind, record } from '../store/record.ts';
import { roleNames } from './roles.ts';

const Absence = z
  .strictObject({ from: z.iso.date(), to: z.iso.date() })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'Not before it begins' });

/** What can be said of a user. */
export const UserDetails = z.strictObject({
  name: Line.min(1).max(200),
  email: Email,
  role: z.enum(roleNames),
  teamId: id('tea').optional(),
  managerId: id('usr').optional(),
  capacity: z
    .int()
    .min(0)
    .max(10_000)
    .optional()
    .meta({ description: 'Leads at hand at the most: new, assigned, working or qualified. Unlimited if absent.' }),
  timeZone: TimeZone.optional(),
  workingHours: WeeklyHours.optional().meta({
    description:
      'By weekday, in their own time zone or the deployment\'s: {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}.',
  }),
  absences: z.array(Absence).max(100).optional(),
  skills: z.array(Line.max(100)).max(100).optional(),
});

/** Hours and absences that make no sense, from before they were checked, are none: they keep nobody from being read. */
const UserRecord = z
  .object({
    ...record('usr'),
    ...UserDetails.shape,
    workingHours: UserDetails.shape.workingHours.catch(undefined),
    absences: UserDetails.shape.absences.catch(undefined),
    status: z.enum(['active', 'inactive']),
  })
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

/** Whether somebody may be given work at all: not who left, nor who may only look. */
export const worksHere = ({ status, archivedAt, role }: Pick<User, 'status' | 'archivedAt' | 'role'>): boolean =>
  status === 'active' && !archivedAt && role !== 'viewer';
