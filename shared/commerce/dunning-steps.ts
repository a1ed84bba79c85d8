import { addDuration, type Duration, dateIn, endOfDay } from '../core/duration.ts';
import type { DunningLevels } from './dunning.ts';
import { nextDunningStep } from './dunning.ts';
import type { Invoice } from './invoice.ts';

/** When an invoice that is issued now is due: whole days to the end of a day in the zone, hours and seconds from now on. */
export function dueOf(now: Date, issuedOn: string, dueAfter: Duration, timeZone: string) {
  if (dueAfter.includes('T')) {
    const dueEndsAt = addDuration(now, dueAfter);
    return { dueOn: dateIn(timeZone, dueEndsAt), dueEndsAt: dueEndsAt.toISOString() };
  }
  const dueOn = addDuration(new Date(`${issuedOn}T00:00:00Z`), dueAfter)
    .toISOString()
    .slice(0, 10);
  return { dueOn, dueEndsAt: endOfDay(dueOn, timeZone).toISOString() };
}

/** The level of dunning after the one that was taken last, and when it is due; undefined after the last. */
export function stepAfter(
  { dueOn, dueEndsAt, dunningLevel }: Pick<Invoice, 'dueOn' | 'dueEndsAt' | 'dunningLevel'>,
  levels: DunningLevels,
  timeZone: string,
): { key: string; dueAt: string } | undefined {
  if (!dueOn || !dueEndsAt) return undefined;
  const step = nextDunningStep({ dueOn, timeZone, dueAt: new Date(dueEndsAt) }, levels, dunningLevel);
  return step && { key: step.key, dueAt: step.dueAt.toISOString() };
}
