import { describe, expect, it } from 'vitest';
import { bucketKey } from '../../../shared/insights/buckets.ts';
import { type ReportQuery, readReport } from '../../../shared/insights/read-report.ts';
import { undated } from '../../../shared/insights/report.ts';
import { Crm } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const now = new Date('2026-06-30T10:00:00.000Z');

describe('what has no date', () => {
  const table = new TableInMemory();
  const { store, policies } = table.around(() => now);
  const crm = new Crm(store, policies, { now, actor: { kind: 'system', id: 'test' }, correlationId: 'test' });
  for (const [on, pipeline] of [
    ['2026-07-10', 1],
    [undated, 10],
  ] as const) {
    const count = { dimension: 'time', on, key: '', cell: 'EUR', figures: { pipeline } };
    table.put({ ...bucketKey('forecast', 0, count, 'opp_1'), counts: 1, ...count.figures });
  }
  const read = async (query: ReportQuery) => {
    const { rows, totals } = await readReport(crm, { name: 'forecast', ...query });
    return [rows.map(({ key }) => key), totals['openPipeline']];
  };

  it('is a row of its own, and none of a range', async () => {
    expect(await read({})).toEqual([['2026-07', 'none'], 11]);
    expect(await read({ from: '2099-01-01' })).toEqual([[], 0]);
    expect(await read({ from: '2026-07-01' })).toEqual([['2026-07'], 1]);
    expect(await read({ to: '2026-12-31' })).toEqual([['2026-07'], 1]);
    expect(await read({ to: undated })).toEqual([['2026-07'], 1]);
  });
});
