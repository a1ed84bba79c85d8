import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { Prose } from '../core/text.ts';
import type { Command, Crm } from '../store/command.ts';
import { archive } from '../store/edit.ts';
import { moment } from './open-opportunity.ts';
import { firstStage, movedTo, Opportunity, OpportunityArchived, reopenedIn, stageIn } from './opportunity.ts';
import { Pipeline } from './pipeline.ts';

const Reason = Prose.trim().min(1).max(500);
/** Where to; `reason` is why it is lost. */
export const OpportunityMove = z.strictObject({ stage: z.string().max(40), reason: Reason.optional() });
export const Loss = z.strictObject({ reason: Reason });

interface OnOpportunity {
  id: string;
}

/** Moves an opportunity within its pipeline; a stage of kind won or lost wins or loses it. In the stage already: as it is. */
export const moveOpportunity: Command<OnOpportunity & z.infer<typeof OpportunityMove>, Opportunity> = async (
  crm,
  { id, stage, reason },
) => {
  const { opportunity, pipeline } = await atHand(crm, id);
  const to = stageIn(pipeline, stage);
  if (opportunity.stage === stage && opportunity.status === 'open') return opportunity;
  return crm.commit([movedTo(opportunity, pipeline, to, await moment(crm), reason)]);
};

/** Won, without an order of ours. */
export const winOpportunity: Command<OnOpportunity, Opportunity> = async (crm, { id }) => {
  const { opportunity, pipeline } = await atHand(crm, id);
  return crm.commit([movedTo(opportunity, pipeline, firstStage(pipeline, 'won'), await moment(crm))]);
};

export const loseOpportunity: Command<OnOpportunity & { reason: string }, Opportunity> = async (crm, input) => {
  const { opportunity, pipeline } = await atHand(crm, input.id);
  return crm.commit([movedTo(opportunity, pipeline, firstStage(pipeline, 'lost'), await moment(crm), input.reason)]);
};

/** Open again, in the stage it was closed from. 409 once it has been ordered. */
export const reopenOpportunity: Command<OnOpportunity, Opportunity> = async (crm, { id }) => {
  const { opportunity, pipeline } = await atHand(crm, id);
  return crm.commit([reopenedIn(opportunity, pipeline, crm.now)]);
};

/** Archives an opportunity. 409 once it has been ordered. */
export const archiveOpportunity = archive<Opportunity>(Opportunity, OpportunityArchived, (_, { orderId }) => {
  if (orderId) throw new Refusal('record.wrongState', 'An opportunity that was ordered stays');
});

async function atHand(crm: Crm, id: string): Promise<{ opportunity: Opportunity; pipeline: Pipeline }> {
  const opportunity = await crm.load(Opportunity, id);
  return { opportunity, pipeline: await crm.load(Pipeline, opportunity.pipelineId) };
}
