import * as z from 'zod';
import { id, prefixOf } from '../core/ids.ts';
import { Instant } from '../core/instant.ts';
import { Prose } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import { referOwner } from '../people/owner.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { referRecord } from '../store/references.ts';
import { completed, moveTask, openTask, Task, TaskDetails, TaskUpdated } from './task.ts';
import { mailToAssignee } from './task-mail.ts';

/** A move of a record, as a task's action runs it. */
export type ActionCommand = Command<{ id: string; note?: string | undefined }, unknown>;
/** Prefix of the record -> key of the action -> the record's own move. */
export type TaskActions = Readonly<Record<string, Readonly<Record<string, ActionCommand>>>>;

/** A task of one's own making. */
export const createTask: Command<z.infer<typeof TaskDetails>, Task> = async (crm, details) => {
  await refersTo(crm, details);
  return crm.commit([openTask(crm, details)]);
};

async function refersTo(
  crm: Crm,
  { accountId, recordId, assigneeId }: Pick<z.infer<typeof TaskDetails>, 'accountId' | 'recordId' | 'assigneeId'>,
) {
  if (accountId) await crm.refer(Account, accountId, '#/accountId');
  if (recordId !== undefined) await referRecord(crm, { recordId, accountId });
  if (assigneeId) await referOwner(crm, assigneeId, '#/assigneeId');
}

export const EditableTask = TaskDetails.pick({ title: true, dueAt: true, priority: true });
export const editTask = edit<Task>({ kind: Task, fields: EditableTask, event: TaskUpdated, while: ['open'] });

export const Completion = z.strictObject({
  action: z.string().max(50).default('done'),
  note: Prose.max(2_000).optional(),
});

/**
 * Does a task by one of its actions. Where the action is a move of the task's record, that move runs: its facts and the task's are one
 * commit, so that it is the same whichever door is used. 422 `task.actionUnknown`, and what the move itself refuses.
 */
export const completeTask =
  (actions: TaskActions): Command<{ id: string; action: string; note?: string | undefined }, Task> =>
  async (crm, { id, action, note }) => {
    const task = await crm.load(Task, id);
    const own = completed(crm, task, action, note);
    const move = task.recordId ? actions[prefixOf(task.recordId)]?.[action] : undefined;
    if (!move || !task.recordId) return crm.commit([own]);
    const { facts: moved, also } = await crm.stage(move, { id: task.recordId, ...(note && { note }) });
    const closed = (moved.find(({ after }) => after.id === id) ?? own) as Fact<Task>;
    return crm.commit([closed, ...moved.filter(({ after }) => after.id !== id)], also);
  };

/** Gives a task to somebody else: links in mails to the one before are void, the new one gets their own. */
export const reassignTask: Command<{ id: string; assigneeId: string }, Task> = async (crm, { id, assigneeId }) => {
  const task = await crm.load(Task, id);
  await referOwner(crm, assigneeId, '#/assigneeId');
  const given = moveTask(task, 'reassign', { assigneeId, queue: undefined, overdueAt: undefined });
  return crm.commit([given, ...(await mailToAssignee(crm, given))]);
};

export const Reassignment = z.strictObject({ assigneeId: id('usr') });
export const Snooze = z.strictObject({ until: Instant });

/** Puts a task off. */
export const snoozeTask: Command<{ id: string; until: string }, Task> = async (crm, { id, until }) =>
  crm.commit([moveTask(await crm.load(Task, id), 'snooze', { dueAt: until, overdueAt: undefined })]);

/** Notes that an open task is overdue: once. */
export const markTaskOverdue: Command<{ id: string }, Task> = async (crm, { id }) => {
  const task = await crm.load(Task, id);
  const due = task.status === 'open' && !task.overdueAt && task.dueAt && Date.parse(task.dueAt) <= crm.now.getTime();
  return due ? crm.commit([moveTask(task, 'markOverdue', { overdueAt: crm.now.toISOString() })]) : task;
};
