import { normalisedPhone } from '../core/phone.ts';
import { Settings } from '../core/settings.ts';
import { edit } from '../store/edit.ts';
import { referAll } from '../store/references.ts';
import { Lead, LeadDetails, LeadUpdated } from './lead.ts';
import { LeadScoring } from './lead-policies.ts';
import { scoreLead } from './score-lead.ts';

/** What is known of a lead may change, and its score with it. A converted lead is history. */
export const editLead = edit<Lead>({
  kind: Lead,
  fields: LeadDetails,
  event: LeadUpdated,
  while: ['new', 'assigned', 'working', 'qualified', 'nurturing', 'disqualified'],
  rule: async (crm, after, before) => {
    await referAll(crm, { campaignId: after.campaignId }, { campaignId: before.campaignId });
    const { country } = await crm.policy(Settings);
    const phone = after.phone && normalisedPhone(after.phone, country);
    return { ...after, ...(phone && { phone }), score: scoreLead(after, await crm.policy(LeadScoring)) };
  },
});
