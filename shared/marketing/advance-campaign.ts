import { addDuration } from '../core/duration.ts';
import type { Act } from '../platform/acts.ts';
import type { Crm } from '../store/command.ts';
import { Campaign, moveCampaign } from './campaign.ts';
import { cancelCampaign, watched } from './campaign-steps.ts';
import { freezeAudience } from './freeze-audience.ts';
import { type Postman, sendBatch } from './send-batch.ts';
import { waitingUntil, windUp } from './wind-up.ts';

/**
 * The next step of a campaign, from where it stands: it begins when its time has come, freezes a page of its audience, sends a batch, or
 * sees to what is left. Whatever died before it, or runs beside it, it goes on from the table alone.
 */
export const advanceCampaign =
  (postman: () => Postman): Act =>
  async (crm, { id }) => {
    const campaign = await crm.load(Campaign, id);
    if (campaign.status === 'sending') return sendOn(crm, campaign, postman());
    if (!isDue(campaign, crm.now)) return campaign;
    if (campaign.status === 'scheduled')
      return crm.commit([moveCampaign(campaign, 'start', { startedAt: crm.now.toISOString(), nextStepAt: undefined })]);
    if (campaign.status === 'paused') return cancelCampaign(crm, { id, note: 'Nobody resumed it in time' });
    return campaign;
  };

const isDue = ({ nextStepAt }: Campaign, now: Date): boolean =>
  nextStepAt !== undefined && Date.parse(nextStepAt) <= now.getTime();

async function sendOn(crm: Crm, campaign: Campaign, postman: Postman): Promise<Campaign> {
  if (!campaign.audience) return freezeAudience(crm, campaign);
  const standing = await watched(crm, campaign);
  if (standing.status !== 'sending') return standing;
  const { dealtWith, holds } = await sendBatch(crm, standing, postman);
  // Somebody may have paused or cancelled it meanwhile.
  const now = await crm.load(Campaign, campaign.id);
  if (now.status !== 'sending') return now;
  if (holds) return waitingUntil(crm, now, addDuration(crm.now, holds));
  return dealtWith ? now : windUp(crm, now);
}
