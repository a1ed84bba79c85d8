import { edit } from '../store/edit.ts';
import { referAll } from '../store/references.ts';
import { refersTo } from './open-opportunity.ts';
import { Opportunity, OpportunityDetails, OpportunityUpdated, stageIn, standingIn } from './opportunity.ts';
import { Pipeline } from './pipeline.ts';

/** Edits an opportunity. An override of probability or category that is removed gives way to the stage's. */
export const editOpportunity = edit<Opportunity>({
  kind: Opportunity,
  fields: OpportunityDetails,
  event: OpportunityUpdated,
  rule: async (crm, after, before) => {
    await referAll(crm, refersTo(crm, after), refersTo(crm, before));
    const pushed = pushes(before.closeOn, after.closeOn) && before.status === 'open';
    const edited = { ...after, openedOn: after.openedOn ?? before.openedOn, pushed: before.pushed + (pushed ? 1 : 0) };
    if (after.probability !== undefined && after.forecastCategory !== undefined) return edited;
    const pipeline = await crm.load(Pipeline, before.pipelineId);
    const { probability, forecastCategory } = standingIn(pipeline, stageIn(pipeline, before.stage), crm.now);
    return {
      ...edited,
      probability: after.probability ?? probability,
      forecastCategory: after.forecastCategory ?? forecastCategory,
    };
  },
});

const pushes = (before: string | undefined, after: string | undefined): boolean =>
  before !== undefined && after !== undefined && after > before;
