import * as z from 'zod';
import type { Fact } from '../events/event.ts';
import { facts, paragraph } from '../mail/layout.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import { template } from '../mail/render.ts';
import { User } from '../people/user.ts';
import type { Crm } from '../store/command.ts';
import type { Task } from './task.ts';

const taskAssigned = template(
  'task-assigned',
  z.object({ title: z.string(), dueAt: z.string().optional() }),
  ({ title, dueAt }) => ({
    subject: `For you: ${title}`,
    blocks: [paragraph('This task is yours now.'), facts({ Task: title, Due: dueAt })],
  }),
);
/** The mails about tasks. */
export const taskMails = [taskAssigned];

/** Tells somebody that a task is theirs, with a link for each of its actions: to be committed with the task. Nothing for a queue. */
export async function mailToAssignee(crm: Crm, { before, after: task }: Fact<Task>): Promise<Fact<Mail>[]> {
  const user = task.assigneeId ? await crm.store.find(User, task.assigneeId) : undefined;
  if (!user) return [];
  const mail = queueMail(crm, {
    accountId: task.accountId,
    recordId: task.id,
    step: `assigned-${(before?.version ?? 0) + 1}`,
    to: { name: user.name, email: user.email },
    template: taskAssigned.name,
    data: { title: task.title, dueAt: task.dueAt },
    links: task.actions.map(({ key, label }) => ({ label, purpose: 'task', id: task.id, action: key })),
    assigneeId: user.id,
  });
  return [mail];
}
