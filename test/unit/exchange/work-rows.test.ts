import { expect, it } from 'vitest';
import { workRows } from '../../../shared/exchange/work-rows.ts';
import { Policies } from '../../../shared/store/policies.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const { store } = new TableInMemory();
const around = { store, policies: new Policies(store) };
const on = { now: new Date(), actor: { kind: 'system', id: 'test' }, correlationId: 'test' } as const;

it('a row that leans on one before it is not asked again until that one is done', async () => {
  const rows = Array.from({ length: 500 }, (_, n) => n);
  const order: number[] = [];
  let asked = 0;
  const outcomes = await workRows(around, on, rows, async (_, row, { earlier }) => {
    asked += 1;
    const before = earlier.find((one) => one === row - 5);
    if (before === undefined) order.push(row);
    return {
      outcome: { kind: 'skipped', detail: String(row) },
      facts: [],
      also: [],
      waitsFor: before,
    };
  });
  expect(outcomes.map(({ detail }) => Number(detail))).toEqual(rows);
  for (const [at, row] of order.entries()) if (row >= 5) expect(order.indexOf(row - 5)).toBeLessThan(at);
  expect(asked).toBeLessThan(3 * rows.length);
});

it('a row that leans on one behind it waits for that, and those in a circle for nobody', async () => {
  const leansOn = new Map([
    ['agent', 'boss'],
    ['boss', 'director'],
    ['cain', 'abel'],
    ['abel', 'cain'],
    ['self', 'self'],
  ]);
  const rows = ['agent', 'cain', 'boss', 'abel', 'self', 'director'];
  const order: string[] = [];
  await workRows(around, on, rows, async (_, row, { earlier, later }) => {
    const waitsFor = [...earlier, ...later].find((one) => one === leansOn.get(row));
    if (waitsFor === undefined) order.push(row);
    return { outcome: { kind: 'skipped' }, facts: [], also: [], waitsFor };
  });
  expect(order).toEqual(['self', 'director', 'boss', 'agent', 'cain', 'abel']);
});
