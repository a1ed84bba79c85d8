import type { Crm } from '../store/command.ts';
import { armOf } from './arms.ts';
import { audiencePage, type Member, readAudience } from './audience.ts';
import { type Campaign, CampaignUpdated } from './campaign.ts';
import { progressed, readProgress } from './campaign-progress.ts';
import { stillAt } from './campaign-steps.ts';
import { eligible, standingsOf } from './eligibility.ts';
import { Marketing } from './marketing-policy.ts';
import { type Change, changeRecipients, countsOf, findRecipients, recipientKey, totalOf } from './recipient.ts';

/** Recipients of one transaction: with the counts of sixteen partitions and a check it has fewer parts than DynamoDB takes. */
const together = 80;

/**
 * Freezes the next page of a campaign's audience: everybody in it becomes a recipient, queued or skipped with the reason. Where the page ends
 * is noted behind it, so that a run that dies goes on there; who is a recipient already is left as they are. With the last page the campaign
 * knows how many it goes to.
 */
export async function freezeAudience(crm: Crm, campaign: Campaign): Promise<Campaign> {
  const progress = await readProgress(crm.store, campaign.id);
  const audience = await readAudience(crm, campaign);
  const { members, next } = await audiencePage(crm, audience, progress.walkedTo);
  const recipients = await recipientsAmong(crm, campaign, members);
  const known = await findRecipients(
    crm.store,
    campaign.id,
    recipients.map(({ after }) => after.key),
  );
  const fresh = recipients.filter(({ after }) => !known.has(after.key));
  const unfrozen = stillAt(crm.store, campaign);
  for (let from = 0; from < fresh.length; from += together)
    await changeRecipients(crm, fresh.slice(from, from + together), [unfrozen]);
  if (next) {
    await changeRecipients(crm, [], [unfrozen, progressed(crm.store, campaign.id, { ...progress, walkedTo: next })]);
    return campaign;
  }
  return crm.commit([CampaignUpdated(campaign, { ...campaign, audience: await frozen(crm, campaign) })]);
}

async function recipientsAmong(crm: Crm, campaign: Campaign, members: readonly Member[]): Promise<Change[]> {
  const policy = await crm.policy(Marketing);
  const standings = await standingsOf(crm.store, members, campaign.topic);
  const byKey = new Map<string, Change>();
  for (const member of members) {
    const { contactId, email } = member;
    const key = recipientKey(campaign.id, email ?? contactId);
    if (byKey.has(key)) continue;
    const may = eligible(member, { ...standings.get(contactId)!, now: crm.now, policy });
    const waits = may.reason === 'quietHours' && may.until;
    const after = {
      campaignId: campaign.id,
      key,
      contactId,
      email,
      arm: armOf(campaign.arms, campaign.id, contactId),
      state: may.ok || waits ? ('queued' as const) : ('skipped' as const),
      since: (waits || crm.now).toISOString(),
      ...(!may.ok && !waits && { reason: may.reason }),
      attempts: 0,
      signs: {},
    };
    byKey.set(key, { after });
  }
  return [...byKey.values()];
}

/** How many there are, and how many of them get nothing by which reason. */
async function frozen(crm: Crm, { id }: Campaign): Promise<NonNullable<Campaign['audience']>> {
  const counts = await countsOf(crm.store, id);
  const reasons = new Set(
    [...counts.values()].flatMap((arm) => [...arm.keys()]).filter((what) => what.startsWith('skipped:')),
  );
  return {
    frozenAt: crm.now.toISOString(),
    recipients: totalOf(counts, 'queued') + totalOf(counts, 'skipped'),
    excluded: Object.fromEntries([...reasons].map((what) => [what.slice('skipped:'.length), totalOf(counts, what)])),
  };
}
