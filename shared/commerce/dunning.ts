import * as z from 'zod';
import { addDuration, compareDurations, Duration, endOfDay } from '../core/duration.ts';
import type { Money } from '../core/money.ts';

/** The steps of reminding somebody who has not paid, each a while after the due date, in the order they are taken. */
export const DunningLevels = z
  .array(z.strictObject({ key: z.string().regex(/^[a-z][A-Za-z0-9]{0,29}$/), after: Duration }))
  .max(20)
  .refine((levels) => new Set(levels.map(({ key }) => key)).size === levels.length, 'each key once')
  .refine(
    (levels) => levels.every(({ after }, i) => i === 0 || compareDurations(levels[i - 1]?.after ?? after, after) <= 0),
    'in the order of their durations',
  );
export type DunningLevels = z.infer<typeof DunningLevels>;

/** A reminder, two dunning letters, and then a person. */
export const defaultDunningLevels: DunningLevels = [
  { key: 'reminder', after: 'P3D' },
  { key: 'dunning1', after: 'P14D' },
  { key: 'dunning2', after: 'P28D' },
  { key: 'handOver', after: 'P42D' },
];

/** When an invoice is due: a date in the seller's zone, to its end, or an exact instant of it. */
export interface Due {
  dueOn: string;
  timeZone: string;
  dueAt?: Date | undefined;
}

const dueInstant = ({ dueOn, timeZone, dueAt }: Due): Date => dueAt ?? endOfDay(dueOn, timeZone);

/**
 * Dates are counted in dates, so that a letter is due at the end of a day in summer and winter; hours and seconds from
 * the due instant.
 */
const stepAt = (due: Due, after: Duration): Date => {
  if (after.includes('T')) return addDuration(dueInstant(due), after);
  const dateOn = addDuration(new Date(`${due.dueOn}T00:00:00Z`), after)
    .toISOString()
    .slice(0, 10);
  return endOfDay(dateOn, due.timeZone);
};

/**
 * The step after the level reached so far (undefined: none yet), and when it is due; undefined after the last one. A
 * level that the policy no longer knows counts as none: better one reminder too many than none ever.
 */
export const nextDunningStep = (
  due: Due,
  levels: DunningLevels,
  reached?: string,
): { key: string; dueAt: Date } | undefined => {
  const next = levels[levels.findIndex(({ key }) => key === reached) + 1];
  return next && { key: next.key, dueAt: stepAt(due, next.after) };
};

/**
 * Whether an issued invoice has something open after its due instant has passed. Disputes and promises are not asked
 * for.
 */
export const isOverdue = (invoice: { status: string; totals: { open: Money } }, due: Due, now: Date): boolean =>
  ['issued', 'partlyPaid'].includes(invoice.status) && invoice.totals.open.amount > 0 && now > dueInstant(due);
