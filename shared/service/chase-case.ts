import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import { User } from '../people/user.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { escalated } from './assign-case.ts';
import { Case, CaseUpdated, type ClockName, isActive } from './case.ts';
import { customerOf, mailToColleague, mailToCustomer } from './case-mails.ts';
import { type CaseRules, type CaseStep, caseRules, moveInTime, nextStepOf, timed } from './case-sla.ts';
import { caseTask, withTask } from './case-task.ts';

/**
 * An act of the process, at the next step of an active case: does whatever is due, one commit each, so that it may be repeated from
 * anywhere. Nothing due, or a case that has moved on, is answered as it is.
 */
export const chaseCase: Command<ActInput, Case> = async (crm, input) => {
  const rules = await caseRules(crm);
  let record = await crm.load(Case, input.id);
  for (let step = due(record, rules); step; step = due(record, rules))
    record = await crm.commit(await stepTaken(crm, record, rules, step));
  return isActive(record.status) ? putOff(crm, record, rules) : record;
};

/** The step of an active case whose time has come. */
function due(record: Case, rules: CaseRules): CaseStep | undefined {
  const step = isActive(record.status) ? nextStepOf(record, rules) : undefined;
  return step && step.at <= rules.now ? step : undefined;
}

async function stepTaken(crm: Crm, record: Case, rules: CaseRules, step: CaseStep): Promise<[Fact<Case>, ...Fact[]]> {
  if (step.does === 'warn') return warned(crm, record, rules, step.clock);
  if (step.does === 'breach') return [told(record, rules, step.clock)];
  if (step.does === 'escalate') {
    const marked = { sla: mark(record, step.clock, 'escalatedAt', rules), chasedAt: rules.now.toISOString() };
    return escalated(crm, record, rules, `${promise[step.clock]} is overdue`, marked);
  }
  return followedUp(crm, record, rules);
}

const promise = { firstResponse: 'The first response', resolution: 'The resolution' } as const;

/** Notes on a clock that somebody was told: each once. */
const mark = (record: Case, name: ClockName, what: 'warnedAt' | 'toldAt' | 'escalatedAt', { now }: CaseRules) => ({
  ...record.sla,
  [name]: { ...record.sla[name], [what]: now.toISOString() },
});

async function warned(crm: Crm, record: Case, rules: CaseRules, name: ClockName): Promise<[Fact<Case>, ...Fact[]]> {
  const sla = mark(record, name, 'warnedAt', rules);
  const reason = `${promise[name]} is due soon`;
  const moved = moveInTime(rules, record, 'warn', { sla }, { reasons: [reason], policy: rules.sla.policy });
  const mail = { template: 'case-warned', step: `warned-${name}`, reason } as const;
  return [moved, ...mailToColleague(crm, moved.after, await ownerOf(crm, record), mail)];
}

function told(record: Case, rules: CaseRules, name: ClockName): Fact<Case> {
  const why = { reasons: [`${promise[name]} is overdue`], policy: rules.sla.policy };
  return moveInTime(rules, record, 'breach', { sla: mark(record, name, 'toldAt', rules) }, why);
}

/** A case that lies, or waits for somebody who does not answer, comes back to its owner. */
async function followedUp(crm: Crm, record: Case, rules: CaseRules): Promise<[Fact<Case>, ...Fact[]]> {
  const patch = { chasedAt: rules.now.toISOString() };
  const why = { reasons: ['Nothing has happened for a while'], policy: rules.handling.policy };
  const moved = moveInTime(rules, record, 'followUp', patch, why);
  const task = caseTask(crm, moved.after, 'followUp');
  const mail = { template: 'case-follow-up', step: `follow-up-${record.version + 1}`, task } as const;
  return [
    withTask(moved, task),
    task,
    ...mailToColleague(crm, moved.after, await ownerOf(crm, record), mail),
    ...(await closing(crm, record.openTaskId, 'followUp')),
  ];
}

const ownerOf = async ({ store }: Crm, { ownerId }: Case): Promise<User | undefined> =>
  ownerId ? store.find(User, ownerId) : undefined;

/** A policy that was changed since may have put the next step off: the process must not come back to it at once. */
async function putOff(crm: Crm, record: Case, rules: CaseRules): Promise<Case> {
  if (record.nextStepAt && Date.parse(record.nextStepAt) > rules.now.getTime()) return record;
  return crm.commit([CaseUpdated(record, timed(record, rules), { reasons: ['Its next step was put off'] })]);
}

/** An act of the process: asks the customer once how it went. Refused where the case is no longer resolved. */
export const askHowItWent: Command<ActInput, Case> = async (crm, { id }) => {
  const record = await crm.load(Case, id);
  if (record.status !== 'resolved') throw new Refusal('record.wrongState', `The case is ${record.status}`);
  if (!record.surveyAt || Date.parse(record.surveyAt) > crm.now.getTime()) return record;
  const mail = mailToCustomer(crm, record, await customerOf(crm, record), { template: 'case-survey', step: 'survey' });
  const surveyed = { surveyAt: undefined, ...(mail.length && { surveyedAt: crm.now.toISOString() }) };
  return crm.commit([moveInTime(await caseRules(crm), record, 'survey', surveyed), ...mail]);
};

/** The last act of the process: closes a case for good. Refused where it was reopened, or still may be. */
export const closeCase: Command<ActInput, Case> = async (crm, { id }) => {
  const record = await crm.load(Case, id);
  if (record.status === 'closed') return record;
  if (record.status === 'resolved' && record.closesAt && Date.parse(record.closesAt) > crm.now.getTime())
    throw new Refusal('record.wrongState', `The case may be reopened until ${record.closesAt}`);
  const closed = { closedAt: crm.now.toISOString(), surveyAt: undefined };
  return crm.commit([moveInTime(await caseRules(crm), record, 'close', closed)]);
};
