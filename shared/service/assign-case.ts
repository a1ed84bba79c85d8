import * as z from 'zod';
import { addBusinessTime } from '../core/calendar.ts';
import { toMilliseconds } from '../core/duration.ts';
import { id } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Line, Prose } from '../core/text.ts';
import type { Fact, Why } from '../events/event.ts';
import { type Choice, managerOf, nextAssignee } from '../people/assign.ts';
import { absentUntil } from '../people/eligibility.ts';
import { referOwner } from '../people/owner.ts';
import { User, worksHere } from '../people/user.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing } from '../platform/task.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { Case, isActive } from './case.ts';
import { mailToColleague } from './case-mails.ts';
import { type CaseRules, caseRules, moveInTime } from './case-sla.ts';
import { caseTask, defaultQueue, escalationTask, withTask } from './case-task.ts';

export const Assignment = z
  .strictObject({ ownerId: id('usr').optional(), queue: Line.min(1).max(50).optional() })
  .refine(({ ownerId, queue }) => !ownerId !== !queue, { message: 'Either an owner or a queue' });

/** Gives a case to a user, or back to a queue, by hand. */
export const assignCase: Command<z.infer<typeof Assignment> & { id: string }, Case> = async (crm, input) => {
  const record = await crm.load(Case, input.id);
  const owner = input.ownerId ? await referOwner(crm, input.ownerId, '#/ownerId') : undefined;
  const queue = input.queue ?? record.queue;
  return crm.commit(await givenTo(crm, record, { owner, queue }, { reasons: ['Assigned by hand'] }));
};

/**
 * The first act of the process: finds a case its owner. One that has somebody already is answered as it is; one that needs nobody any
 * more is refused, so that the process looks where it stands. Who looks after the account comes first; if nobody is available, a queue.
 */
export const findCaseOwner: Command<ActInput, Case> = async (crm, input) => {
  const record = await crm.load(Case, input.id);
  if (!isActive(record.status))
    throw new Refusal('record.wrongState', `A case that is ${record.status} needs no owner`);
  if (record.ownerId || record.openTaskId) return record;
  const { user, reasons } = (await accountOwner(crm, record)) ?? (await nextAssignee(crm, { name: 'cases' }));
  const to = { owner: user, queue: user ? record.queue : (record.queue ?? defaultQueue) };
  return crm.commit(await givenTo(crm, record, to, { reasons }));
};

async function accountOwner(crm: Crm, { accountId }: Case): Promise<Choice | undefined> {
  const [account, { timeZone }] = await Promise.all([crm.store.find(Account, accountId), crm.policy(Settings)]);
  const user = account?.ownerId ? await crm.store.find(User, account.ownerId) : undefined;
  return user && worksHere(user) && !absentUntil(user, { now: crm.now, timeZone })
    ? { user, reasons: [`${user.name} looks after the account`] }
    : undefined;
}

/** The facts of an assignment: the case, the new task and mail, the old task void. A case that waits has no task until it goes on. */
async function givenTo(
  crm: Crm,
  record: Case,
  { owner, queue }: { owner: User | undefined; queue: string | undefined },
  why: Why,
): Promise<[Fact<Case>, ...Fact[]]> {
  const patch = { ownerId: owner?.id, queue, openTaskId: undefined };
  const moved = moveInTime(await caseRules(crm), record, 'assign', patch, why);
  const task = record.status === 'waiting' ? undefined : caseTask(crm, moved.after);
  const step = `assigned-${record.version + 1}`;
  return [
    task ? withTask(moved, task) : moved,
    ...(task ? [task] : []),
    ...mailToColleague(crm, moved.after, owner, { template: 'case-assigned', step, task }),
    ...(await closing(crm, record.openTaskId, 'assign')),
  ];
}

export const Escalation = z.strictObject({ reason: Prose.trim().min(1).max(2_000).optional() });

/** Brings a case before the manager of its owner, by hand. */
export const escalateCase: Command<z.infer<typeof Escalation> & { id: string }, Case> = async (crm, { id, reason }) =>
  crm.commit(await escalated(crm, await crm.load(Case, id), await caseRules(crm), reason));

/** The facts of an escalation: a task and a mail for the manager. The owner keeps theirs. */
export async function escalated(
  crm: Crm,
  record: Case,
  rules: CaseRules,
  reason: string | undefined,
  patch: Partial<Draft<Case>> = {},
): Promise<[Fact<Case>, ...Fact[]]> {
  const manager = await managerOf(crm, record.ownerId);
  const task = escalationTask(crm, record, { managerId: manager?.id, dueAt: seenToBy(rules) });
  const escalation = { at: crm.now.toISOString(), toId: manager?.id, reason };
  const changed = { ...patch, escalation, escalationTaskId: task.after.id };
  const moved = moveInTime(rules, record, 'escalate', changed, reason ? { reasons: [reason] } : {});
  const step = `escalated-${record.version + 1}`;
  return [
    moved,
    task,
    ...mailToColleague(crm, moved.after, manager, { template: 'case-escalated', step, task, reason }),
    ...(await closing(crm, record.escalationTaskId, 'escalate')),
  ];
}

/** A manager answers as fast as the most urgent case is answered. */
const seenToBy = ({ sla, calendar, now }: CaseRules): string =>
  addBusinessTime(calendar, now, toMilliseconds(sla.targets.urgent.firstResponse)).toISOString();
