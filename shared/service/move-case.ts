import * as z from 'zod';
import { addDuration } from '../core/duration.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Prose } from '../core/text.ts';
import { User } from '../people/user.ts';
import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { Case, mostHolds } from './case.ts';
import { customerOf, mailToColleague, mailToCustomer } from './case-mails.ts';
import { type CaseRules, caseRules, moveInTime } from './case-sla.ts';
import { caseTask, withTask } from './case-task.ts';

export const Waiting = z.strictObject({ for: z.enum(['customer', 'thirdParty']) });

/** It is somebody else's turn: the resolution clock stands still, and the owner's task is void until it goes on. */
export const letCaseWait: Command<{ id: string; for: 'customer' | 'thirdParty' }, Case> = async (crm, input) => {
  const record = await crm.load(Case, input.id);
  const holds = held(record, { for: input.for, from: crm.now.toISOString() });
  const patch = { waitsFor: input.for, holds, openTaskId: undefined };
  const moved = moveInTime(await caseRules(crm), record, 'wait', patch);
  return crm.commit([moved, ...(await closing(crm, record.openTaskId, 'wait'))]);
};

export const Resolution = z.strictObject({ summary: Prose.trim().min(1).max(4_000) });

/** It is solved: the customer is told how, may reopen it for a while, and is asked how it went. */
export const resolveCase: Command<{ id: string; summary: string }, Case> = async (crm, { id, summary }) => {
  const record = await crm.load(Case, id);
  const customer = await customerOf(crm, record);
  const rules = await caseRules(crm);
  const moved = moveInTime(rules, record, 'resolve', resolution(record, summary, rules));
  const step = `resolved-${record.version + 1}`;
  return crm.commit([
    moved,
    ...mailToCustomer(crm, record, customer, { template: 'case-resolved', step, body: summary }),
    ...(await closingAll(crm, record, 'resolve', summary.slice(0, 2_000).toWellFormed())),
  ]);
};

/** The resolution that the note of a task is. */
export const resolveByTask: Command<{ id: string; note?: string | undefined }, Case> = (crm, { id, note }) => {
  if (!note?.trim()) throw refuseField('request.invalid', '#/note', 'The note is the summary: write one');
  return resolveCase(crm, { id, summary: note });
};

/** What a resolution notes. The summary is an answer too; a case is surveyed once, and before it is closed. */
export function resolution(record: Case, summary: string, { handling, now }: CaseRules): Partial<Draft<Case>> {
  const at = now.toISOString();
  const closesAt = addDuration(now, handling.reopenWindow).toISOString();
  const asksAt = addDuration(now, handling.surveyAfter).toISOString();
  return {
    ...released(record, at),
    summary,
    resolvedAt: at,
    answeredAt: record.answeredAt ?? at,
    closesAt,
    surveyAt: record.surveyedAt ? undefined : [asksAt, closesAt].sort()[0],
    openTaskId: undefined,
    escalationTaskId: undefined,
  };
}

/** It was not solved after all. 409 `case.windowClosed` where it was closed too long ago: that is a new case. */
export const reopenCase: Command<{ id: string }, Case> = async (crm, { id }) => {
  const record = await crm.load(Case, id);
  const rules = await caseRules(crm);
  if (record.status === 'closed' && isPastWindow(record, rules))
    throw new Refusal('case.windowClosed', 'It was resolved too long ago: open a new case');
  const moved = moveInTime(rules, record, 'reopen', reopening(record, rules));
  const task = caseTask(crm, moved.after, 'resolve');
  const owner = record.ownerId ? await crm.store.find(User, record.ownerId) : undefined;
  const mail = mailToColleague(crm, moved.after, owner, {
    template: 'case-reopened',
    step: `reopened-${task.after.id}`,
    task,
  });
  return crm.commit([withTask(moved, task), task, ...mail]);
};

/** Whether the window of today's policy has passed since the resolution. */
export const isPastWindow = ({ resolvedAt, statusSince }: Case, { handling, now }: CaseRules): boolean =>
  addDuration(new Date(resolvedAt ?? statusSince), handling.reopenWindow) < now;

/** The time in which it counted as resolved is a hold of the clock that goes on. */
export const reopening = (record: Case, { now }: CaseRules): Partial<Draft<Case>> => ({
  holds: held(record, {
    for: 'resolved',
    from: record.resolvedAt ?? record.statusSince,
    to: now.toISOString(),
  }),
  reopened: record.reopened + 1,
  resolvedAt: undefined,
  closedAt: undefined,
  closesAt: undefined,
  surveyAt: undefined,
});

export const Rejection = z.strictObject({ reason: Prose.trim().min(1).max(2_000) });

/** It is none of ours, or nothing at all. */
export const rejectCase: Command<{ id: string; reason: string }, Case> = async (crm, { id, reason }) => {
  const record = await crm.load(Case, id);
  const patch = { rejection: reason, openTaskId: undefined, escalationTaskId: undefined };
  const moved = moveInTime(await caseRules(crm), record, 'reject', patch, { reasons: [reason] });
  return crm.commit([moved, ...(await closingAll(crm, record, 'reject'))]);
};

/** The tasks that are void, or done, once nobody has to do anything any more. */
const closingAll = async (crm: Crm, { openTaskId, escalationTaskId }: Case, verb: string, note?: string) => [
  ...(await closing(crm, openTaskId, verb, note)),
  ...(await closing(crm, escalationTaskId, verb)),
];

/** A case goes on: the last hold ends. */
export const released = ({ holds }: Case, at: string): Pick<Draft<Case>, 'holds' | 'waitsFor'> => ({
  holds: holds.map((hold) => (hold.to ? hold : { ...hold, to: at })),
  waitsFor: undefined,
});

/** One hold more; 413 `record.tooLarge` where it has had too many. */
function held({ holds }: Case, hold: Case['holds'][number]): Case['holds'] {
  if (holds.length < mostHolds) return [...holds, hold];
  throw new Refusal('record.tooLarge', `A case stands still ${mostHolds} times at most: open a new one`);
}
