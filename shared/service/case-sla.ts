import { type Calendar, officeHours } from '../core/calendar.ts';
import { addDuration, toMilliseconds } from '../core/duration.ts';
import type { InForce } from '../core/policy.ts';
import { Settings } from '../core/settings.ts';
import type { Fact, Why } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { type Case, type ClockName, type caseMoves, clockNames, isActive, moveCase, type SlaClock } from './case.ts';
import { CaseHandling, Sla } from './case-policies.ts';
import { type ClockHistory, clock } from './sla-clock.ts';

/** What the rules of a case lean on: its policies, whose opening hours count, and the time. */
export interface CaseRules {
  sla: InForce<typeof Sla.defaults>;
  handling: InForce<typeof CaseHandling.defaults>;
  calendar: Calendar;
  now: Date;
}

/** The rules in force now. */
export async function caseRules(crm: Crm): Promise<CaseRules> {
  const [sla, handling, { timeZone }] = await Promise.all([
    crm.policy(Sla),
    crm.policy(CaseHandling),
    crm.policy(Settings),
  ]);
  return { sla, handling, calendar: calendarOf(sla, timeZone), now: crm.now };
}

/** The opening hours that count for the promises of cases. */
export const calendarOf = ({ businessHours, calendar }: typeof Sla.defaults, timeZone: string): Calendar =>
  businessHours ? (calendar ?? officeHours(timeZone)) : aroundTheClock;

const allDay = [['00:00', '24:00'] satisfies [string, string]];
const aroundTheClock: Calendar = {
  timeZone: 'UTC',
  weekly: { mon: allDay, tue: allDay, wed: allDay, thu: allDay, fri: allDay, sat: allDay, sun: allDay },
  holidays: [],
};

/** What a case tells of its clocks. */
export type Timed = Pick<
  Draft<Case>,
  'priority' | 'status' | 'openedAt' | 'answeredAt' | 'resolvedAt' | 'holds' | 'statusSince'
> &
  Partial<Pick<Case, 'sla' | 'chasedAt' | 'surveyAt' | 'closesAt'>>;

/** The first response is not paused by waiting: nobody waits for an answer to what was not said. Source: domain.md 9. */
function historyOf(of: Timed, name: ClockName, { sla, calendar, now }: CaseRules): ClockHistory {
  const met = name === 'firstResponse' ? of.answeredAt : of.resolvedAt;
  const pauses = of.holds.map(({ from, to }) => ({ from: new Date(from), ...(to && { to: new Date(to) }) }));
  return {
    calendar,
    target: sla.targets[of.priority][name],
    startedAt: new Date(of.openedAt),
    pauses: name === 'resolution' ? pauses : [],
    ...(met && { metAt: new Date(met) }),
    now,
  };
}

/** Where a clock of a case stands. A breach on record stays one, whatever priority or policy say later. */
function readClock(of: Timed, name: ClockName, rules: CaseRules): SlaClock {
  const { warnedAt, toldAt, escalatedAt, breachedAt: recorded } = of.sla?.[name] ?? {};
  const history = historyOf(of, name, rules);
  const { state, dueAt, remainingMilliseconds, breachedAt } = clock(history);
  const breached = recorded ?? breachedAt?.toISOString();
  const due = dueAt?.toISOString() ?? breached;
  return {
    state: breached ? 'breached' : state,
    target: history.target,
    ...(due && { dueAt: due }),
    ...(!due && { remainingMinutes: Math.ceil(remainingMilliseconds / 60_000) }),
    ...(history.metAt && { metAt: history.metAt.toISOString() }),
    ...(breached && { breachedAt: breached }),
    ...(warnedAt && { warnedAt }),
    ...(toldAt && { toldAt }),
    ...(escalatedAt && { escalatedAt }),
  };
}

/** Both promises of a case as they stand: a pure function of its own history. */
export const readSla = (of: Timed, rules: CaseRules): Case['sla'] => ({
  firstResponse: readClock(of, 'firstResponse', rules),
  resolution: readClock(of, 'resolution', rules),
});

/** What the process of a case has to do, and when. */
export type CaseStep =
  | { does: 'warn' | 'breach' | 'escalate'; clock: ClockName; at: Date }
  | { does: 'followUp' | 'survey' | 'close'; at: Date };

/**
 * The next thing that the process of a case does if nothing else happens: undefined where it has ended. An active case always has one:
 * what has no clock left to watch comes back to its owner after a while.
 */
export function nextStepOf(of: Timed, rules: CaseRules): CaseStep | undefined {
  if (of.status === 'resolved') {
    if (of.surveyAt) return { does: 'survey', at: new Date(of.surveyAt) };
    return { does: 'close', at: new Date(of.closesAt ?? of.statusSince) };
  }
  if (!isActive(of.status)) return undefined;
  const steps = clockNames.flatMap((name) => clockStep(of, name, rules) ?? []);
  return steps.sort((a, b) => a.at.getTime() - b.at.getTime())[0] ?? followUp(of, rules);
}

function clockStep(of: Timed, name: ClockName, rules: CaseRules): CaseStep | undefined {
  const { metAt, dueAt, breachedAt, warnedAt, toldAt, escalatedAt } = readClock(of, name, rules);
  if (metAt || escalatedAt || !dueAt) return undefined;
  if (toldAt) return { does: 'escalate', clock: name, at: new Date(toldAt) };
  // Met at the due instant is met: a breach is the moment after.
  const breach = new Date(Date.parse(breachedAt ?? dueAt) + 1);
  const warnAt = !warnedAt && !breachedAt && warningOf(of, name, rules);
  return warnAt ? { does: 'warn', clock: name, at: warnAt } : { does: 'breach', clock: name, at: breach };
}

/** The instant at which the policy's part of the target is used up. */
function warningOf(of: Timed, name: ClockName, rules: CaseRules): Date | undefined {
  const history = historyOf(of, name, rules);
  const part = (toMilliseconds(history.target) * rules.sla.warnAt) / 100 / 1_000;
  return clock({ ...history, target: `PT${part.toFixed(3)}S` }).dueAt;
}

function followUp({ statusSince, chasedAt = '' }: Timed, { handling }: CaseRules): CaseStep {
  const since = new Date(chasedAt > statusSince ? chasedAt : statusSince);
  return { does: 'followUp', at: addDuration(since, handling.followUpAfter) };
}

/** A case with its clocks and its next step as they stand now. */
export function timed(draft: Draft<Case>, rules: CaseRules): Draft<Case> {
  const sla = isActive(draft.status) || draft.resolvedAt ? readSla(draft, rules) : stopped(draft.sla);
  const next = nextStepOf({ ...draft, sla }, rules);
  return { ...draft, sla, nextStepAt: next?.at.toISOString() };
}

/** The clocks of a case that was turned away: what had not fallen due never will. */
const stopped = ({ firstResponse, resolution }: Case['sla']): Case['sla'] => ({
  firstResponse: standStill(firstResponse),
  resolution: standStill(resolution),
});
const standStill = (one: SlaClock): SlaClock =>
  one.state === 'running' ? { ...one, state: 'paused', dueAt: undefined } : one;

/** Moves a case by a verb: its clocks and its next step follow. */
export function moveInTime(
  rules: CaseRules,
  record: Case,
  verb: keyof typeof caseMoves,
  patch: Partial<Draft<Case>> = {},
  why?: Why,
): Fact<Case> {
  const fact = moveCase(record, verb, patch, why);
  const statusSince = fact.after.status === record.status ? record.statusSince : rules.now.toISOString();
  return { ...fact, after: timed({ ...fact.after, statusSince }, rules) };
}
