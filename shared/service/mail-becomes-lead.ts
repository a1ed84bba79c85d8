import { decideCapture, whoIsIt } from '../sales/decide-capture.ts';
import { LeadScoring } from '../sales/lead-policies.ts';
import type { Crm } from '../store/command.ts';
import type { Arrived, Became } from './arrived-mail.ts';
import { beginningOf, mailActivity, messageOf } from './mail-activity.ts';
import { writerOf } from './mail-becomes-case.ts';

/** A mail to sales: a lead, captured as any other. Somebody who has an open lead gets no second one. */
export async function newLead(crm: Crm, arrived: Arrived): Promise<Became> {
  const message = beginningOf(messageOf(arrived.mail)) || undefined;
  const details = { source: 'email' as const, ...writerOf(arrived), message };
  const facts = decideCapture(details, await whoIsIt(crm, details), await crm.policy(LeadScoring), crm);
  const { id, accountId, contactId } = facts[0].after;
  const activity = mailActivity(crm, arrived, { accountId, recordId: id });
  return {
    as: { status: 'lead', accountId, threadId: id, recordId: id, activityId: activity.after.id, contactId },
    facts: [...facts, activity],
  };
}
