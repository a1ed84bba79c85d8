import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Instant } from '../core/instant.ts';
import { Refusal } from '../core/refusal.ts';
import { Line } from '../core/text.ts';
import { eventsOf, type Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { mover } from '../store/moves.ts';
import { inState, inThread, openIn, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

export const TaskStatus = z.enum(['open', 'done', 'cancelled']);
export const TaskAction = z.strictObject({ key: z.string().max(50), label: Line.max(100) });

/** What can be said of a task. */
export const TaskDetails = z.strictObject({
  title: Line.min(1).max(300),
  accountId: id('acc').optional(),
  recordId: z.string().max(50).optional(),
  assigneeId: id('usr').optional(),
  queue: Line.max(50).optional(),
  dueAt: Instant.optional(),
  priority: z.enum(['low', 'normal', 'high', 'urgent']).default('normal'),
});

/** Something a person must do. Its actions are the moves of its record: whichever door is used, the same command runs. */
const TaskRecord = z
  .object({
    ...record('tsk'),
    ...TaskDetails.shape,
    processId: z.string().optional(),
    actions: z.array(TaskAction).max(10),
    status: TaskStatus,
    overdueAt: Instant.optional(),
    completed: z
      .object({ action: z.string(), note: z.string().optional(), at: z.iso.datetime(), by: z.string() })
      .optional(),
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof TaskRecord>;

export const Task: Kind<Task> = {
  name: 'task',
  prefix: 'tsk',
  schema: TaskRecord,
  places: ({ id, accountId, recordId, assigneeId, queue, status, title, dueAt, overdueAt, actions, createdAt }) => {
    const open = status === 'open';
    const whose = assigneeId ?? (queue && `queue:${queue}`);
    const card = { id, title, status, recordId, assigneeId, queue, dueAt, actions };
    return {
      ...(whose && { gsi1: workOf(whose, 'task', status, createdAt, id) }),
      ...(open && dueAt && !overdueAt && { gsi2: inState('task', 'due', dueAt, id) }),
      ...(open && accountId && { gsi3: openIn(accountId, 'task', id, recordId), card }),
      ...(!(open && accountId) && recordId && { gsi3: inThread(recordId, 'task', id), card }),
    };
  },
};

const event = eventsOf(
  Task,
  TaskRecord.pick({
    title: true,
    recordId: true,
    assigneeId: true,
    queue: true,
    dueAt: true,
    status: true,
    completed: true,
  }),
);
export const TaskOpened = event('opened');
export const TaskUpdated = event('updated');
export const TaskArchived = event('archived');
export const TaskRestored = event('restored');

/** The life of a task. */
export const taskMoves = {
  complete: { from: ['open'], to: 'done', event: event('completed') },
  cancel: { from: ['open'], to: 'cancelled', event: event('cancelled') },
  reassign: { from: ['open'], to: 'open', event: event('reassigned') },
  snooze: { from: ['open'], to: 'open', event: event('snoozed') },
  markOverdue: { from: ['open'], to: 'open', event: event('overdue') },
} as const;
export const moveTask = mover<Task, Task['status'], typeof taskMoves>('task', taskMoves);

/** The action that a task knows where it is not a move of a record. */
export const done = { key: 'done', label: 'Done' } as const;

/** A new task: the fact, to be committed with what calls for it. */
export const openTask = (
  crm: Pick<Crm, 'newId'>,
  details: Pick<Task, 'title' | 'recordId' | 'accountId' | 'assigneeId' | 'queue' | 'dueAt' | 'processId'> & {
    priority?: Task['priority'];
    actions?: Task['actions'];
  },
): Fact<Task> =>
  TaskOpened(undefined, {
    priority: 'normal',
    actions: [done],
    ...details,
    id: crm.newId('tsk', details.accountId),
    status: 'open',
  });

/**
 * What becomes of the open task of a record when the record moves by a verb: it is done if the verb is one of its actions, void
 * otherwise. The answer is committed with the move, so that both doors close it.
 */
export async function closing(
  crm: Crm,
  openTaskId: string | undefined,
  verb: string,
  note?: string,
): Promise<Fact<Task>[]> {
  const task = openTaskId ? await crm.store.find(Task, openTaskId) : undefined;
  if (task?.status !== 'open') return [];
  return [task.actions.some(({ key }) => key === verb) ? completed(crm, task, verb, note) : moveTask(task, 'cancel')];
}

/** A task done by an action that it knows; 422 `task.actionUnknown` otherwise. */
export function completed(crm: Pick<Crm, 'now' | 'on'>, task: Task, action: string, note?: string): Fact<Task> {
  if (!task.actions.some(({ key }) => key === action))
    throw new Refusal('task.actionUnknown', `The task knows ${task.actions.map(({ key }) => key).join(', ')}`);
  return moveTask(task, 'complete', {
    completed: { action, ...(note && { note }), at: crm.now.toISOString(), by: crm.on.actor.id },
  });
}
