import * as z from 'zod';
import { refuseField } from '../core/refusal.ts';
import { Prose } from '../core/text.ts';
import type { Actor } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import type { Command } from '../store/command.ts';
import { ActivityDone } from './activity.ts';
import { Case } from './case.ts';
import { customerOf, mailToCustomer } from './case-mails.ts';
import { caseRules, moveInTime } from './case-sla.ts';
import { caseTask, withTask } from './case-task.ts';
import { released } from './move-case.ts';

export const Reply = z.strictObject({
  body: Prose.trim().min(1).max(32_000),
  public: z.boolean().default(true).meta({ description: 'Public goes to the customer; else it is a note for us.' }),
});

/**
 * Says something on a case. What is public goes to its contact by mail, and the first such answer by a person is the first response.
 * The words are an activity in the thread of the case.
 */
export const replyToCase: Command<{ id: string; body: string; public: boolean }, Case> = async (crm, input) => {
  const record = await crm.load(Case, input.id);
  const at = crm.now.toISOString();
  const answers = input.public && isPerson(crm.on.actor) && !record.answeredAt;
  const moved = moveInTime(await caseRules(crm), record, 'reply', {
    ...released(record, at),
    ...(answers && { answeredAt: at }),
  });
  const contact = await customerOf(crm, record);
  const activityId = crm.newId('act', record.accountId);
  const mail = input.public
    ? mailToCustomer(crm, record, contact, { template: 'case-answer', step: `reply-${activityId}`, body: input.body })
    : [];
  const activity = ActivityDone(undefined, {
    id: activityId,
    accountId: record.accountId,
    recordId: record.id,
    kind: mail.length ? 'email' : 'note',
    ...(input.public && { direction: 'outbound' }),
    subject: `[#${record.number}] ${record.subject}`.slice(0, 300).toWellFormed(),
    body: input.body,
    occurredAt: at,
    status: 'done',
  });
  const task = caseTask(crm, moved.after);
  const closed = await closing(crm, record.openTaskId, 'reply', input.body.slice(0, 2_000).toWellFormed());
  return crm.commit([withTask(moved, task), activity, ...mail, ...closed, task]);
};

/** The reply that the note of a task is: public. */
export const replyByTask: Command<{ id: string; note?: string | undefined }, Case> = (crm, { id, note }) => {
  if (!note?.trim()) throw refuseField('request.invalid', '#/note', 'The note is the reply: write one');
  return replyToCase(crm, { id, body: note, public: true });
};

/** An answer by a machine, or by the customer themself, is no response of ours. */
const isPerson = ({ kind }: Actor): boolean => kind === 'user' || kind === 'key';
