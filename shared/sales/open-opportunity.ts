import * as z from 'zod';
import { dateIn } from '../core/duration.ts';
import { id } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Prose } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import { ownerIn } from '../people/owner.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { type References, referAll } from '../store/references.ts';
import {
  firstStage,
  type Moment,
  missingFor,
  type Opportunity,
  OpportunityDetails,
  OpportunityOpened,
  stageIn,
  standingIn,
} from './opportunity.ts';
import { type Pipeline, pipelineFor, type Stage } from './pipeline.ts';

/** A new opportunity. One that is won or lost already is history: it keeps its own dates. */
export const NewOpportunity = OpportunityDetails.extend({
  accountId: id('acc'),
  pipelineId: id('pip').optional().meta({ description: 'The default pipeline if absent.' }),
  stage: z.string().max(40).optional().meta({ description: 'The first open stage if absent.' }),
  lostReason: Prose.trim().min(1).max(500).optional(),
});
export type NewOpportunity = z.infer<typeof NewOpportunity>;

/** Opens an opportunity. */
export const openOpportunity: Command<NewOpportunity, Opportunity> = async (crm, details) => {
  const { accountId, pipelineId, stage: key, ...said } = details;
  await referAll(crm, { accountId, ...refersTo(crm, said) });
  const pipeline = await pipelineFor(crm, pipelineId);
  const stage = key ? stageIn(pipeline, key) : firstStage(pipeline, 'open');
  return crm.commit([opened({ ...said, accountId }, pipeline, stage, await moment(crm), crm)]);
};

/** What of an opportunity must be there. */
export const refersTo = (
  crm: Crm,
  said: {
    [F in 'ownerId' | 'campaignId' | 'contactIds' | 'products']?: OpportunityDetails[F] | undefined;
  },
): References => {
  const { ownerId, campaignId, contactIds, products } = said;
  return { ownerId: ownerIn(crm, ownerId), campaignId, contactIds, products };
};

/** Who acts now, by the clock of the deployment. */
export async function moment(crm: Crm): Promise<Moment> {
  const { timeZone } = await crm.policy(Settings);
  return { now: crm.now, timeZone, actorId: crm.on.actor.id };
}

/** The fact of a new opportunity in a stage. 422 `opportunity.fieldsMissing` for what the stage, or one before it, asks for. */
export function opened(
  said: OpportunityDetails & Pick<Draft<Opportunity>, 'accountId' | 'source' | 'leadId' | 'lostReason'>,
  pipeline: Pipeline,
  stage: Stage,
  { now, timeZone, actorId }: Moment,
  { newId }: Pick<Crm, 'newId'>,
): Fact<Opportunity> {
  const today = dateIn(timeZone, now);
  const closedOn = said.closeOn ?? today;
  const standing = standingIn(pipeline, stage, now);
  const draft: Draft<Opportunity> = {
    ...said,
    ...standing,
    ...(stage.kind === 'open' && {
      probability: said.probability ?? standing.probability,
      forecastCategory: said.forecastCategory ?? standing.forecastCategory,
    }),
    ...(stage.kind !== 'open' && { closeOn: closedOn, closedOn, closedBy: actorId }),
    id: newId('opp', said.accountId),
    openedOn: said.openedOn ?? (stage.kind === 'open' || closedOn > today ? today : closedOn),
    status: stage.kind,
    reopened: 0,
    pushed: 0,
  };
  const missing = missingFor({ ...draft, stage: '' }, pipeline, stage);
  if (!missing.length) return OpportunityOpened(undefined, draft);
  throw new Refusal('opportunity.fieldsMissing', missing.map(({ detail }) => detail).join('; '), { errors: missing });
}
