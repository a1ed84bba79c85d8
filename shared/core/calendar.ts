import * as z from 'zod';
import { addDays, dateIn, instantAt, TimeZone } from './duration.ts';

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Weekday = (typeof weekdays)[number];

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const Interval = z
  .tuple([
    z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 09:00'),
    z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time such as 17:00, at most 24:00'),
  ])
  .refine(([opens, closes]) => opens < closes, 'opens before it closes');
/** A day's opening hours in their order: [["09:00", "12:00"], ["13:00", "17:00"]]. */
const Hours = z
  .array(Interval)
  .max(24)
  .refine(
    (hours) => hours.every(([opens], i) => i === 0 || (hours[i - 1]?.[1] ?? '') <= opens),
    'in order, not overlapping',
  );

/** Opening hours by weekday; a day left out is closed. */
export const WeeklyHours = z.partialRecord(z.enum(weekdays), Hours);
export type WeeklyHours = z.infer<typeof WeeklyHours>;

/** Whether there are any opening hours in a week. */
export function opensAtAll(weekly: WeeklyHours): boolean {
  return Object.values(weekly).some((hours) => hours.length > 0);
}

/**
 * Business hours: the zone they are meant in, opening hours by weekday (a day left out is closed), and closed dates.
 */
export const Calendar = z
  .strictObject({
    timeZone: TimeZone,
    weekly: WeeklyHours.refine(opensAtAll, 'open at least once a week'),
    holidays: z.array(z.iso.date()).max(100),
  })
  .meta({ id: 'Calendar' });
export type Calendar = z.infer<typeof Calendar>;

/** Monday to Friday, nine to five, in a zone. */
export const officeHours = (timeZone: string): Calendar => ({
  timeZone,
  weekly: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [['09:00', '17:00']]])),
  holidays: [],
});

/** How far ahead an opening is looked for: a calendar with less than that is a mistake, not a plan. */
const horizonYears = 20;

/**
 * The opening hours that touch [from, to), in their order, as milliseconds; an interval that the clocks skip is none.
 */
function* openings(calendar: Calendar, from: number, to: number): Generator<readonly [opens: number, closes: number]> {
  const { timeZone, weekly, holidays } = calendar;
  if (!opensAtAll(weekly)) throw new RangeError('The calendar never opens');
  const lastOn = dateIn(timeZone, new Date(to));
  for (let dateOn = dateIn(timeZone, new Date(from)); dateOn <= lastOn; dateOn = addDays(dateOn, 1)) {
    const weekday = weekdays[new Date(`${dateOn}T00:00:00Z`).getUTCDay()] as Weekday;
    if (!weekly[weekday] || holidays.includes(dateOn)) continue;
    for (const [opensAt, closesAt] of weekly[weekday]) {
      const opens = instantAt(timeZone, dateOn, minutesOf(opensAt)).getTime();
      const closes = instantAt(timeZone, dateOn, minutesOf(closesAt)).getTime();
      if (opens < closes && closes > from && opens < to) yield [opens, closes];
    }
  }
}

/**
 * Milliseconds of opening hours between two instants, none if `to` is not later. DST days count what the clocks run
 * through.
 */
export const businessMillisecondsBetween = (calendar: Calendar, from: Date, to: Date): number => {
  let total = 0;
  for (const [opens, closes] of openings(calendar, from.getTime(), to.getTime())) {
    total += Math.min(closes, to.getTime()) - Math.max(opens, from.getTime());
  }
  return total;
};

/**
 * The instant at which so many milliseconds of opening hours have passed since `from`: the closing time itself where
 * they end with it. Zero milliseconds lead to `from`, or to the next opening. Throws RangeError on a negative time, on
 * a calendar that never opens, or beyond 20 years.
 */
export const addBusinessTime = (calendar: Calendar, from: Date, milliseconds: number): Date => {
  if (!(milliseconds >= 0)) throw new RangeError(`${milliseconds} ms cannot be added`);
  const horizon = new Date(from);
  horizon.setUTCFullYear(horizon.getUTCFullYear() + horizonYears);
  let left = milliseconds;
  for (const [opens, closes] of openings(calendar, from.getTime(), horizon.getTime())) {
    const start = Math.max(opens, from.getTime());
    if (left <= closes - start) return new Date(start + left);
    left -= closes - start;
  }
  throw new RangeError(`The calendar does not open for ${milliseconds} ms within ${horizonYears} years`);
};

/** Whether an instant lies within opening hours; the closing time itself does not. */
export const isOpen = (calendar: Calendar, instant: Date): boolean => {
  const at = instant.getTime();
  return !openings(calendar, at, at + 1).next().done;
};

/** The first open instant from here on: the instant itself within opening hours. Errors as `addBusinessTime`. */
export const nextOpening = (calendar: Calendar, instant: Date): Date => addBusinessTime(calendar, instant, 0);
