import type { Fact } from '../events/event.ts';
import type { Contact } from '../sales/contact.ts';
import { type Activity, ActivityDone } from '../service/activity.ts';
import type { Crm } from '../store/command.ts';

/** What was clicked in: a mail of a campaign or a sequence, by its name. */
interface Clicked {
  to: string;
  ofName: string;
  campaignId?: string | undefined;
}

/** A person's click in a mail of ours, as an activity of theirs. */
export const clickActivity = (crm: Crm, contact: Contact, { to, ofName, campaignId }: Clicked): Fact<Activity> =>
  ActivityDone(undefined, {
    id: crm.newId('act', contact.accountId),
    accountId: contact.accountId,
    recordId: contact.id,
    kind: 'email',
    direction: 'inbound',
    subject: `Clicked in ${ofName}`.slice(0, 300).toWellFormed(),
    body: to,
    clicked: to.slice(0, 2_000),
    campaignId,
    participants: [contact.id],
    occurredAt: crm.now.toISOString(),
    status: 'done',
  });
