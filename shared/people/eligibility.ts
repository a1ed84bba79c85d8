import { isOpen, opensAtAll } from '../core/calendar.ts';
import { dateIn } from '../core/duration.ts';
import type { User } from './user.ts';

/** When it is, and by whose clock where somebody names none. */
export interface Moment {
  now: Date;
  timeZone: string;
}

/** The last day of the absence that somebody is on; undefined if they are here today. */
export function absentUntil({ absences = [], timeZone }: User, at: Moment): string | undefined {
  const today = dateIn(timeZone ?? at.timeZone, at.now);
  return absences.find(({ from, to }) => from <= today && today <= to)?.to;
}

/** Whether somebody is within their working hours: always, if they have none. */
export const isAtWork = ({ workingHours = {}, timeZone }: User, at: Moment): boolean =>
  !opensAtAll(workingHours) ||
  isOpen({ timeZone: timeZone ?? at.timeZone, weekly: workingHours, holidays: [] }, at.now);

/** Who could be given something, and why others could not. */
export interface Present {
  users: User[];
  skipped: string[];
}

/**
 * Source: domain.md 4. Of those who work here: who was not asked before, is not absent, and is within their working hours. Outside of
 * the hours of all of them it is whoever is not absent, so that what comes at night lies with somebody in the morning.
 */
export function presentAmong(users: readonly User[], except: readonly string[], at: Moment): Present {
  const skipped: string[] = [];
  const here = users.filter((user) => {
    const until = absentUntil(user, at);
    if (except.includes(user.id)) skipped.push(`${user.name} had it before`);
    else if (until) skipped.push(`${user.name} is absent until ${until}`);
    else return true;
    return false;
  });
  const atWork = here.filter((user) => isAtWork(user, at));
  if (!atWork.length)
    return { users: here, skipped: [...skipped, ...(here.length ? ['Outside of all working hours'] : [])] };
  const off = here.filter((user) => !atWork.includes(user)).map(({ name }) => `${name} is outside their working hours`);
  return { users: atWork, skipped: [...skipped, ...off] };
}

const mostNamed = 10;

/** So many of those who were passed over are named: an event is not a directory. */
export const named = (skipped: readonly string[]): string[] =>
  skipped.length > mostNamed
    ? [...skipped.slice(0, mostNamed), `and ${skipped.length - mostNamed} more`]
    : [...skipped];
