import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../shared/core/ids.ts';
import type { Refusal } from '../../../shared/core/refusal.ts';
import { opened } from '../../../shared/sales/open-opportunity.ts';
import {
  type Moment,
  movedTo,
  Opportunity,
  type OpportunityStatus,
  opportunityMoves,
  reopenedIn,
  stageIn,
  wonBy,
} from '../../../shared/sales/opportunity.ts';
import { type Pipeline, salesPipeline } from '../../../shared/sales/pipeline.ts';
import type { Draft } from '../../../shared/store/record.ts';

const now = new Date('2026-03-31T22:30:00.000Z');
/** In Berlin it is the first of April already. */
const at: Moment = { now, timeZone: 'Europe/Berlin', actorId: 'usr_x' };
const crm = { newId: (prefix: string, within?: string) => newId(prefix, now, within) };
const accountId = newId('acc', now);
const orderId = newId('ord', now, accountId);

const stored = (draft: Draft<Opportunity>): Opportunity =>
  Opportunity.schema.parse({
    ...draft,
    version: 1,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    createdBy: 'key_x',
  });
const inStage = (key: string, pipeline: Pipeline = salesPipeline, more: Partial<Draft<Opportunity>> = {}) => {
  const said = { name: '20 x GTX', contactIds: [], accountId };
  const stage = stageIn(salesPipeline, key);
  return stored({ ...opened(said, salesPipeline, stage, at, crm).after, pipelineId: pipeline.id, ...more });
};
const requiring = (requires: Record<string, string[]>): Pipeline => ({
  ...salesPipeline,
  stages: salesPipeline.stages.map((stage) => ({ ...stage, requires: requires[stage.key] ?? [] })),
});
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'done';
  } catch (error) {
    return (error as Refusal).code;
  }
};
const pointersOf = (run: () => unknown): string[] => {
  try {
    run();
    return [];
  } catch (error) {
    return (error as Refusal).more.errors?.map(({ pointer }) => pointer) ?? [];
  }
};

describe('the life of an opportunity', () => {
  const verbs = Object.keys(opportunityMoves) as (keyof typeof opportunityMoves)[];
  const allowed: Record<OpportunityStatus, readonly string[]> = {
    open: ['move', 'win', 'lose'],
    won: ['reopen'],
    lost: ['reopen'],
  };
  const of: Record<OpportunityStatus, string> = { open: 'discovery', won: 'won', lost: 'lost' };
  const moves = {
    move: (one: Opportunity) => movedTo(one, salesPipeline, stageIn(salesPipeline, 'proposal'), at),
    win: (one: Opportunity) => movedTo(one, salesPipeline, stageIn(salesPipeline, 'won'), at),
    lose: (one: Opportunity) => movedTo(one, salesPipeline, stageIn(salesPipeline, 'lost'), at, 'price'),
    reopen: (one: Opportunity) => reopenedIn(one, salesPipeline, now),
  };
  const cases = (Object.keys(allowed) as OpportunityStatus[]).flatMap((status) =>
    verbs.map((verb) => [verb, status, allowed[status].includes(verb) ? 'done' : 'record.wrongState'] as const),
  );

  it.each(cases)('%s from %s: %s', (verb, status, outcome) => {
    expect(codeOf(() => moves[verb](inStage(of[status])))).toBe(outcome);
  });

  it('takes probability and category from the stage, which ends an override', () => {
    const overridden = inStage('new', salesPipeline, { probability: 80, forecastCategory: 'commit' });
    const { after, type } = moves.move(overridden);
    expect(type).toBe('opportunity.moved');
    expect(after).toMatchObject({ stage: 'proposal', status: 'open', probability: 50, forecastCategory: 'bestCase' });
  });

  it('is closed on the date of the deployment, by somebody, from a stage', () => {
    const { after, type } = moves.win(inStage('proposal'));
    expect(type).toBe('opportunity.won');
    expect(after).toMatchObject({
      status: 'won',
      stage: 'won',
      probability: 100,
      forecastCategory: 'closed',
      closedOn: '2026-04-01',
      closeOn: '2026-04-01',
      closedBy: 'usr_x',
      closedFrom: 'proposal',
    });
  });

  it('keeps why it was lost', () => {
    const { after, type, why } = moves.lose(inStage('proposal'));
    expect({ type, ...after }).toMatchObject({
      type: 'opportunity.lost',
      lostReason: 'price',
      probability: 0,
      forecastCategory: 'omitted',
    });
    expect(why.reasons).toEqual(['price']);
  });

  it('is not lost without a reason', () => {
    const lose = () => movedTo(inStage('new'), salesPipeline, stageIn(salesPipeline, 'lost'), at);
    expect(codeOf(lose)).toBe('opportunity.fieldsMissing');
    expect(pointersOf(lose)).toEqual(['#/reason']);
  });

  it('reopens where it was closed from, and is as before', () => {
    const closed = stored(moves.lose(inStage('negotiation')).after);
    const { after, type } = reopenedIn(closed, salesPipeline, now);
    expect(type).toBe('opportunity.reopened');
    expect(after).toMatchObject({ status: 'open', stage: 'negotiation', probability: 75, reopened: 1 });
    for (const field of ['lostReason', 'closedOn', 'closedBy', 'closedFrom'] as const)
      expect(after[field]).toBeUndefined();
  });

  it('reopens at the start where its stage is gone', () => {
    const closed = stored(moves.lose(inStage('negotiation')).after);
    const shorter = { ...salesPipeline, stages: salesPipeline.stages.filter(({ key }) => key !== 'negotiation') };
    expect(reopenedIn(closed, shorter, now).after.stage).toBe('new');
  });

  it('does not reopen once ordered', () => {
    const ordered = stored(wonBy(inStage('proposal'), salesPipeline, { ...at, orderId }).after);
    expect(codeOf(() => reopenedIn(ordered, salesPipeline, now))).toBe('record.wrongState');
  });

  it('is won by an order whatever the stages ask for, at what was ordered', () => {
    const amount = { amount: 99, currency: 'EUR' };
    const { after } = wonBy(inStage('new'), requiring({ won: ['closeOn'] }), { ...at, orderId, amount });
    expect(after).toMatchObject({ status: 'won', orderId, amount, closedFrom: 'new' });
    expect(after).not.toHaveProperty('now');
    expect(codeOf(() => wonBy(inStage('lost'), salesPipeline, { ...at, orderId }))).toBe('record.wrongState');
  });

  it('does not move while it is archived', () => {
    const archived = inStage('new', salesPipeline, { archivedAt: now.toISOString() });
    expect(codeOf(() => moves.win(archived))).toBe('record.wrongState');
  });

  it('knows only the stages of its pipeline', () => {
    expect(codeOf(() => stageIn(salesPipeline, 'dreaming'))).toBe('opportunity.stageUnknown');
  });
});

describe('what stages require', () => {
  const pipeline = requiring({
    discovery: ['ownerId'],
    proposal: ['amount', 'contactIds'],
    negotiation: ['custom.budget'],
    won: ['closeOn'],
    lost: ['campaignId'],
  });
  const move = (from: string, to: string, more: Partial<Draft<Opportunity>> = {}) =>
    pointersOf(() => movedTo(inStage(from, pipeline, more), pipeline, stageIn(pipeline, to), at, 'price'));

  it.each([
    ['new', 'discovery', ['#/ownerId']],
    ['new', 'proposal', ['#/ownerId', '#/amount', '#/contactIds']],
    ['discovery', 'negotiation', ['#/amount', '#/contactIds', '#/custom/budget']],
    ['negotiation', 'won', ['#/closeOn']],
    ['new', 'won', ['#/ownerId', '#/amount', '#/contactIds', '#/custom/budget', '#/closeOn']],
    ['negotiation', 'new', []],
    ['negotiation', 'discovery', ['#/ownerId']],
    ['new', 'lost', ['#/campaignId']],
  ])('from %s to %s: %j', (from, to, pointers) => {
    expect(move(from, to)).toEqual(pointers);
  });

  it('is met by what is known', () => {
    const known = { ownerId: 'usr_x', amount: { amount: 1, currency: 'EUR' }, contactIds: ['con_x'] };
    const more = { ...known, custom: { budget: false } } as unknown as Partial<Draft<Opportunity>>;
    const one = { ...inStage('new', pipeline), ...more };
    expect(movedTo(one, pipeline, stageIn(pipeline, 'negotiation'), at).after.stage).toBe('negotiation');
  });

  it('lets nobody win by going the long way round what the short way asks for', () => {
    const keys = fc.constantFrom('discovery', 'proposal', 'negotiation', 'won');
    const fields = fc.constantFrom('amount', 'closeOn', 'ownerId');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.uniqueArray(fields)), fc.uniqueArray(fields), (requires, known) => {
        const all = { amount: { amount: 1, currency: 'EUR' }, closeOn: '2026-05-01', ownerId: 'usr_x' };
        const has = Object.fromEntries(Object.entries(all).filter(([field]) => known.some((one) => one === field)));
        const through = requiring(requires);
        const direct = codeOf(() => moveAll(through, has, ['won']));
        const stepwise = codeOf(() => moveAll(through, has, ['discovery', 'proposal', 'negotiation', 'won']));
        expect(direct).toBe(stepwise);
      }),
    );
  });
});

const moveAll = (pipeline: Pipeline, has: object, path: string[]): void => {
  let one: Opportunity = { ...inStage('new', pipeline), ...has };
  for (const key of path) one = { ...one, ...movedTo(one, pipeline, stageIn(pipeline, key), at).after };
};

describe('a new opportunity', () => {
  const open = (stage: string, more: object = {}, pipeline = salesPipeline) =>
    opened({ name: 'x', contactIds: [], accountId, ...more }, pipeline, stageIn(pipeline, stage), at, crm).after;

  it('is opened today, and has what its stage says unless told otherwise', () => {
    expect(open('discovery')).toMatchObject({ status: 'open', openedOn: '2026-04-01', probability: 25, pushed: 0 });
    expect(open('discovery', { probability: 60, forecastCategory: 'commit' })).toMatchObject({
      probability: 60,
      forecastCategory: 'commit',
    });
    expect(open('discovery').closedOn).toBeUndefined();
  });

  it('keeps its own dates where it is history', () => {
    const history = open('won', { openedOn: '2024-01-02', closeOn: '2024-03-04', probability: 10 });
    expect(history).toMatchObject({
      status: 'won',
      openedOn: '2024-01-02',
      closeOn: '2024-03-04',
      closedOn: '2024-03-04',
      probability: 100,
    });
    expect(open('lost', { closeOn: '2024-03-04' })).toMatchObject({ status: 'lost', openedOn: '2024-03-04' });
  });

  it('must have what its stage, or one before it, asks for', () => {
    const pipeline = requiring({ new: ['closeOn'], discovery: ['amount'] });
    expect(pointersOf(() => open('new', {}, pipeline))).toEqual(['#/closeOn']);
    expect(pointersOf(() => open('proposal', {}, pipeline))).toEqual(['#/closeOn', '#/amount']);
  });
});
