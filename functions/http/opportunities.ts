import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { endpoint, Paging, pageOf } from '../../shared/http/endpoint.ts';
import { by, type Filter, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { editOpportunity } from '../../shared/sales/edit-opportunity.ts';
import {
  archiveOpportunity,
  Loss,
  loseOpportunity,
  moveOpportunity,
  OpportunityMove,
  reopenOpportunity,
  winOpportunity,
} from '../../shared/sales/move-opportunity.ts';
import { NewOpportunity, openOpportunity } from '../../shared/sales/open-opportunity.ts';
import {
  Opportunity,
  OpportunityDetails,
  OpportunityRestored,
  OpportunityStatus,
} from '../../shared/sales/opportunity.ts';
import { Pipeline, PipelineDetails, PipelineRestored, pipelines } from '../../shared/sales/pipeline.ts';
import { archivePipeline, createPipeline, editPipeline, shownPipeline } from '../../shared/sales/pipeline-commands.ts';
import { restore } from '../../shared/store/edit.ts';
import { pageOfAll } from '../../shared/store/list.ts';
import { ranges } from '../../shared/store/places.ts';
import { serve } from '../serve.ts';

const one = {
  may: 'opportunities:write',
  params: z.strictObject({ id: id('opp') }),
  answer: Opportunity.schema,
} as const;
const pipeline = {
  may: 'pipelines:write',
  params: z.strictObject({ id: id('pip') }),
  answer: Pipeline.schema,
} as const;
const statuses = OpportunityStatus.options;
const moveRefusals = ['record.wrongState', 'opportunity.fieldsMissing'] as const;

/** By state the index has stages: those of a status, of every pipeline. */
const byStatus: Filter = {
  key: 'gsi2: opportunity#<stage>#<shard>, the stages of that kind',
  consistency: 'within a second',
  ranges: async (_, status, crm) => {
    const stages = (await pipelines(crm)).flatMap((one) => one.stages);
    const keys = stages.filter(({ kind }) => !status || kind === status).map(({ key }) => key);
    return [...new Set(keys)].map((key) => ranges.inState('opportunity', key));
  },
};
const byStage: Filter = {
  key: 'gsi2: opportunity#<stage>#<shard>',
  consistency: 'within a second',
  ranges: (stage) => [ranges.inState('opportunity', stage)],
};

export const endpoints = [
  endpoint('GET /v1/pipelines', {
    summary: 'List pipelines',
    may: 'pipelines:read',
    query: Paging,
    answer: pageOf(Pipeline.schema),
    filters: [{ filter: '(none)', key: 'pk = dir#pip', consistency: 'strong' }],
    does: async (crm, paged) => {
      const all = await Promise.all((await pipelines(crm)).map((found) => shownPipeline(crm, found)));
      return pageOfAll(
        all.sort((a, b) => (made(a) < made(b) ? 1 : -1)),
        paged,
        ({ id }) => id,
      );
    },
  }),
  endpoint('POST /v1/pipelines', {
    summary: 'Create a pipeline',
    may: 'pipelines:write',
    body: PipelineDetails,
    status: 201,
    answer: Pipeline.schema,
    does: createPipeline,
  }),
  endpoint('GET /v1/pipelines/{id}', {
    ...pipeline,
    summary: 'Read a pipeline',
    may: 'pipelines:read',
    does: async (crm, { id }) => shownPipeline(crm, await crm.load(Pipeline, id)),
  }),
  explains('pipelines', Pipeline),
  endpoint('PATCH /v1/pipelines/{id}', {
    ...pipeline,
    summary: 'Edit a pipeline; a stage in use keeps its key and kind',
    patch: PipelineDetails,
    refuses: ['record.wrongState'],
    does: editPipeline,
  }),
  endpoint('DELETE /v1/pipelines/{id}', {
    ...pipeline,
    summary: 'Archive a pipeline without open opportunities',
    refuses: ['record.wrongState'],
    does: archivePipeline,
  }),
  endpoint('POST /v1/pipelines/{id}/restore', {
    ...pipeline,
    summary: 'Bring a pipeline back',
    does: restore(Pipeline, PipelineRestored),
  }),

  endpoint('POST /v1/opportunities', {
    summary: 'Open an opportunity',
    may: 'opportunities:write',
    body: NewOpportunity,
    status: 201,
    answer: Opportunity.schema,
    refuses: ['record.duplicate', 'reference.unknown', 'opportunity.stageUnknown', 'opportunity.fieldsMissing'],
    does: openOpportunity,
  }),
  listOf('GET /v1/opportunities', {
    kind: Opportunity,
    summary: 'List opportunities',
    may: 'opportunities:read',
    statuses,
    alsoWith: ['accountId', 'ownerId'],
    all: byStatus,
    filters: { accountId: by.account('opp'), stage: byStage, ownerId: by.owner('opportunity', statuses) },
  }),
  endpoint('GET /v1/opportunities/{id}', {
    ...one,
    summary: 'Read an opportunity',
    may: 'opportunities:read',
    does: (crm, { id }) => crm.load(Opportunity, id),
  }),
  explains('opportunities', Opportunity),
  endpoint('PATCH /v1/opportunities/{id}', {
    ...one,
    summary: 'Edit an opportunity',
    patch: OpportunityDetails,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: editOpportunity,
  }),
  endpoint('DELETE /v1/opportunities/{id}', {
    ...one,
    summary: 'Archive an opportunity',
    refuses: ['record.wrongState'],
    does: archiveOpportunity,
  }),
  endpoint('POST /v1/opportunities/{id}/restore', {
    ...one,
    summary: 'Bring an opportunity back',
    refuses: ['record.duplicate'],
    does: restore(Opportunity, OpportunityRestored),
  }),
  endpoint('POST /v1/opportunities/{id}/move', {
    ...one,
    summary: 'Move an opportunity to a stage; a lost one needs a reason',
    body: OpportunityMove,
    refuses: [...moveRefusals, 'opportunity.stageUnknown'],
    does: moveOpportunity,
  }),
  endpoint('POST /v1/opportunities/{id}/win', {
    ...one,
    summary: 'Win an opportunity',
    refuses: [...moveRefusals],
    does: winOpportunity,
  }),
  endpoint('POST /v1/opportunities/{id}/lose', {
    ...one,
    summary: 'Lose an opportunity',
    body: Loss,
    refuses: [...moveRefusals],
    does: loseOpportunity,
  }),
  endpoint('POST /v1/opportunities/{id}/reopen', {
    ...one,
    summary: 'Open a closed opportunity again; not once ordered',
    refuses: ['record.wrongState'],
    does: reopenOpportunity,
  }),
];

/** The pipeline that every deployment has is the oldest, though its id holds no time. */
const made = ({ createdAt, id }: Pipeline): string => `${createdAt}#${id}`;

export const handler = serve(endpoints);
