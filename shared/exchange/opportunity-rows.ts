import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import { editOpportunity } from '../sales/edit-opportunity.ts';
import { moment, NewOpportunity } from '../sales/open-opportunity.ts';
import { movedTo, Opportunity, OpportunityDetails, stageIn } from '../sales/opportunity.ts';
import { Pipeline } from '../sales/pipeline.ts';
import type { Command } from '../store/command.ts';
import type { RowEdit } from './row-edit.ts';

/** What a row may say anew of an opportunity that is there: also where it stands. */
export const EditableOpportunity = OpportunityDetails.extend({
  stage: NewOpportunity.shape.stage,
  lostReason: NewOpportunity.shape.lostReason,
});

/**
 * Edits an opportunity, and moves it if the row has it in another stage: one change, with the dates of the row. 409 `record.wrongState`
 * for one that is closed here and in another stage there.
 */
export const editOrMove: Command<RowEdit, Opportunity> = async (
  crm,
  { id, patch: { stage, lostReason, ...patch } },
) => {
  const before = await crm.load(Opportunity, id);
  const { facts } = await crm.stage(editOpportunity, { id, patch });
  const [edited] = facts as Fact<Opportunity>[];
  if (typeof stage !== 'string' || stage === before.stage) return edited ? crm.commit([edited]) : before;
  if (before.status !== 'open')
    throw new Refusal('record.wrongState', `The opportunity is ${before.status}: it does not move to ${stage}`);
  const pipeline = await crm.load(Pipeline, before.pipelineId);
  const to = stageIn(pipeline, stage);
  const wanted = { ...before, ...edited?.after };
  const reason = typeof lostReason === 'string' ? lostReason : 'As imported';
  const moved = movedTo(wanted, pipeline, to, await moment(crm), to.kind === 'lost' ? reason : undefined);
  const closed = to.kind !== 'open' && wanted.closeOn ? { closeOn: wanted.closeOn, closedOn: wanted.closeOn } : {};
  return crm.commit([{ ...moved, before, after: { ...moved.after, ...closed } }]);
};
