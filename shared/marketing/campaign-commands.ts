import { Refusal, refuseField } from '../core/refusal.ts';
import { validated } from '../core/validation.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import type { Draft } from '../store/record.ts';
import { referAll } from '../store/references.ts';
import {
  Campaign,
  CampaignCreated,
  CampaignDetails,
  CampaignUpdated,
  type CampaignDetails as Details,
  EditableCampaign,
  moveCampaign,
} from './campaign.ts';

/** Everything that a campaign names is there; 422 `reference.unknown` with pointers. */
const refer = (crm: Crm, { segmentIds, exclusions, templateId, arms }: Details, before?: Campaign) =>
  Promise.all([
    referAll(
      crm,
      { segmentIds, exclusions, templateId },
      before && { segmentIds: before.segmentIds, exclusions: before.exclusions, templateId: before.templateId },
    ),
    ...arms.map((arm, n) => referAll(crm, { templateId: arm.templateId }, {}, `#/arms/${n}`)),
  ]);

/** A new campaign, as a draft. */
export const createCampaign: Command<Details, Campaign> = async (crm, details) => {
  await refer(crm, details);
  return crm.commit([CampaignCreated(undefined, { ...details, id: crm.newId('cmp'), status: 'draft' })]);
};

/** Changes a campaign that has not begun. One that is scheduled waits until the new time. */
export const editCampaign = edit<Campaign>({
  kind: Campaign,
  fields: EditableCampaign,
  event: CampaignUpdated,
  while: ['draft', 'scheduled'],
  rule: async (crm, after, before) => {
    validated(CampaignDetails, detailsOf(after));
    await refer(crm, after, before);
    if (before.status === 'draft') return after;
    if (!after.sendAt) throw refuseField('request.invalid', '#/sendAt', 'A scheduled campaign has a time to be sent');
    return { ...after, nextStepAt: after.sendAt };
  },
});

const detailsOf = (campaign: Draft<Campaign>) =>
  Object.fromEntries(Object.keys(EditableCampaign.shape).map((name) => [name, campaign[name as keyof Details]]));

/** It is sent at a time: the one given, or the one that it has. What it names must still be there then. */
export const scheduleCampaign: Command<{ id: string; sendAt?: string | undefined }, Campaign> = async (
  crm,
  { id, sendAt },
) => {
  const campaign = await crm.load(Campaign, id);
  const at = sendAt ?? campaign.sendAt;
  const moved = moveCampaign(campaign, 'schedule', { sendAt: at, nextStepAt: at });
  if (!at) throw refuseField('request.invalid', '#/sendAt', 'When is it to be sent?');
  await refer(crm, campaign);
  return crm.commit([moved]);
};

/** It is sent now. */
export const sendCampaign: Command<{ id: string }, Campaign> = async (crm, { id }) => {
  const campaign = await crm.load(Campaign, id);
  const now = crm.now.toISOString();
  const moved = moveCampaign(campaign, 'send', { sendAt: now, startedAt: now });
  await refer(crm, campaign);
  return crm.commit([moved]);
};

/** What is being sent is not put away. */
export const notWhileSending = (_: Crm, { status }: Campaign): void => {
  if (status === 'scheduled' || status === 'sending' || status === 'paused')
    throw new Refusal('record.wrongState', `A campaign that is ${status} is not archived: cancel it first`);
};
