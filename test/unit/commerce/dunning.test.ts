import { expect, it } from 'vitest';
import {
  type Due,
  DunningLevels,
  defaultDunningLevels,
  isOverdue,
  nextDunningStep,
} from '../../../shared/commerce/dunning.ts';

const due: Due = { dueOn: '2026-03-20', timeZone: 'Europe/Berlin' };
const instantly: Due = { ...due, dueAt: new Date('2026-03-20T10:00:00Z') };
const quick: DunningLevels = [
  { key: 'reminder', after: 'PT1S' },
  { key: 'handOver', after: 'PT1M' },
];

it.each<[string, Due, DunningLevels, string | undefined, object | undefined]>([
  [
    'nothing yet',
    due,
    defaultDunningLevels,
    undefined,
    { key: 'reminder', dueAt: new Date('2026-03-23T22:59:59.999Z') },
  ],
  // The clocks have changed by then: still the end of the day.
  ['reminded', due, defaultDunningLevels, 'reminder', { key: 'dunning1', dueAt: new Date('2026-04-03T21:59:59.999Z') }],
  ['dunned', due, defaultDunningLevels, 'dunning1', { key: 'dunning2', dueAt: new Date('2026-04-17T21:59:59.999Z') }],
  [
    'dunned twice',
    due,
    defaultDunningLevels,
    'dunning2',
    { key: 'handOver', dueAt: new Date('2026-05-01T21:59:59.999Z') },
  ],
  ['handed over', due, defaultDunningLevels, 'handOver', undefined],
  ['a level that is gone', due, defaultDunningLevels, 'dunning9', { key: 'reminder' }],
  ['no levels', due, [], undefined, undefined],
  [
    'seconds after an instant',
    instantly,
    quick,
    undefined,
    { key: 'reminder', dueAt: new Date('2026-03-20T10:00:01Z') },
  ],
  [
    'a minute after an instant',
    instantly,
    quick,
    'reminder',
    { key: 'handOver', dueAt: new Date('2026-03-20T10:01:00Z') },
  ],
  ['seconds after a date', due, quick, undefined, { key: 'reminder', dueAt: new Date('2026-03-20T23:00:00.999Z') }],
  [
    'days after an instant',
    instantly,
    defaultDunningLevels,
    undefined,
    { dueAt: new Date('2026-03-23T22:59:59.999Z') },
  ],
])('the next step after %s', (_, when, levels, reached, step) => {
  const next = nextDunningStep(when, levels, reached);
  if (step) expect(next).toMatchObject(step);
  else expect(next).toBeUndefined();
});

it.each<[string, unknown, boolean]>([
  ['the default', defaultDunningLevels, true],
  ['none', [], true],
  ['out of order', [...defaultDunningLevels].reverse(), false],
  ['a key twice', [quick[0], quick[0]], false],
  ['no duration', [{ key: 'reminder', after: '3 days' }], false],
])('%s: a ladder? %s', (_, levels, valid) => expect(DunningLevels.safeParse(levels).success).toBe(valid));

it.each<[string, number, Due, string, boolean]>([
  ['issued', 100, due, '2026-03-20T22:59:59.999Z', false],
  ['issued', 100, due, '2026-03-20T23:00:00.000Z', true],
  ['partlyPaid', 1, due, '2026-04-01T00:00:00.000Z', true],
  ['issued', 100, instantly, '2026-03-20T10:00:00.000Z', false],
  ['issued', 100, instantly, '2026-03-20T10:00:00.001Z', true],
  ['issued', 0, due, '2026-04-01T00:00:00.000Z', false],
  ['draft', 100, due, '2026-04-01T00:00:00.000Z', false],
  ['paid', 0, due, '2026-04-01T00:00:00.000Z', false],
  ['writtenOff', 100, due, '2026-04-01T00:00:00.000Z', false],
])('%s with %i open, due %j, at %s is overdue: %s', (status, open, when, now, overdue) =>
  expect(isOverdue({ status, totals: { open: { amount: open, currency: 'EUR' } } }, when, new Date(now))).toBe(overdue),
);
