import { addDuration } from '../core/duration.ts';
import { Refusal } from '../core/refusal.ts';
import { openTask } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Command } from '../store/command.ts';
import { Case, moveCase } from './case.ts';
import { defaultQueue } from './case-task.ts';
import { dissatisfiedTo } from './satisfaction.ts';

export interface Rating {
  id: string;
  score: number;
  comment?: string | undefined;
}

const askWithin = 'P2D';

/**
 * Notes how satisfied the customer of a case is; their last word counts. Who becomes dissatisfied is asked what went wrong: a task of the
 * case's owner. 409 `record.wrongState` where nobody has asked them.
 */
export const rateCase: Command<Rating, Case> = async (crm, { id, score, comment }) => {
  const record = await crm.load(Case, id);
  const { satisfaction: before } = record;
  if (before?.score === score && (!comment || comment === before.comment)) return record;
  const satisfaction = { score, comment: comment || before?.comment, at: crm.now.toISOString() };
  const rated = moveCase(record, 'rate', { satisfaction });
  if (!record.surveyedAt) throw new Refusal('record.wrongState', 'Nobody has asked about this case yet');
  if (score > dissatisfiedTo || (before && before.score <= dissatisfiedTo)) return crm.commit([rated]);
  const task = openTask(crm, {
    title: `Ask what went wrong: case ${record.number} was rated ${score} of 5`,
    accountId: record.accountId,
    recordId: id,
    priority: 'high',
    dueAt: addDuration(crm.now, askWithin).toISOString(),
    ...(record.ownerId ? { assigneeId: record.ownerId } : { queue: record.queue ?? defaultQueue }),
  });
  return crm.commit([rated, task, ...(await mailToAssignee(crm, task))]);
};
