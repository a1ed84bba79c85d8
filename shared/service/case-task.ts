import type { Fact } from '../events/event.ts';
import { openTask, type Task } from '../platform/task.ts';
import type { Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import type { Case } from './case.ts';

/** Who looks after a case that has no owner. */
export const defaultQueue = 'support';

const steps = {
  answer: { title: 'Answer', due: 'firstResponse' },
  resolve: { title: 'Resolve', due: 'resolution' },
  read: { title: 'Answer the reply to', due: 'resolution' },
  followUp: { title: 'Follow up on', due: 'resolution' },
} as const;

const actions = [
  { key: 'reply', label: 'Reply' },
  { key: 'resolve', label: 'Resolve' },
];

/** A case whose open task is this one from now on. */
export const withTask = (moved: Fact<Case>, task: Fact<Task>): Fact<Case> => ({
  ...moved,
  after: { ...moved.after, openTaskId: task.after.id },
});

/** The task of a case's owner, or of its queue: to answer first, then to resolve. Its note is the reply or the summary. */
export const caseTask = (
  crm: Pick<Crm, 'newId'>,
  record: Draft<Case>,
  step: keyof typeof steps = record.answeredAt ? 'resolve' : 'answer',
): Fact<Task> =>
  openTask(crm, {
    title: `${steps[step].title} case ${record.number}: ${record.subject}`.slice(0, 300).toWellFormed(),
    accountId: record.accountId,
    recordId: record.id,
    dueAt: record.sla[steps[step].due].dueAt,
    priority: record.priority,
    actions,
    ...(record.ownerId ? { assigneeId: record.ownerId } : { queue: record.queue ?? defaultQueue }),
  });

/** The task of the manager to whom a case was escalated. */
export const escalationTask = (
  crm: Pick<Crm, 'newId'>,
  record: Draft<Case>,
  to: { managerId: string | undefined; dueAt: string },
): Fact<Task> =>
  openTask(crm, {
    title: `Escalated case ${record.number}: ${record.subject}`.slice(0, 300).toWellFormed(),
    accountId: record.accountId,
    recordId: record.id,
    priority: 'urgent',
    dueAt: to.dueAt,
    ...(to.managerId ? { assigneeId: to.managerId } : { queue: record.queue ?? defaultQueue }),
  });
