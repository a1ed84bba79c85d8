import { addDuration, subtractDuration } from '../core/duration.ts';
import type { Crm } from '../store/command.ts';
import { type Campaign, CampaignUpdated, moveCampaign } from './campaign.ts';
import { CampaignSending, type Sending } from './campaign-policies.ts';
import { triedAgain } from './mail-outcome.ts';
import {
  changeRecipients,
  countsOf,
  type Recipient,
  type RecipientState,
  recipientsIn,
  shards,
  totalOf,
} from './recipient.ts';

/** Longer than any batch runs: whoever claimed a recipient before that is gone, and what became of the mail is unknown. */
const batchAtMost = 'PT2M';
const page = 50;

/**
 * Nobody's turn has come: settles what nobody sees to any more, and says when to look again; or the campaign is over, because everybody got
 * their mail, will not get it, or waited too long for SES to tell of it.
 */
export async function windUp(crm: Crm, campaign: Campaign): Promise<Campaign> {
  const { id } = campaign;
  const policy = await crm.policy(CampaignSending);
  const orphaned = subtractDuration(crm.now, batchAtMost).toISOString();
  await changeAll(crm, id, 'sending', orphaned, (recipient) => ({
    ...recipient,
    state: 'unknown',
    reason: 'sending.interrupted',
  }));
  const told = await countsOf(crm.store, id);
  const allTold = totalOf(told, 'accepted') >= totalOf(told, 'sent');
  await changeAll(crm, id, 'unknown', crm.now.toISOString(), (one) => triedAgain(one, policy, allTold, crm.now));

  const counts = await countsOf(crm.store, id);
  const open = (state: RecipientState) => totalOf(counts, state) > 0;
  const waitsFor = await Promise.all([
    open('queued') && oldestIn(crm, id, 'queued').then((since) => since ?? crm.now),
    open('sending') && oldestIn(crm, id, 'sending').then((since) => addDuration(since ?? crm.now, batchAtMost)),
    open('unknown') && oldestIn(crm, id, 'unknown').then((since) => lookAgain(since ?? crm.now, crm.now, policy)),
  ]);
  const next = waitsFor.flatMap((at) => at || []).sort((a, b) => a.getTime() - b.getTime())[0];
  if (!next)
    return crm.commit([moveCampaign(campaign, 'finish', { endedAt: crm.now.toISOString(), nextStepAt: undefined })]);
  return waitingUntil(crm, campaign, next);
}

/** A campaign that has nothing to do until then: its process sleeps, as the record says. */
export const waitingUntil = (crm: Crm, campaign: Campaign, at: Date): Promise<Campaign> => {
  const soon = crm.now.getTime() + 1_000;
  const nextStepAt = new Date(Math.max(at.getTime(), soon)).toISOString();
  return crm.commit([CampaignUpdated(campaign, { ...campaign, nextStepAt })]);
};

/**
 * When to ask again what became of a mail: soon at first, then half as long again as it has waited already, and when it may be sent again.
 * Undefined once it has waited long enough.
 */
export function lookAgain(since: Date, now: Date, { unknown }: Pick<Sending, 'unknown'>): Date | undefined {
  if (addDuration(since, unknown.giveUpAfter) <= now) return undefined;
  const waited = now.getTime() - since.getTime();
  const next = now.getTime() + Math.max(10_000, waited / 2);
  const resent = unknown.resendAfter ? addDuration(since, unknown.resendAfter).getTime() : 0;
  return new Date(resent > now.getTime() ? Math.min(next, resent) : next);
}

/** Since when the one is in a state that is in it longest; undefined where the index knows of none yet. */
async function oldestIn({ store }: Crm, campaignId: string, state: RecipientState): Promise<Date | undefined> {
  const first = await Promise.all(shards.map((shard) => recipientsIn(store, campaignId, state, shard, { limit: 1 })));
  const [oldest] = first
    .flat()
    .map(({ since }) => since)
    .sort();
  return oldest === undefined ? undefined : new Date(oldest);
}

/** Changes those who are in a state since before `until`, page by page, as long as there are any whom the rule changes. */
async function changeAll(
  crm: Crm,
  campaignId: string,
  state: RecipientState,
  until: string,
  rule: (recipient: Recipient) => Recipient | undefined,
): Promise<void> {
  for (const shard of shards) {
    const found = await recipientsIn(crm.store, campaignId, state, shard, { limit: page, until });
    const changes = found.flatMap((before) => {
      const after = rule(before);
      return after ? [{ before, after }] : [];
    });
    if (changes.length) await changeRecipients(crm, changes);
  }
}
