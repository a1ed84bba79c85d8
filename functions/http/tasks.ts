import * as z from 'zod';
import { taskActions } from '../../shared/catalogue/task-actions.ts';
import { id } from '../../shared/core/ids.ts';
import { endpoint, Paging, pageOf } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Task, TaskArchived, TaskDetails, TaskRestored, TaskStatus } from '../../shared/platform/task.ts';
import {
  Completion,
  completeTask,
  createTask,
  EditableTask,
  editTask,
  Reassignment,
  reassignTask,
  Snooze,
  snoozeTask,
} from '../../shared/platform/task-commands.ts';
import { archive, restore } from '../../shared/store/edit.ts';
import { list } from '../../shared/store/list.ts';
import { ranges } from '../../shared/store/places.ts';
import { serve } from '../serve.ts';

const one = { may: 'tasks:write', params: z.strictObject({ id: id('tsk') }), answer: Task.schema } as const;
const statuses = TaskStatus.options;

export const endpoints = [
  endpoint('POST /v1/tasks', {
    summary: 'Create a task',
    may: 'tasks:write',
    body: TaskDetails,
    status: 201,
    answer: Task.schema,
    refuses: ['reference.unknown'],
    does: createTask,
  }),
  listOf('GET /v1/tasks', {
    summary: 'List tasks',
    kind: Task,
    may: 'tasks:read',
    statuses,
    alsoWith: ['accountId', 'recordId', 'assigneeId'],
    filters: { accountId: by.account('tsk'), recordId: by.thread('task'), assigneeId: by.owner('task', statuses) },
  }),
  endpoint('GET /v1/my/tasks', {
    summary: 'My open tasks, the next one due first',
    may: 'tasks:read',
    person: true,
    query: Paging,
    answer: pageOf(Task.schema),
    filters: [{ filter: '(the acting user)', key: 'gsi1: own#<user>, task#open#', consistency: 'within a second' }],
    does: async (crm, paged) => {
      const page = await list(crm.store, Task, { ...paged, ranges: [ranges.workOf(crm.on.actor.id, 'task', 'open')] });
      return { ...page, data: page.data.toSorted((a, b) => ((a.dueAt ?? '9') < (b.dueAt ?? '9') ? -1 : 1)) };
    },
  }),
  endpoint('GET /v1/tasks/{id}', {
    ...one,
    summary: 'Read a task',
    may: 'tasks:read',
    does: (crm, { id }) => crm.load(Task, id),
  }),
  explains('tasks', Task),
  endpoint('PATCH /v1/tasks/{id}', { ...one, summary: 'Edit a task', patch: EditableTask, does: editTask }),
  endpoint('DELETE /v1/tasks/{id}', { ...one, summary: 'Archive a task', does: archive(Task, TaskArchived) }),
  endpoint('POST /v1/tasks/{id}/restore', { ...one, summary: 'Bring a task back', does: restore(Task, TaskRestored) }),
  endpoint('POST /v1/tasks/{id}/complete', {
    ...one,
    summary: "Do a task by one of its actions: the record's own move",
    body: Completion,
    refuses: ['record.wrongState', 'task.actionUnknown'],
    does: completeTask(taskActions),
  }),
  endpoint('POST /v1/tasks/{id}/reassign', {
    ...one,
    summary: 'Give a task to somebody else',
    body: Reassignment,
    refuses: ['record.wrongState', 'reference.unknown'],
    does: reassignTask,
  }),
  endpoint('POST /v1/tasks/{id}/snooze', {
    ...one,
    summary: 'Put a task off',
    body: Snooze,
    refuses: ['record.wrongState'],
    does: snoozeTask,
  }),
];

export const handler = serve(endpoints);
