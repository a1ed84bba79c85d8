import { addDuration } from '../core/duration.ts';
import type { InForce } from '../core/policy.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import type { User } from '../people/user.ts';
import { openTask } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { beyondLimits } from './approval-limits.ts';
import { nextApprover } from './choose-approver.ts';
import { moveQuote, Quote } from './quote.ts';
import { mailToApprover } from './quote-mails.ts';
import { QuoteApproval } from './quote-policies.ts';

type Limits = InForce<typeof QuoteApproval.defaults>;

/** Submits a draft: within the policy it is approved at once, else somebody who may is asked, never the submitter. 422 `quote.empty`. */
export const submitQuote: Command<{ id: string }, Quote> = async (crm, { id }) => {
  const quote = await crm.load(Quote, id);
  if (quote.status === 'draft' && !quote.lines.length)
    throw new Refusal('quote.empty', 'A quote without lines offers nothing');
  const limits = await crm.policy(QuoteApproval);
  const { currency } = await crm.policy(Settings);
  const reasons = beyondLimits(quote, limits, currency);
  const submittedBy = crm.on.actor.id;
  const { policy } = limits;
  if (!reasons.length) {
    const approved = { status: 'approved' as const, submittedBy, rejection: undefined, approvalReasons: undefined };
    return crm.commit([moveQuote(quote, 'submit', approved, { reasons: ['Within the limits'], policy })]);
  }
  const approver = await nextApprover(crm, submittedBy);
  const { asked, facts } = askedOf(crm, quote, approver, reasons, limits);
  const submitted = { status: 'inApproval' as const, submittedBy, rejection: undefined, approvalReasons: reasons };
  return crm.commit([moveQuote(quote, 'submit', { ...submitted, ...asked }, { reasons, policy }), ...facts]);
};

/** What asking somebody for approval changes of the quote, and the task and mail that go with it. */
export function askedOf(
  crm: Crm,
  quote: Quote,
  approver: User | undefined,
  reasons: readonly string[],
  { escalateAfter }: Limits,
) {
  const nextStepAt = addDuration(crm.now, escalateAfter).toISOString();
  const task = openTask(crm, {
    title: `Approve quote ${quote.number}`,
    accountId: quote.accountId,
    recordId: quote.id,
    dueAt: nextStepAt,
    priority: 'high',
    actions: [
      { key: 'approve', label: 'Approve' },
      { key: 'reject', label: 'Reject' },
    ],
    ...(approver ? { assigneeId: approver.id } : { queue: 'approvals' }),
  });
  const askedApprovers = [...(quote.askedApprovers ?? []), ...(approver ? [approver.id] : [])].slice(-20);
  return {
    asked: {
      nextStepAt,
      openTaskId: task.after.id,
      approverId: approver?.id,
      askedApprovers,
      approvalReminded: undefined,
    },
    facts: [task, ...(approver ? [mailToApprover(crm, quote, approver, task.after, reasons)] : [])],
  };
}
