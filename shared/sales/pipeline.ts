import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { idOfName } from '../core/ids.ts';
import { Currency } from '../core/money.ts';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { type Kind, record } from '../store/record.ts';

/** How sure a sale is, as a forecast counts it. */
export const ForecastCategory = z.enum(['omitted', 'pipeline', 'bestCase', 'commit', 'closed']);
export type ForecastCategory = z.infer<typeof ForecastCategory>;

/** A field of an opportunity that a stage may ask for: one of its own, or `custom.<name>`. */
const RequiredField = z
  .string()
  .regex(/^(amount|closeOn|ownerId|contactIds|products|campaignId|custom\.[A-Za-z0-9_]{1,50})$/);

const StageDetails = z.strictObject({
  key: z.string().regex(/^[a-z][A-Za-z0-9_-]{0,39}$/),
  name: Line.min(1).max(100),
  kind: z.enum(['open', 'won', 'lost']).default('open'),
  probability: z.int().min(0).max(100).optional(),
  category: ForecastCategory.optional(),
  requires: z
    .array(RequiredField)
    .max(20)
    .default([])
    .meta({ description: 'What must be known of an opportunity before it stands here, or passes by.' }),
  rottenAfter: Duration.optional().meta({ description: 'Longer than this in the stage is too long.' }),
});

/** A step of a pipeline. */
export const Stage = StageDetails.extend({ probability: z.int().min(0).max(100), category: ForecastCategory });
export type Stage = z.infer<typeof Stage>;

const distinct = (stages: readonly { key: string }[]) => new Set(stages.map(({ key }) => key)).size === stages.length;
const certain = ({ kind, probability }: z.infer<typeof StageDetails>) =>
  probability === undefined || kind === 'open' || probability === (kind === 'won' ? 100 : 0);
const complete = (stages: readonly { kind: string }[]) =>
  ['open', 'won', 'lost'].every((kind) => stages.some((stage) => stage.kind === kind));

/** What can be said of a pipeline. */
export const PipelineDetails = z.strictObject({
  name: Line.min(1).max(100),
  currency: Currency.optional().meta({ description: "The deployment's by default." }),
  stages: z
    .array(StageDetails)
    .min(3)
    .max(30)
    .refine(distinct, 'each stage has a key of its own')
    .refine(complete, 'there is a stage to be open in, one to be won and one to be lost')
    .refine((stages) => stages.every(certain), 'what is won has a probability of 100, what is lost of 0'),
  isDefault: z.boolean().default(false).meta({ description: 'Where opportunities go that name no pipeline.' }),
});

const PipelineRecord = z
  .object({
    ...record('pip'),
    version: z.int().nonnegative().meta({ description: '0: as every deployment has it, not changed by anybody.' }),
    ...PipelineDetails.shape,
    stages: z.array(Stage),
  })
  .meta({ id: 'Pipeline' });
export type Pipeline = z.infer<typeof PipelineRecord>;

const certainty = {
  open: { probability: 50, category: 'pipeline' },
  won: { probability: 100, category: 'closed' },
  lost: { probability: 0, category: 'omitted' },
} as const;
/** A stage with what its kind implies where nothing was said. */
export const stageOf = (details: z.infer<typeof StageDetails>): Stage => {
  const { probability, category } = certainty[details.kind];
  return { ...details, probability: details.probability ?? probability, category: details.category ?? category };
};

const stage = (key: string, name: string, probability: number, category: ForecastCategory): Stage => ({
  key,
  name,
  kind: 'open',
  probability,
  category,
  requires: [],
});
/** The pipeline that every deployment has. */
export const salesPipeline: Pipeline = {
  id: idOfName('pip', 'sales'),
  version: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'system',
  name: 'sales',
  isDefault: true,
  stages: [
    stage('new', 'New', 10, 'pipeline'),
    stage('discovery', 'Discovery', 25, 'pipeline'),
    stage('proposal', 'Proposal', 50, 'bestCase'),
    stage('negotiation', 'Negotiation', 75, 'commit'),
    { key: 'won', name: 'Won', kind: 'won', probability: 100, category: 'closed', requires: [] },
    { key: 'lost', name: 'Lost', kind: 'lost', probability: 0, category: 'omitted', requires: [] },
  ],
};

/** The stages that opportunities go through. */
export const Pipeline: Kind<Pipeline> = {
  name: 'pipeline',
  prefix: 'pip',
  schema: PipelineRecord,
  given: [salesPipeline],
};

const event = eventsOf(Pipeline, PipelineRecord.pick({ name: true, currency: true, stages: true, isDefault: true }));
export const PipelineCreated = event('created');
export const PipelineUpdated = event('updated');
export const PipelineArchived = event('archived');
export const PipelineRestored = event('restored');

/** Every pipeline, the default one first. */
export async function pipelines({ store }: Pick<Crm, 'store'>): Promise<Pipeline[]> {
  const all = await store.loadAll(Pipeline, 'dir#pip');
  return all.filter(({ archivedAt }) => !archivedAt).sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
}

/** The pipeline that a body names (422 if there is none), or the default one. */
export async function pipelineFor(crm: Crm, pipelineId?: string, pointer = '#/pipelineId'): Promise<Pipeline> {
  if (pipelineId) return crm.refer(Pipeline, pipelineId, pointer);
  const [first] = await pipelines(crm);
  return first ?? salesPipeline;
}
