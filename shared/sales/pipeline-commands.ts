import type * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import type { Command, Crm } from '../store/command.ts';
import { archive, edit } from '../store/edit.ts';
import { list } from '../store/list.ts';
import { ranges } from '../store/places.ts';
import type { Draft } from '../store/record.ts';
import { Opportunity } from './opportunity.ts';
import {
  Pipeline,
  PipelineArchived,
  PipelineCreated,
  PipelineDetails,
  PipelineUpdated,
  pipelines,
  stageOf,
} from './pipeline.ts';

/** A pipeline with its currency said. */
export async function shownPipeline<P extends Draft<Pipeline>>(crm: Crm, pipeline: P): Promise<P> {
  return pipeline.currency ? pipeline : { ...pipeline, currency: (await crm.policy(Settings)).currency };
}

/** Creates a pipeline; a new default takes the place of the old one in the same transaction. */
export const createPipeline: Command<z.infer<typeof PipelineDetails>, Pipeline> = async (crm, details) => {
  const after = await shownPipeline(crm, { ...details, stages: details.stages.map(stageOf), id: crm.newId('pip') });
  return crm.commit([PipelineCreated(undefined, after), ...(await displaced(crm, after))]);
};

/** Edits a pipeline. A stage in which opportunities stand keeps its key and its kind; there is always a default pipeline. */
export const editPipeline: Command<{ id: string; patch: Record<string, unknown> }, Pipeline> = async (crm, input) => {
  const { facts, also } = await crm.stage(editOnly, input);
  const [edited] = facts as Fact<Pipeline>[];
  if (!edited) return crm.load(Pipeline, input.id);
  const after = await shownPipeline(crm, edited.after);
  return crm.commit([{ ...edited, after }, ...(await displaced(crm, after))], also);
};

const editOnly = edit<Pipeline>({
  kind: Pipeline,
  fields: PipelineDetails,
  event: PipelineUpdated,
  rule: async (crm, after, before) => {
    if (before.isDefault && !after.isDefault)
      throw new Refusal('record.wrongState', 'Opportunities need a default pipeline: make another one it');
    const stages = after.stages.map(stageOf);
    for (const { key, kind } of before.stages)
      if (stages.find((stage) => stage.key === key)?.kind !== kind && (await isUsed(crm, before.id, key)))
        throw new Refusal('record.wrongState', `Opportunities stand in ${key}: it keeps its key and its kind`);
    return { ...after, stages };
  },
});

/** Archives a pipeline: not the default one, and none in which open opportunities stand. */
export const archivePipeline = archive<Pipeline>(Pipeline, PipelineArchived, async (crm, { id, isDefault, stages }) => {
  if (isDefault) throw new Refusal('record.wrongState', 'The default pipeline cannot go: make another one it first');
  for (const { key, kind } of stages)
    if (kind === 'open' && (await isUsed(crm, id, key)))
      throw new Refusal('record.wrongState', `Open opportunities stand in ${key}`);
});

/** The pipelines that were the default one until now. */
const displaced = async (crm: Crm, { id, isDefault }: Draft<Pipeline>): Promise<Fact<Pipeline>[]> =>
  isDefault
    ? (await pipelines(crm))
        .filter((one) => one.isDefault && one.id !== id)
        .map((one) => PipelineUpdated(one, { ...one, isDefault: false }, { reasons: ['Another one is the default'] }))
    : [];

/** Whether opportunities of a pipeline stand in a stage; where a short look cannot tell, it is held to be so. */
async function isUsed({ store }: Crm, pipelineId: string, stage: string): Promise<boolean> {
  const where = (opportunity: Opportunity) => opportunity.pipelineId === pipelineId;
  const found = await list(store, Opportunity, { ranges: [ranges.inState('opportunity', stage)], limit: 200, where });
  return found.data.length > 0 || found.nextCursor !== null;
}
