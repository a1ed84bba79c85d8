import { toMilliseconds } from '../core/duration.ts';
import type { Fact } from '../events/event.ts';
import { captureLeadOf } from '../sales/capture-lead.ts';
import { Contact } from '../sales/contact.ts';
import { whoIsNow } from '../sales/move-contact.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import { Campaign } from './campaign.ts';
import { CampaignSending } from './campaign-policies.ts';
import { clickActivity } from './click-activity.ts';
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
 * Notes a click: once for the figures, and a person's first as an activity of the contact, where they are now. A person's click on the offer
 * captures a lead of the campaign, one a contact at most: of whoever the mail was written to, whatever address they have by now, and none
 * of who is archived. All in one transaction.
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
  const contact = await whoIsNow(crm.store, await crm.store.find(Contact, before.contactId));
  const first = seen?.signs.clickedByHuman && !before.signs.clickedByHuman;
  const activity = first && contact ? [clickActivity(crm, contact, { to, ofName: campaign.name, campaignId })] : [];
  const offered = to === campaign.offerUrl && !before.leadId && contact && !contact.archivedAt;
  const lead = offered ? await captured(crm, campaign, contact, before) : undefined;
  const after = { ...(seen ?? before), ...(lead && { leadId: lead.leadId }) };
  if (!seen && !lead) return;
  await crm.commitAs(
    () => undefined,
    [...activity, ...(lead?.facts ?? [])],
    [...changing(crm.store, [{ before, after }]), ...(lead?.also ?? [])],
  );
};

/** The lead that the offer brings, as parts of the click's transaction. Who has an open lead keeps it. */
async function captured(
  crm: Crm,
  { id: campaignId }: Campaign,
  contact: Contact,
  { email: reached }: Recipient,
): Promise<{ leadId: string; facts: Fact[]; also: Action[] } | undefined> {
  const { firstName, lastName, emails } = contact;
  const email = reached && emails.includes(reached) ? reached : emails[0];
  const said = { source: 'campaign' as const, email, firstName, lastName, campaignId };
  const { facts, also } = await crm.stage(captureLeadOf, { contact, said });
  const leadId = facts.find(({ after }) => after.id.startsWith('lea_'))?.after.id;
  return leadId ? { leadId, facts, also } : undefined;
}
