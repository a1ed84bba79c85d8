import { isId } from '../core/ids.ts';
import type { Fact } from '../events/event.ts';
import { aboutOf, recipientKey } from '../marketing/recipient.ts';
import { signing } from '../marketing/recipient-signs.ts';
import { openTask } from '../platform/task.ts';
import { isOpen, Lead, LeadReplied } from '../sales/lead.ts';
import type { Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import type { Arrived, Became } from './arrived-mail.ts';
import type { Case } from './case.ts';
import type { FoundThread } from './find-threads.ts';
import { heardOn } from './hear-customer.ts';
import { mailActivity } from './mail-activity.ts';
import { reopenCase } from './move-case.ts';
import { rateCase } from './rate-case.ts';
import type { MailRoute } from './route-mail.ts';

/** A mail that answers one of ours: an activity on the record, and what its answer moves. */
export async function onRecord(
  crm: Crm,
  mail: Arrived,
  thread: FoundThread,
  route: Extract<MailRoute, { to: 'record' }>,
): Promise<Became> {
  const { accountId, recordId } = thread;
  const activity = mailActivity(crm, mail, { accountId, recordId });
  const activityId = activity.after.id;
  const moved = route.wakes ? await movedBy(crm, mail, thread, route.reopens) : await ratedBy(crm, route);
  const also = route.wakes ? await counted(crm, mail, recordId) : [];
  return {
    as: { status: 'activity', accountId, threadId: recordId, recordId: activityId, activityId },
    facts: [activity, ...moved],
    also,
  };
}

/** An answer to a campaign counts for it, once for each who got its mail. */
async function counted(crm: Crm, { mail: { from } }: Arrived, campaignId: string): Promise<Action[]> {
  if (!from || !isId('cmp', campaignId)) return [];
  return signing(crm, aboutOf({ campaignId, key: recipientKey(campaignId, from.email) }), ['replied']);
}

const ratedBy = async (
  crm: Crm,
  { recordId: id, rates: score }: { recordId: string; rates?: number },
): Promise<Fact[]> => (score ? (await crm.stage(rateCase, { id, score })).facts : []);

async function movedBy(crm: Crm, { mail }: Arrived, thread: FoundThread, reopens: boolean): Promise<Fact[]> {
  if (thread.case)
    return reopens ? (await crm.stage(reopenCase, { id: thread.recordId })).facts : heardOn(crm, thread.case as Case);
  const { accountId, recordId, ownerId } = thread;
  const title = `Answer: ${mail.subject || recordId}`.slice(0, 300).toWellFormed();
  const task = openTask(crm, {
    title,
    accountId,
    recordId,
    ...(ownerId ? { assigneeId: ownerId } : { queue: 'sales' }),
  });
  const lead = isId('lea', recordId) ? await crm.store.find(Lead, recordId) : undefined;
  const replied = lead && isOpen(lead.status) && !lead.archivedAt;
  return [task, ...(replied ? [LeadReplied(lead, { ...lead, repliedAt: crm.now.toISOString() })] : [])];
}
