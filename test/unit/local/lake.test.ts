import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askLake } from '../../../infra/local/lake.ts';
import { lakeQueries } from '../../../shared/insights/lake-queries.ts';

const ada = { kind: 'user', id: 'usr_ada' };
const bot = { kind: 'key', id: 'key_bot' };
let told = 0;
const event = (type: string, recordId: string, recordVersion: number, occurredAt: string, more: object = {}) => ({
  id: `evt_${told++}`,
  ...{
    type,
    schemaVersion: 1,
    occurredAt,
    recordId,
    recordVersion,
    actor: ada,
    correlationId: 'c',
    changes: {},
    data: {},
  },
  ...more,
});
const stage = (name: string) => ({ data: { stage: name } });
const captured = event('lead.captured', 'lea_1', 1, '2026-01-05T10:00:00.000Z', { actor: bot });
const events = [
  captured,
  // The lake has an event at least once.
  captured,
  event('lead.captured', 'lea_2', 1, '2026-01-06T10:00:00.000Z', { actor: bot, reasons: ['New contact'] }),
  event('lead.qualified', 'lea_1', 2, '2026-02-01T10:00:00.000Z'),
  event('opportunity.opened', 'opp_1', 1, '2026-02-01T10:00:00.000Z', stage('new')),
  event('opportunity.moved', 'opp_1', 2, '2026-02-01T12:30:00.000Z', stage('proposal')),
  event('opportunity.won', 'opp_1', 3, '2026-02-02T12:30:00.000Z', stage('won')),
];

const folder = mkdtempSync(join(tmpdir(), 'stepwise-lake-'));
beforeAll(() => {
  for (const [dt, lines] of Map.groupBy(events, ({ occurredAt }) => occurredAt.slice(0, 10))) {
    const file = join(folder, `events/dt=${dt}/2026/02/03/04/part-1.gz`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const named = (name: string) => askLake(folder, lakeQueries[name]!.sql);

describe('a query over the files of the lake', () => {
  it('finds every event, by day', async () => {
    expect(await askLake(folder, 'SELECT count(DISTINCT id) AS events FROM events')).toEqual([
      { events: events.length - 1 },
    ]);
    const day = await askLake(folder, "SELECT id FROM events WHERE dt = '2026-02-02'");
    expect(day).toEqual([{ id: events.at(-1)?.id }]);
  });

  it('funnel: leads by month', async () => {
    expect(await named('funnel')).toEqual([
      { month: '2026-01', captured: 2, qualified: 0, converted: 0, disqualified: 0 },
      { month: '2026-02', captured: 0, qualified: 1, converted: 0, disqualified: 0 },
    ]);
  });

  it('stages: hours until the next stage', async () => {
    expect(await named('stages')).toEqual([
      { stage: 'new', stays: 1, hours: 2.5 },
      { stage: 'proposal', stays: 1, hours: 24 },
    ]);
  });

  it('actors: who changed how much', async () => {
    expect(await named('actors')).toEqual([
      { day: '2026-01-05', kind: 'key', id: 'key_bot', records: 1, events: 1 },
      { day: '2026-01-06', kind: 'key', id: 'key_bot', records: 1, events: 1 },
      { day: '2026-02-01', kind: 'user', id: 'usr_ada', records: 2, events: 3 },
      { day: '2026-02-02', kind: 'user', id: 'usr_ada', records: 1, events: 1 },
    ]);
  });
});
