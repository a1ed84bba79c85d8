import { addBusinessTime, businessMillisecondsBetween, type Calendar } from '../core/calendar.ts';
import { type Duration, toMilliseconds } from '../core/duration.ts';

/** A time in which the clock stood still; one without `to` lasts. */
export interface Pause {
  from: Date;
  to?: Date | undefined;
}

/** What happened to a case, as far as one of its SLA clocks cares. */
export interface ClockHistory {
  calendar: Calendar;
  /** Of opening hours: P1D is 24 of them, three working days. */
  target: Duration;
  startedAt: Date;
  pauses: readonly Pause[];
  metAt?: Date | undefined;
  now: Date;
}

/**
 * Where an SLA clock stands. `dueAt` is missing only while it is paused in time; then `remainingMilliseconds` is what
 * counts.
 */
export interface ClockReading {
  state: 'running' | 'paused' | 'met' | 'breached';
  dueAt?: Date;
  elapsedMilliseconds: number;
  remainingMilliseconds: number;
  breachedAt?: Date;
}

/** The stretches in which a clock runs, in order; the last one is open unless the clock is paused at `stop`. */
function stretches({ startedAt, pauses, metAt }: ClockHistory, stop: Date): { from: Date; to?: Date }[] {
  const running: { from: Date; to?: Date }[] = [];
  let from = startedAt;
  for (const pause of pauses.toSorted((a, b) => a.from.getTime() - b.from.getTime())) {
    if (pause.from > stop) break;
    // Being met ends a pause: what is answered while it waits would have been due from then on.
    const to = pause.to && pause.to <= stop ? pause.to : metAt;
    if (to && to <= pause.from) continue;
    if (pause.from > from) running.push({ from, to: pause.from });
    if (!to) return running;
    if (to > from) from = to;
  }
  return [...running, { from }];
}

/**
 * Reads an SLA clock: a pure function of what happened, so that a changed priority, policy or calendar is the same
 * reading with another target (from the start; that an earlier breach stays on record is the caller's). Elapsed is
 * opening hours outside pauses; due is where elapsed reaches the target; met exactly then is met, breach is strictly
 * later, and `breachedAt` is that due instant. A clock raised outside opening hours starts with the next opening.
 * Pauses count up to `metAt`, else `now`. Errors as `addBusinessTime`, and RangeError for a target in months. Source:
 * domain.md 9, after Frappe Helpdesk's holds and Salesforce's milestones.
 */
export const clock = (history: ClockHistory): ClockReading => {
  const { calendar, target, metAt, now } = history;
  const stop = metAt ?? now;
  const targeted = toMilliseconds(target);
  let elapsedMilliseconds = 0;
  let dueAt: Date | undefined;
  let paused = true;
  for (const { from, to } of stretches(history, stop)) {
    if (!dueAt) {
      const reached = addBusinessTime(calendar, from, targeted - elapsedMilliseconds);
      // Reached just as a pause begins is not late: it falls due once the pause is over.
      if (!to || reached < to) dueAt = reached;
    }
    elapsedMilliseconds += businessMillisecondsBetween(calendar, from, to ?? stop);
    paused = to !== undefined;
  }
  const breached = dueAt !== undefined && stop > dueAt;
  return {
    state: breached ? 'breached' : metAt ? 'met' : paused ? 'paused' : 'running',
    ...(dueAt && { dueAt }),
    elapsedMilliseconds,
    remainingMilliseconds: Math.max(0, targeted - elapsedMilliseconds),
    ...(breached && dueAt && { breachedAt: dueAt }),
  };
};
