import * as z from 'zod';
import { asLongAgain } from '../core/duration.ts';
import { Refusal } from '../core/refusal.ts';
import { Prose } from '../core/text.ts';
import { roles } from '../people/roles.ts';
import { User } from '../people/user.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing, Task } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { mayApprove, nextApprover } from './choose-approver.ts';
import { moveQuote, Quote } from './quote.ts';
import { mailToApprover } from './quote-mails.ts';
import { QuoteApproval } from './quote-policies.ts';
import { askedOf } from './submit-quote.ts';

interface OnQuote {
  id: string;
  note?: string | undefined;
}
const ended = {
  nextStepAt: undefined,
  openTaskId: undefined,
  approverId: undefined,
  askedApprovers: undefined,
  approvalReminded: undefined,
};

/** Approves a quote. 403 for whoever submitted it, and for who may not approve at all (a link acts as its assignee). */
export const approveQuote: Command<OnQuote, Quote> = async (crm, { id, note }) => {
  const quote = await crm.load(Quote, id);
  const { actor } = crm.on;
  if (actor.id === quote.submittedBy) throw new Refusal('quote.approverIsSubmitter', 'Somebody else must approve it');
  if (actor.kind !== 'user') throw new Refusal('access.personNeeded', 'Only a person approves');
  const user = await crm.store.find(User, actor.id);
  if (!user || !roles[user.role].has('quotes:approve'))
    throw new Refusal('access.forbidden', 'It takes quotes:approve');
  const moved = moveQuote(
    quote,
    'approve',
    { ...ended, approvedBy: actor.id },
    { reasons: [`Approved by ${user.name}`] },
  );
  return crm.commit([moved, ...(await closing(crm, quote.openTaskId, 'approve', note))]);
};

export const Rejection = z.strictObject({ reason: Prose.trim().min(1).max(2_000) });

/** Sends a quote back to its author, with a reason. */
export const rejectQuote: Command<OnQuote & { reason?: string | undefined }, Quote> = async (
  crm,
  { id, note, reason = note ?? 'Not approved' },
) => {
  const quote = await crm.load(Quote, id);
  const rejection = { reason, by: crm.on.actor.id };
  const moved = moveQuote(quote, 'reject', { ...ended, rejection }, { reasons: [reason] });
  return crm.commit([moved, ...(await closing(crm, quote.openTaskId, 'reject', note ?? reason))]);
};

/** Takes a submitted quote back. */
export const recallQuote: Command<{ id: string }, Quote> = async (crm, { id }) => {
  const quote = await crm.load(Quote, id);
  return crm.commit([moveQuote(quote, 'recall', ended), ...(await closing(crm, quote.openTaskId, 'recall'))]);
};

/** The approver let it lie: the next of the line of managers is asked. With the last one it stays, told once more. */
export const escalateApproval: Command<ActInput, Quote> = async (crm, { id }) => {
  const quote = await crm.load(Quote, id);
  const due = quote.nextStepAt && Date.parse(quote.nextStepAt) <= crm.now.getTime();
  if (quote.status !== 'inApproval' || !due) return quote;
  const limits = await crm.policy(QuoteApproval);
  const approver = quote.approverId ? await crm.store.find(User, quote.approverId) : undefined;
  const last = approver && mayApprove(approver, quote.submittedBy) ? approver : undefined;
  const next =
    (await nextApprover(crm, quote.submittedBy, quote.askedApprovers)) ??
    (last ? undefined : await nextApprover(crm, quote.submittedBy));
  const task = quote.openTaskId ? await crm.store.find(Task, quote.openTaskId) : undefined;
  if (!next && task?.status === 'open') return leftWith(crm, quote, last, task);
  const { asked, facts } = askedOf(crm, quote, next, quote.approvalReasons ?? [], limits);
  const why = { reasons: [`Not decided in time; ${next?.name ?? 'the queue'} is asked`], policy: limits.policy };
  return crm.commit([
    moveQuote(quote, 'escalate', asked, why),
    ...facts,
    ...(await closing(crm, quote.openTaskId, 'escalate')),
  ]);
};

/** It stays with the last one who can be asked, or in the queue: told once, then left alone, and looked at ever more rarely. */
async function leftWith(crm: Crm, quote: Quote, approver: User | undefined, task: Task): Promise<Quote> {
  const { escalateAfter, policy } = await crm.policy(QuoteApproval);
  const nextStepAt = asLongAgain(task.createdAt, crm.now, escalateAfter).toISOString();
  const stays = { nextStepAt, approvalReminded: true };
  const why = { reasons: [`Not decided in time; it stays with ${approver?.name ?? 'the queue'}`], policy };
  const told = approver && !quote.approvalReminded;
  return crm.commit([
    moveQuote(quote, 'escalate', stays, why),
    ...(told ? [mailToApprover(crm, quote, approver, task, quote.approvalReasons ?? [], 'reminder')] : []),
  ]);
}
