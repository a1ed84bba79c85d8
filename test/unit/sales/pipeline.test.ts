import { describe, expect, it } from 'vitest';
import { Pipeline, PipelineDetails, salesPipeline, stageOf } from '../../../shared/sales/pipeline.ts';

const open = { key: 'new', name: 'New' };
const won = { key: 'won', name: 'Won', kind: 'won' };
const lost = { key: 'lost', name: 'Lost', kind: 'lost' };

describe('a pipeline', () => {
  it('is known by its own schema where every deployment has it', () => {
    expect(Pipeline.schema.parse(salesPipeline)).toEqual(salesPipeline);
    expect(PipelineDetails.parse({ name: 'sales', stages: salesPipeline.stages }).stages).toEqual(salesPipeline.stages);
  });

  it.each([
    ['no stage to be won in', [open, lost, { ...lost, key: 'gone' }]],
    ['no stage to be lost in', [open, won, { ...won, key: 'yes' }]],
    ['no stage to be open in', [won, lost, { ...lost, key: 'gone' }]],
    ['a key twice', [open, won, lost, open]],
    ['a won stage that is not certain', [open, { ...won, probability: 90 }, lost]],
    ['a lost stage with a chance', [open, won, { ...lost, probability: 1 }]],
    ['a field that opportunities do not have', [{ ...open, requires: ['colour'] }, won, lost]],
    ['a key that is no word', [{ ...open, key: 'New stage' }, won, lost]],
  ])('is refused with %s', (_, stages) => {
    expect(PipelineDetails.safeParse({ name: 'p', stages }).success).toBe(false);
  });

  it.each([
    ['open', 50, 'pipeline'],
    ['won', 100, 'closed'],
    ['lost', 0, 'omitted'],
  ] as const)('fills in what a stage of kind %s implies', (kind, probability, category) => {
    const details = { key: 'a', name: 'A', kind, requires: [] };
    expect(stageOf(details)).toEqual({ ...details, probability, category });
    expect(stageOf({ ...details, category: 'commit' }).category).toBe('commit');
  });
});
