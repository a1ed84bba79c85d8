import * as z from 'zod';

const date = String.raw`(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?`;
const time = String.raw`(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?`;
const pattern = new RegExp(String.raw`^P(?=\d|T\d)${date}(?:T(?=\d)${time})?$`);

/** An ISO 8601 duration, never negative: PT1S, PT4H, P14D, P1M. */
export const Duration = z
  .string()
  .regex(pattern, 'an ISO 8601 duration such as PT4H, P14D or P1M')
  .meta({ id: 'Duration' });
export type Duration = z.infer<typeof Duration>;

/** An IANA time zone that this machine knows. */
export const TimeZone = z
  .string()
  .refine((zone) => {
    try {
      return Boolean(wallClock(zone));
    } catch {
      return false;
    }
  }, 'an IANA time zone such as Europe/Berlin')
  .meta({ id: 'TimeZone' });

const day = 86_400_000;

/** Months and milliseconds: all that a duration is, since UTC's days have 24 hours. */
const read = (duration: Duration): { months: number; milliseconds: number } => {
  const parts = pattern.exec(duration);
  if (!parts) throw new RangeError(`${JSON.stringify(duration)} is not an ISO 8601 duration`);
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  const clock = hours * 3_600_000 + minutes * 60_000 + Math.round(seconds * 1000);
  return { months: years * 12 + months, milliseconds: (weeks * 7 + days) * day + clock };
};

/**
 * The instant a duration later. Years and months are counted on the UTC calendar, before the rest, and end with the
 * month (31 January + P1M is the last of February); days are 24 hours. Throws RangeError after the year 9999, where
 * instants no longer sort as text.
 */
export const addDuration = (instant: Date, duration: Duration): Date => moved(instant, duration, 1);

/** The instant a duration earlier, by the same calendar: 31 March - P1M is the last of February. Throws RangeError before the year 1. */
export const subtractDuration = (instant: Date, duration: Duration): Date => moved(instant, duration, -1);

const moved = (instant: Date, duration: Duration, direction: 1 | -1): Date => {
  const { months: wholeMonths, milliseconds } = read(duration);
  const months = direction * wholeMonths;
  const moved = new Date(instant);
  if (months) {
    moved.setUTCDate(1);
    moved.setUTCMonth(moved.getUTCMonth() + months);
    const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
    moved.setUTCDate(Math.min(instant.getUTCDate(), lastDay));
  }
  const found = new Date(moved.getTime() + direction * milliseconds);
  const year = found.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) throw new RangeError(`${duration} leads beyond the years 1 to 9999`);
  return found;
};

/** Milliseconds of a duration without years and months, whose length depends on the date: those throw RangeError. */
export const toMilliseconds = (duration: Duration): number => {
  const { months, milliseconds } = read(duration);
  if (months) throw new RangeError(`${duration} has no fixed length: it counts months`);
  return milliseconds;
};

const length = (duration: Duration): number => {
  const { months, milliseconds } = read(duration);
  return Date.UTC(2001, months, 1) + milliseconds;
};

/**
 * The instant until which it lies as long again as since then, but no less than `least`: reminders and other looks at what nobody does
 * become rare by themselves.
 */
export const asLongAgain = (since: string, now: Date, least: Duration): Date => {
  const soonest = addDuration(now, least);
  const again = new Date(2 * now.getTime() - Date.parse(since));
  return again > soonest ? again : soonest;
};

/** Negative, zero or positive. Months are as long as they are from a 1 January on: P1M equals P31D. */
export const compareDurations = (a: Duration, b: Duration): number => Math.sign(length(a) - length(b));

/** The date n days later (earlier, if negative): calendar days, whatever the clocks do. */
export const addDays = (dateOn: string, n: number): string =>
  new Date(Date.parse(`${dateOn}T00:00:00Z`) + n * day).toISOString().slice(0, 10);

/** Making a formatter costs a hundred times what using it does. */
const wallClocks = new Map<string, Intl.DateTimeFormat>();
const wallClock = (zone: string): Intl.DateTimeFormat => {
  const known = wallClocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  wallClocks.set(zone, made);
  return made;
};

/** What the clock on the wall shows in a zone, written as if it were UTC, in milliseconds. */
const wallTime = (zone: string, instant: number): number => {
  const [month = 1, dayOfMonth = 1, year = 0, hour = 0, minute = 0, second = 0] = (
    wallClock(zone).format(instant).match(/\d+/g) ?? []
  ).map(Number);
  return Date.UTC(year, month - 1, dayOfMonth, hour, minute, second) + (((instant % 1000) + 1000) % 1000);
};
const offsetAt = (zone: string, instant: number): number => wallTime(zone, instant) - instant;

/**
 * The instant at which the clocks of a zone show a time (minutes after midnight, 1440 = the next midnight) on a date.
 * Where clocks go back and show it twice, the first; where they skip it, the moment of the jump.
 */
export const instantAt = (zone: string, dateOn: string, minutes: number): Date => {
  const wall = Date.parse(`${dateOn}T00:00:00Z`) + minutes * 60_000;
  const before = offsetAt(zone, wall - day);
  const after = offsetAt(zone, wall + day);
  // With the larger offset first, the earlier instant comes first.
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    if (offsetAt(zone, wall - offset) === offset) return new Date(wall - offset);
  }
  let [low, high] = [wall - after, wall - before];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  return new Date(high);
};

/** The date that people in a zone have at an instant, YYYY-MM-DD. */
export const dateIn = (zone: string, instant: Date): string =>
  new Date(wallTime(zone, instant.getTime())).toISOString().slice(0, 10);

/** The first instant of a date in a zone; where clocks skip midnight, the first moment after. */
export const startOfDay = (dateOn: string, zone: string): Date => instantAt(zone, dateOn, 0);

/** The last millisecond of a date in a zone: 23:59:59.999, on days of 23 and 25 hours too. */
export const endOfDay = (dateOn: string, zone: string): Date =>
  new Date(startOfDay(addDays(dateOn, 1), zone).getTime() - 1);
