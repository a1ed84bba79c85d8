import { toMilliseconds } from '../core/duration.ts';
import { accountOf } from '../core/ids.ts';
import type { Fact } from '../events/event.ts';
import { captureLeadFor } from '../sales/capture-lead.ts';
import { Contact } from '../sales/contact.ts';
import { ActivityDone } from '../service/activity.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import { Campaign } from './campaign.ts';
import { CampaignSending } from './campaign-policies.ts';
import { isHuman } from './human.ts';
import { changeRecipients, changing, findRecipient, type Recipient } from './recipient.ts';
import { signed } from './recipient-signs.ts';

/** Somebody followed a link of a campaign's mail. */
export interface Click {
  campaignId: string;
  key: string;
  to: string;
  userAgent?: string | undefined;
}

/**
 * Notes a click: once for the figures, and a person's first as an activity of the contact. A person's click on the offer captures a lead of
 * the campaign, one a contact at most. All in one transaction.
 */
export const noteClick: Command<Click, void> = async (crm, { campaignId, key, to, userAgent }) => {
  const before = await findRecipient(crm.store, campaignId, key);
  if (!before) return;
  const [campaign, { machineWithin }] = await Promise.all([
    crm.store.load(Campaign, campaignId),
    crm.policy(CampaignSending),
  ]);
  const human = isHuman({ at: crm.now, userAgent }, before.since, toMilliseconds(machineWithin));
  const seen = signed(before, human ? ['clicked', 'clickedByHuman'] : ['clicked'], crm.now);
  if (!human) {
    if (seen) await changeRecipients(crm, [{ before, after: seen }]);
    return;
  }
  const first = seen?.signs.clickedByHuman && !before.signs.clickedByHuman;
  const activity = first ? [clickActivity(crm, campaign, before, to)] : [];
  const lead = to === campaign.offerUrl && !before.leadId ? await captured(crm, campaign, before) : undefined;
  const after = { ...(seen ?? before), ...(lead && { leadId: lead.leadId }) };
  if (!seen && !lead) return;
  await crm.commitAs(
    () => undefined,
    [...activity, ...(lead?.facts ?? [])],
    [...changing(crm.store, [{ before, after }]), ...(lead?.also ?? [])],
  );
};

const clickActivity = (crm: Crm, { id, name }: Campaign, { contactId }: Recipient, to: string): Fact => {
  const accountId = accountOf(contactId)!;
  return ActivityDone(undefined, {
    id: crm.newId('act', accountId),
    accountId,
    recordId: contactId,
    kind: 'email',
    direction: 'inbound',
    subject: `Clicked in ${name}`.slice(0, 300).toWellFormed(),
    body: to,
    campaignId: id,
    participants: [contactId],
    occurredAt: crm.now.toISOString(),
    status: 'done',
  });
};

/** The lead that the offer brings, as parts of the click's transaction. Who has an open lead keeps it. */
async function captured(
  crm: Crm,
  { id: campaignId }: Campaign,
  { contactId, email }: Recipient,
): Promise<{ leadId: string; facts: Fact[]; also: Action[] } | undefined> {
  const contact = await crm.store.find(Contact, contactId);
  if (!contact || !email) return undefined;
  const { firstName, lastName } = contact;
  const { facts, also } = await crm.stage(captureLeadFor({}), {
    source: 'campaign',
    email,
    firstName,
    lastName,
    campaignId,
  });
  const leadId = facts.find(({ after }) => after.id.startsWith('lea_'))?.after.id;
  return leadId ? { leadId, facts, also } : undefined;
}
