import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOfName, keyOf, newId } from '../../../shared/core/ids.ts';
import { bucketOf } from '../../../shared/insights/buckets.ts';
import { keepReports, type Told } from '../../../shared/insights/keep-reports.ts';
import { rebuildReports } from '../../../shared/insights/rebuild-reports.ts';
import { reports } from '../../../shared/insights/reports.ts';
import { Lead } from '../../../shared/sales/lead.ts';
import { Opportunity } from '../../../shared/sales/opportunity.ts';
import { salesPipeline } from '../../../shared/sales/pipeline.ts';
import { Crm } from '../../../shared/store/command.ts';
import { Policies } from '../../../shared/store/policies.ts';
import { type Item, Overtaken, placesOf } from '../../../shared/store/store.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const at = '2026-03-01T10:00:00.000Z';
const stamps = { createdAt: at, updatedAt: at, createdBy: 'test' };
const accountId = idOfName('acc', 'acme');
const owners = ['ada', 'bo'].map((name) => idOfName('usr', name));
const products = ['desk', 'chair'].map((name) => idOfName('prd', name));
const saleIds = [0, 1, 2].map(() => newId('opp', new Date(at), accountId));
const leadId = newId('lea', new Date(at), accountId);

/** What may be said of a record, from one version to the next. */
const aSale = fc.record({
  status: fc.constantFrom('open', 'won', 'lost'),
  stage: fc.constantFrom('new', 'proposal', 'negotiation'),
  amount: fc.option(
    fc.record({ amount: fc.integer({ min: 0, max: 9_999 }), currency: fc.constantFrom('EUR', 'USD') }),
    { nil: undefined },
  ),
  ownerId: fc.option(fc.constantFrom(...owners), { nil: undefined }),
  closeOn: fc.option(fc.constantFrom('2026-02-01', '2026-05-01'), { nil: undefined }),
  products: fc.subarray(products),
  archivedAt: fc.option(fc.constant(at), { nil: undefined }),
});
const changeOf = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...saleIds), aSale).map(([id, said]) => ({ id, said: { ...sale, ...said } })),
  },
  fc.constantFrom('tech', 'retail').map((industry) => ({ id: accountId, said: { ...account, industry } })),
  fc
    .constantFrom('qualified', 'converted', 'nurturing')
    .map((status) => ({ id: leadId, said: { ...lead, status, ...becomes(status) } })),
);
const account = { kind: 'organization', name: 'Acme', stage: 'prospect' };
const sale = {
  accountId,
  name: 'Desks',
  contactIds: [],
  probability: 50,
  forecastCategory: 'bestCase',
  openedOn: '2026-01-01',
  pipelineId: salesPipeline.id,
  stageAt: at,
  reopened: 0,
  pushed: 0,
};
const lead = {
  accountId,
  source: 'form',
  score: { fit: 1, engagement: 1, grade: 'C3', reasons: [] },
  hops: 0,
  passedBy: [],
};
const becomes = (status: string) =>
  status === 'converted' ? { converted: { at, accountId, opportunityId: saleIds[0]!, madeOpportunity: true } } : {};

/** Puts the next version of a record into the table, as a command would; answers what is told of it. */
function change(table: TableInMemory, { id, said }: { id: string; said: object }): Told {
  const before = table.items.get(`${keyOf(id).pk} ${id}`);
  const after = { id, ...stamps, ...said, version: Number(before?.['version'] ?? 0) + 1 };
  table.put({ ...keyOf(id), ...after, ...indexed(after) });
  if ('converted' in said) table.put({ pk: `lead#${saleIds[0]}`, sk: id, recordId: id });
  const { industry } = after as { industry?: string };
  const moved = industry !== before?.['industry'];
  return { recordId: id, eventId: `${id}${after.version}`, changes: moved ? { industry: { new: industry } } : {} };
}

/** The key by which a rebuild finds a record. */
function indexed(record: { id: string }): Item {
  const { gsi2 = [] } =
    record.id === leadId
      ? placesOf(Lead, record as never)
      : record.id === accountId
        ? {}
        : placesOf(Opportunity, record as never);
  return gsi2.length ? { gsi2pk: gsi2[0], gsi2sk: gsi2[1] } : {};
}

const on = { now: new Date(at), actor: { kind: 'system', id: 'test' }, correlationId: 'test' } as const;

/** A consumer that is told: overtaken, it begins anew. */
async function consume(table: TableInMemory, policies: Policies, told: Told): Promise<void> {
  for (;;) {
    try {
      return await keepReports(new Crm(table.store, policies, on), told);
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
}

/** What is kept of the reports in the generation that is read: buckets and contributions. */
const kept = (table: TableInMemory, generation = 0): Item[] => [
  ...table.under('report#').filter(({ pk }) => String(pk).split('#')[2] === String(generation)),
  ...table.under('log#').filter(({ sk, generation: of }) => String(sk).startsWith('rpt#') && of === generation),
];
/** The same items as those of another generation: its number stands in their keys. */
const asGeneration = (to: number, items: readonly Item[]): Item[] =>
  items.map((item) => ({
    ...item,
    pk: String(item['pk']).replace(/^(report#\w+)#\d+/, `$1#${to}`),
    ...('generation' in item && { generation: to, sk: String(item['sk']).replace(/#\d(#\d+)$/, `#${to % 2}$1`) }),
  }));

/** The reports as they are computed from the records as they stand, once each. */
async function computedFrom(table: TableInMemory): Promise<Item[]> {
  const fresh = new TableInMemory();
  for (const item of table.items.values())
    if (!/^(report|reports)(#|$)/.test(String(item['pk'])) && !String(item['sk']).startsWith('rpt#')) fresh.put(item);
  const policies = new Policies(fresh.store);
  for (const id of [...saleIds, leadId]) await consume(fresh, policies, { recordId: id });
  return kept(fresh);
}

describe('the reports', () => {
  it('are what the final records come to, whatever the order, repetition and interleaving of events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(changeOf, fc.integer({ min: 1, max: 2 })), { maxLength: 12 }),
        async (s, history) => {
          const table = new TableInMemory(s.scheduleFunction(async (call: string) => call));
          const policies = new Policies(new TableInMemory().store);
          change(table, { id: accountId, said: account });
          const deliveries = history.map(async ([what, times]) => {
            await s.schedule(Promise.resolve('a change'));
            const told = change(table, what);
            await Promise.all(
              Array.from({ length: times }, async () => {
                await s.schedule(Promise.resolve('a delivery'));
                await consume(table, policies, told);
              }),
            );
          });
          await s.waitFor(Promise.all(deliveries));
          const live = kept(table);
          expect(live).toEqual(await computedFrom(table));
          expect(JSON.stringify(live)).toBe(JSON.stringify(await computedFrom(table)));
        },
      ),
      { numRuns: 250 },
    );
  });

  it('are the same to the byte where they were rebuilt while events went on, and nothing is left of the old ones', async () => {
    const history = fc.array(changeOf, { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), history, history, async (s, before, meanwhile) => {
        const table = new TableInMemory(s.scheduleFunction(async (call: string) => call));
        const policies = new Policies(new TableInMemory().store);
        change(table, { id: accountId, said: account });
        const tellOf = async (what: (typeof before)[number]) => {
          await s.schedule(Promise.resolve('a change'));
          await consume(table, policies, change(table, what));
        };
        await s.waitFor(Promise.all(before.map(tellOf)));
        const around = { store: table.store, policies, now: () => new Date(at) };
        const pace = { until: new Date(Date.parse(at) + 1), settleMilliseconds: 0 };
        const [rebuilt] = await s.waitFor(Promise.all([rebuildReports(around, [], pace), ...meanwhile.map(tellOf)]));
        expect(rebuilt).toMatchObject({ reports: reports.map(({ name }) => name), done: true });
        const live = asGeneration(0, kept(table, 1));
        expect(JSON.stringify(live)).toBe(JSON.stringify(await computedFrom(table)));
        // Whoever read the generations before the switch may still count into the old one: the next rebuild deletes that.
        if (!meanwhile.length) expect(kept(table, 0).filter(({ pk }) => String(pk).startsWith('report#'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('keep nothing of what is archived, and no bucket that nobody counts in', async () => {
    const table = new TableInMemory();
    const policies = new Policies(table.store);
    change(table, { id: accountId, said: account });
    const [id] = saleIds as [string];
    const open = { ...sale, status: 'open', stage: 'new', amount: { amount: 5, currency: 'EUR' } };
    await consume(table, policies, change(table, { id, said: open }));
    expect(table.under('report#pipeline#0#stage').map(bucketOf)).toEqual([
      { on: '2026-01-01', key: 'new', cell: 'EUR', counts: 1, figures: { deals: 1, amount: 5, percents: 250 } },
    ]);
    await consume(table, policies, change(table, { id, said: { ...open, archivedAt: at } }));
    expect(kept(table)).toEqual([]);
  });

  it('write nothing for an event that changes nothing', async () => {
    const table = new TableInMemory();
    const policies = new Policies(table.store);
    change(table, { id: accountId, said: account });
    const told = change(table, { id: saleIds[0]!, said: { ...sale, status: 'open', stage: 'new' } });
    await consume(table, policies, told);
    const before = structuredClone(kept(table));
    const calls: string[] = [];
    const again = new TableInMemory(async (call) => calls.push(call));
    for (const item of table.items.values()) again.put(item);
    await consume(again, policies, told);
    expect(kept(again)).toEqual(before);
    expect(calls).not.toContain('TransactWriteCommand');
  });
});
