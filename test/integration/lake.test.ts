import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askLake, fetchLake } from '../../infra/local/lake.ts';
import { lakeQueries } from '../../shared/insights/lake-queries.ts';
import { opportunity } from '../e2e/cast.ts';
import { eventually } from '../support/eventually.ts';
import { access, api, around } from '../support/stack.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepwise-lake-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ask = async (sql: string) => askLake(await fetchLake(access.lakeBucket, folder), sql);

/** Every event that is in the table: only a test may scan. */
async function eventsInTable(): Promise<Set<string>> {
  const { client, table } = around().store;
  const pages = paginateScan(
    { client },
    { TableName: table, FilterExpression: 'begins_with(sk, :evt)', ExpressionAttributeValues: { ':evt': 'evt_' } },
  );
  const ids = new Set<string>();
  for await (const { Items = [] } of pages) for (const { sk } of Items) ids.add(String(sk));
  return ids;
}

describe('the lake', () => {
  it('has every event of the table, and no other', async () => {
    const { opportunityId } = await opportunity();
    await api.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'discovery' });
    const there = await eventsInTable();
    await eventually(async () => {
      const lake = new Set((await ask('SELECT DISTINCT id FROM events')).map(({ id }) => String(id)));
      expect([...there].filter((id) => !lake.has(id))).toEqual([]);
      const now = await eventsInTable();
      expect([...lake].filter((id) => !now.has(id))).toEqual([]);
    }, 60_000);
    const misplaced = await ask('SELECT id FROM events WHERE CAST(dt AS VARCHAR) <> substr(occurredAt, 1, 10)');
    expect(misplaced).toEqual([]);
  });

  it.each(Object.entries(lakeQueries))('answers the documented query %s', async (_, { sql }) => {
    const rows = await eventually(async () => {
      const found = await ask(sql);
      expect(found.length).toBeGreaterThan(0);
      return found;
    });
    expect(Object.values(rows[0]!)).not.toContain(undefined);
  });

  it('tells what became of the leads of a month', async () => {
    const [month] = await ask(lakeQueries['funnel']!.sql);
    expect(month).toMatchObject({ month: expect.stringMatching(/^\d{4}-\d\d$/), captured: expect.any(Number) });
  });
});
