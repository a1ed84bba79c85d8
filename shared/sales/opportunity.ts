import * as z from 'zod';
import { dateIn } from '../core/duration.ts';
import { id } from '../core/ids.ts';
import { Money } from '../core/money.ts';
import { type FieldFault, Refusal, refuseField } from '../core/refusal.ts';
import { Line } from '../core/text.ts';
import { eventsOf, type Fact, type Why } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, openIn, workOf } from '../store/places.ts';
import { type Draft, type Kind, record } from '../store/record.ts';
import { Custom, ExternalId } from './account.ts';
import { ForecastCategory, type Pipeline, type Stage } from './pipeline.ts';

export const OpportunityStatus = z.enum(['open', 'won', 'lost']);
export type OpportunityStatus = z.infer<typeof OpportunityStatus>;

/** What can be said of an opportunity. */
export const OpportunityDetails = z.strictObject({
  name: Line.min(1).max(200),
  contactIds: z.array(id('con')).max(100).default([]),
  amount: Money.optional(),
  probability: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .meta({ description: "Percent; the stage's unless said otherwise, and again at the next move." }),
  forecastCategory: ForecastCategory.optional(),
  openedOn: z.iso.date().optional(),
  closeOn: z.iso.date().optional().meta({ description: 'When it is expected to close; once closed, when it did.' }),
  ownerId: id('usr').optional(),
  campaignId: id('cmp').optional(),
  products: z.array(id('prd')).max(100).optional(),
  externalIds: z.array(ExternalId).max(20).optional(),
  custom: Custom.optional(),
});

export type OpportunityDetails = z.infer<typeof OpportunityDetails>;

const OpportunityRecord = z
  .object({
    ...record('opp'),
    accountId: id('acc'),
    ...OpportunityDetails.shape,
    probability: z.int(),
    forecastCategory: ForecastCategory,
    openedOn: z.iso.date(),
    pipelineId: id('pip'),
    stage: z.string(),
    stageAt: z.iso.datetime().meta({ description: 'Since when it stands in its stage.' }),
    status: OpportunityStatus,
    source: z.string().optional().meta({ description: 'Where its lead came from.' }),
    leadId: id('lea').optional().meta({ description: 'The lead whose conversion opened it.' }),
    lostReason: z.string().optional(),
    closedOn: z.iso.date().optional(),
    closedBy: z.string().optional(),
    closedFrom: z.string().optional().meta({ description: 'The stage it was closed from, and reopens in.' }),
    orderId: id('ord').optional().meta({ description: 'The order that won it.' }),
    reopened: z.int().meta({ description: 'How often it was reopened.' }),
    pushed: z.int().meta({ description: 'How often its closing was put off.' }),
  })
  .meta({ id: 'Opportunity' });
export type Opportunity = z.infer<typeof OpportunityRecord>;

/** The unique key of an opportunity's id in another system. */
export const opportunityKey = (source: string, id: string): string => `external#opportunity#${source}#${id}`;

/** A sale that may come about. */
export const Opportunity: Kind<Opportunity> = {
  name: 'opportunity',
  prefix: 'opp',
  schema: OpportunityRecord,
  unique: ({ externalIds = [], archivedAt }) =>
    archivedAt ? [] : externalIds.map(({ source, id }) => opportunityKey(source, id)),
  places: ({ id, accountId, ownerId, name, status, stage, amount, probability, closeOn, createdAt }) => ({
    ...(ownerId && { gsi1: workOf(ownerId, 'opportunity', status, createdAt, id) }),
    gsi2: inState('opportunity', stage, createdAt, id),
    ...(status === 'open' && {
      gsi3: openIn(accountId, 'opportunity', id),
      card: { id, name, status, stage, amount, probability, closeOn, ownerId },
    }),
  }),
};

const event = eventsOf(
  Opportunity,
  OpportunityRecord.pick({
    status: true,
    pipelineId: true,
    stage: true,
    amount: true,
    probability: true,
    forecastCategory: true,
    openedOn: true,
    closeOn: true,
    closedOn: true,
    ownerId: true,
    campaignId: true,
    products: true,
    source: true,
    leadId: true,
    orderId: true,
    lostReason: true,
  }),
);
export const OpportunityOpened = event('opened');
export const OpportunityUpdated = event('updated');
export const OpportunityArchived = event('archived');
export const OpportunityRestored = event('restored');

/** The life of an opportunity. Where it leads within the pipeline is a rule of its own: see `movedTo`. */
export const opportunityMoves = {
  move: { from: ['open'], to: 'open', event: event('moved') },
  win: { from: ['open'], to: 'won', event: event('won') },
  lose: { from: ['open'], to: 'lost', event: event('lost') },
  reopen: { from: ['won', 'lost'], to: 'open', event: event('reopened') },
} as const;
const moveBy = mover<Opportunity, OpportunityStatus, typeof opportunityMoves>('opportunity', opportunityMoves);

/** Whoever moves it, when, and in which zone its dates are. */
export interface Moment {
  now: Date;
  timeZone: string;
  actorId: string;
}

/** What standing in a stage says of an opportunity: an earlier override of probability or category ends with the move. */
export const standingIn = (pipeline: Pipeline, { key, probability, category }: Stage, now: Date) => ({
  pipelineId: pipeline.id,
  stage: key,
  stageAt: now.toISOString(),
  probability,
  forecastCategory: category,
});

/** A stage of a pipeline by its key. 422 `opportunity.stageUnknown`. */
export function stageIn(pipeline: Pipeline, key: string, pointer = '#/stage'): Stage {
  const found = pipeline.stages.find((stage) => stage.key === key);
  if (found) return found;
  const known = pipeline.stages.map((stage) => stage.key).join(', ');
  throw refuseField('opportunity.stageUnknown', pointer, `${pipeline.name} knows ${known}`);
}

/** The first stage of a kind. Every pipeline has one. */
export const firstStage = (pipeline: Pipeline, kind: Stage['kind']): Stage =>
  pipeline.stages.find((stage) => stage.kind === kind)!;

/**
 * Moves an opportunity to a stage: on or back, won or lost. Going on, also what the skipped stages require must be known; to give up is
 * always possible. 422 `opportunity.fieldsMissing` with a pointer each. Source: domain.md 5.
 */
export function movedTo(
  opportunity: Opportunity,
  pipeline: Pipeline,
  to: Stage,
  moment: Moment,
  lostReason?: string,
): Fact<Opportunity> {
  const verb = ({ open: 'move', won: 'win', lost: 'lose' } as const)[to.kind];
  const missing = missingFor(opportunity, pipeline, to);
  if (to.kind === 'lost' && !lostReason) missing.push(fault('#/reason', 'Why was it lost?'));
  const standing = standingIn(pipeline, to, moment.now);
  if (to.kind === 'open') return checked(moveBy(opportunity, verb, standing), missing);
  const closed = { ...standing, ...closing(opportunity, moment), lostReason };
  return checked(moveBy(opportunity, verb, closed, lostReason ? { reasons: [lostReason] } : {}), missing);
}

const checked = (fact: Fact<Opportunity>, missing: FieldFault[]): Fact<Opportunity> => {
  if (!missing.length) return fact;
  throw new Refusal('opportunity.fieldsMissing', missing.map(({ detail }) => detail).join('; '), { errors: missing });
};

const closing = (opportunity: Opportunity, { now, timeZone, actorId }: Moment) => {
  const closedOn = dateIn(timeZone, now);
  return { closeOn: closedOn, closedOn, closedBy: actorId, closedFrom: opportunity.stage };
};

/** What the stages on the way ask for and the opportunity does not have. */
export function missingFor(opportunity: Draft<Opportunity>, pipeline: Pipeline, to: Stage): FieldFault[] {
  const from = pipeline.stages.findIndex(({ key }) => key === opportunity.stage);
  const until = pipeline.stages.findIndex(({ key }) => key === to.key);
  const skipped =
    to.kind === 'lost' ? [] : pipeline.stages.slice(from + 1, until).filter(({ kind }) => kind === 'open');
  const wanted = new Map([...skipped, to].flatMap(({ name, requires }) => requires.map((field) => [field, name])));
  return [...wanted]
    .filter(([field]) => !isKnown(opportunity, field))
    .map(([field, name]) => fault(`#/${field.replace('.', '/')}`, `${name} asks for ${field}`));
}

const isKnown = (opportunity: Draft<Opportunity>, field: string): boolean => {
  const value = field.startsWith('custom.')
    ? opportunity.custom?.[field.slice('custom.'.length)]
    : opportunity[field as keyof Draft<Opportunity>];
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
};

const fault = (pointer: string, detail: string): FieldFault => ({
  pointer,
  code: 'opportunity.fieldsMissing',
  detail,
});

/**
 * Won by an order: the fact, to be committed with the order. The order proves more than any required field; `amount` is what was ordered
 * (net), if it is to replace the estimate. 409 unless it is open.
 */
export const wonBy = (
  opportunity: Opportunity,
  pipeline: Pipeline,
  { orderId, amount, ...moment }: Moment & { orderId: string; amount?: Money | undefined },
  why?: Why,
): Fact<Opportunity> =>
  moveBy(
    opportunity,
    'win',
    {
      ...standingIn(pipeline, firstStage(pipeline, 'won'), moment.now),
      ...closing(opportunity, moment),
      orderId,
      ...(amount && { amount }),
    },
    why,
  );

/** Open again, where it was closed from. 409 once it has been ordered. */
export function reopenedIn(opportunity: Opportunity, pipeline: Pipeline, now: Date): Fact<Opportunity> {
  if (opportunity.orderId)
    throw new Refusal('record.wrongState', `An opportunity that is ${opportunity.status} and ordered cannot reopen`);
  const back = pipeline.stages.find(({ key, kind }) => key === opportunity.closedFrom && kind === 'open');
  return moveBy(opportunity, 'reopen', {
    ...standingIn(pipeline, back ?? firstStage(pipeline, 'open'), now),
    lostReason: undefined,
    closedOn: undefined,
    closedBy: undefined,
    closedFrom: undefined,
    reopened: opportunity.reopened + 1,
  });
}
