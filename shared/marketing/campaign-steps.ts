import { addDuration } from '../core/duration.ts';
import { keyOf } from '../core/ids.ts';
import { closing, openTask } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Action, Store } from '../store/store.ts';
import { brokenBy, sampled, seenIn } from './breaker.ts';
import { Campaign, moveCampaign } from './campaign.ts';
import { CampaignSending } from './campaign-policies.ts';
import { progressed, readProgress } from './campaign-progress.ts';
import { type Counts, countsOf, totalOf } from './recipient.ts';

/** That a campaign has not moved since it was read, as a part of a transaction: what is paused or cancelled sends no more. */
export const stillAt = (store: Store, { id, version }: Campaign): Action => ({
  ConditionCheck: {
    TableName: store.table,
    Key: keyOf(id),
    ConditionExpression: 'version = :seen',
    ExpressionAttributeValues: { ':seen': version },
  },
});

const sampleOf = (counts: Counts, now: Date) => ({
  at: now.toISOString(),
  // Whatever came back counts as sent even where the note of the sending is still on its way.
  sent: totalOf(counts, 'sent'),
  bounced: totalOf(counts, 'bounced'),
  complained: totalOf(counts, 'complained'),
});

/**
 * Looks at what came back within the window, and stops the campaign where that is too much: it is paused without an end, and a person gets
 * a task to resume or cancel it. Answers the campaign as it stands.
 */
export async function watched(crm: Crm, campaign: Campaign): Promise<Campaign> {
  const { breaker, policy } = await crm.policy(CampaignSending);
  const [counts, progress] = await Promise.all([
    countsOf(crm.store, campaign.id),
    readProgress(crm.store, campaign.id),
  ]);
  const samples = sampled(progress.samples, sampleOf(counts, crm.now), breaker.window);
  const also = [progressed(crm.store, campaign.id, { ...progress, samples })];
  const reason = brokenBy(seenIn(samples, breaker.window), breaker);
  if (!reason) {
    await crm.commitAs(() => undefined, [], also);
    return campaign;
  }
  const task = openTask(crm, {
    title: `Campaign ${campaign.name} was stopped: ${reason}`,
    recordId: campaign.id,
    queue: 'marketing',
    dueAt: addDuration(crm.now, 'P1D').toISOString(),
    priority: 'high',
    actions: [
      { key: 'resume', label: 'Go on' },
      { key: 'cancel', label: 'Cancel' },
    ],
  });
  const paused = { at: crm.now.toISOString(), by: 'breaker', reason };
  const stopped = moveCampaign(
    campaign,
    'stop',
    { paused, openTaskId: task.after.id, nextStepAt: undefined },
    { reasons: [reason], policy },
  );
  return crm.commit([stopped, task], also);
}

/** A person lets it rest; who was being written to at that moment still gets their mail. */
export const pauseCampaign: Command<{ id: string; note?: string | undefined }, Campaign> = async (
  crm,
  { id, note },
) => {
  const campaign = await crm.load(Campaign, id);
  const { pausedAtMost } = await crm.policy(CampaignSending);
  const paused = { at: crm.now.toISOString(), by: crm.on.actor.id, reason: note ?? 'By a person' };
  const nextStepAt = addDuration(crm.now, pausedAtMost).toISOString();
  return crm.commit([moveCampaign(campaign, 'pause', { paused, nextStepAt })]);
};

/** It goes on where it stopped. What came back until now is known: the breaker looks at what comes from now on. */
export const resumeCampaign: Command<{ id: string; note?: string | undefined }, Campaign> = async (
  crm,
  { id, note },
) => {
  const campaign = await crm.load(Campaign, id);
  const moved = moveCampaign(campaign, 'resume', { paused: undefined, openTaskId: undefined, nextStepAt: undefined });
  const [counts, progress] = await Promise.all([countsOf(crm.store, id), readProgress(crm.store, id)]);
  const afresh = progressed(crm.store, id, { ...progress, samples: [sampleOf(counts, crm.now)] });
  return crm.commit([moved, ...(await closing(crm, campaign.openTaskId, 'resume', note))], [afresh]);
};

/** It ends before its time: whoever is still queued gets nothing. */
export const cancelCampaign: Command<{ id: string; note?: string | undefined }, Campaign> = async (
  crm,
  { id, note },
) => {
  const campaign = await crm.load(Campaign, id);
  const ended = { endedAt: crm.now.toISOString(), openTaskId: undefined, nextStepAt: undefined };
  const moved = moveCampaign(campaign, 'cancel', ended, note ? { reasons: [note] } : {});
  return crm.commit([moved, ...(await closing(crm, campaign.openTaskId, 'cancel', note))]);
};
