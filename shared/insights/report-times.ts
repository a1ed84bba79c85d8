import * as z from 'zod';
import { TimeZone } from '../core/contact-points.ts';
import { addDays, dateIn, instantAt } from '../core/duration.ts';

/** Which dates a scheduled report is about, as of the day on which it is sent. */
export const ReportRange = z.enum([
  'yesterday',
  'lastWeek',
  'lastMonth',
  'lastQuarter',
  'lastYear',
  'thisMonth',
  'thisQuarter',
  'thisYear',
  'all',
]);
export type ReportRange = z.infer<typeof ReportRange>;

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** When a report is sent. */
export const Recurrence = z
  .strictObject({
    unit: z.enum(['day', 'week', 'month']),
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 07:30'),
    weekday: z.enum(weekdays).optional().meta({ description: 'Of a week: Monday if absent.' }),
    day: z
      .int()
      .min(1)
      .max(31)
      .optional()
      .meta({ description: 'Of a month: the first if absent, the last one there is.' }),
    timeZone: TimeZone.optional().meta({ description: "The deployment's if absent." }),
  })
  .meta({ id: 'Recurrence' });
export type Recurrence = z.infer<typeof Recurrence>;

/** Two months and a day: every recurrence comes round within them. */
const horizonDays = 63;

/** The next instant after another one at which something recurs; a time that the clocks skip is the moment after. */
export function nextOf({ unit, at, weekday = 'mon', day = 1, timeZone }: Recurrence, after: Date, ours: string): Date {
  const zone = timeZone ?? ours;
  const minutes = Number(at.slice(0, 2)) * 60 + Number(at.slice(3));
  const matches = (date: string): boolean => {
    if (unit === 'day') return true;
    if (unit === 'week') return weekdays[new Date(`${date}T00:00:00Z`).getUTCDay()] === weekday;
    return Number(date.slice(8)) === Math.min(day, Number(lastOf(date.slice(0, 7)).slice(8)));
  };
  for (let date = dateIn(zone, after), n = 0; n < horizonDays; date = addDays(date, 1), n++) {
    const instant = instantAt(zone, date, minutes);
    if (matches(date) && instant > after) return instant;
  }
  throw new RangeError(`${JSON.stringify(at)} does not come round`);
}

/** The last date of a month (`YYYY-MM`). */
const lastOf = (month: string): string => addDays(`${monthAfter(month, 1)}-01`, -1);
/** The month so many months later. */
function monthAfter(month: string, n: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + n;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
}

/** The dates of a range as of a day, both included. Weeks begin on Monday. */
export function datesOf(range: ReportRange, today: string): { from?: string; to?: string } {
  const month = today.slice(0, 7);
  const months = (from: string, n: number) => ({ from: `${from}-01`, to: lastOf(monthAfter(from, n - 1)) });
  const quarter = monthAfter(month, -((Number(month.slice(5)) - 1) % 3));
  const monday = addDays(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7));
  const year = Number(today.slice(0, 4));
  switch (range) {
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case 'lastWeek':
      return { from: addDays(monday, -7), to: addDays(monday, -1) };
    case 'lastMonth':
      return months(monthAfter(month, -1), 1);
    case 'lastQuarter':
      return months(monthAfter(quarter, -3), 3);
    case 'lastYear':
      return months(`${year - 1}-01`, 12);
    case 'thisMonth':
      return months(month, 1);
    case 'thisQuarter':
      return months(quarter, 3);
    case 'thisYear':
      return months(`${year}-01`, 12);
    case 'all':
      return {};
  }
}
