import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CreditNote } from '../../../shared/commerce/credit-note.ts';
import type { Order } from '../../../shared/commerce/order.ts';
import { keyOf, newId } from '../../../shared/core/ids.ts';
import type { Envelope } from '../../../shared/events/event.ts';
import { noYield, readYield } from '../../../shared/marketing/campaign-yield.ts';
import { keepYield } from '../../../shared/marketing/keep-yield.ts';
import type { Lead } from '../../../shared/sales/lead.ts';
import type { Opportunity } from '../../../shared/sales/opportunity.ts';
import { Crm } from '../../../shared/store/command.ts';
import { Policies } from '../../../shared/store/policies.ts';
import { Overtaken } from '../../../shared/store/store.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';
import { accountId, around, draft, eur, issued, line, now } from '../commerce/an-invoice.ts';

const at = now.toISOString();
const [p, q] = [newId('cmp', now), newId('cmp', now)];
const [leadId, saleId, orderId] = ['lea', 'opp', 'ord'].map((prefix) => newId(prefix, now, accountId)) as [
  string,
  string,
  string,
];
const invoices = [0, 1].map((n) => ({
  ...{ ...issued([line('1', '1', 10_000 + n, 10_000 + n)]), id: newId('inv', now, accountId), orderId },
}));
const creditIds = invoices.map(() => newId('crn', now, accountId));
const stamps = { createdAt: at, updatedAt: at, createdBy: 'test' };

const lead: Omit<Lead, 'version'> = {
  ...{ ...stamps, id: leadId, accountId, source: 'campaign', status: 'new', hops: 0, passedBy: [] },
  score: { fit: 1, engagement: 1, grade: 'C3', reasons: [] },
};
const sale: Omit<Opportunity, 'version'> = {
  ...{ ...stamps, id: saleId, accountId, name: 'Desks', contactIds: [], probability: 100, forecastCategory: 'closed' },
  ...{ openedOn: '2026-01-01', pipelineId: newId('pip', now), stage: 'won', status: 'won', stageAt: at, orderId },
  ...{ reopened: 0, pushed: 0 },
};
const order: Order = {
  ...{ ...stamps, version: 1, id: orderId, accountId, billToAccountId: accountId, opportunityId: saleId },
  ...{ number: 'O-2026-0001', status: 'confirmed', currency: 'EUR', lines: [], invoicePolicy: 'ordered' },
  ...{ fulfilments: [], totals: { net: eur(20_001), discount: eur(0), taxes: [], gross: eur(20_001) } },
};
const credit = (n: number): Omit<CreditNote, 'version'> => {
  const { id: invoiceId, number = '', buyer, seller } = invoices[n]!;
  return {
    ...{ ...stamps, id: creditIds[n]!, accountId, invoiceId, invoiceNumber: number, orderId, number: `C-${n}` },
    ...{ issuedOn: '2026-03-02', currency: 'EUR', status: 'issued', reason: 'Returned', lines: [], taxes: [] },
    ...{ seller: seller ?? around.settings.seller, buyer: buyer!, released: [] },
    totals: { net: eur(3_000 + n), tax: eur(0), gross: eur(3_000 + n) },
  };
};

const campaignId = fc.constantFrom(p, q, undefined);
const archivedAt = fc.constantFrom(at, undefined);
const changeOf = fc.oneof(
  fc.record({ campaignId, archivedAt }).map((said) => ({ ...lead, ...said })),
  { weight: 3, arbitrary: fc.record({ campaignId, archivedAt }).map((said) => ({ ...sale, ...said })) },
  fc.constantFrom(0, 1).map((n) => ({ ...draft(), ...{ id: invoices[n]!.id, orderId } })),
  { weight: 2, arbitrary: fc.constantFrom(0, 1).map((n) => invoices[n]!) },
  fc.constantFrom(0, 1).map(credit),
);
type Changed = { id: string; campaignId?: string | undefined; archivedAt?: string | undefined };

/** Puts the next version of a record into the table, as a command would; answers what is told of it. */
function change(table: TableInMemory, record: Changed): Envelope {
  const { id } = record;
  const before = table.items.get(`${keyOf(id).pk} ${id}`);
  table.put({ ...keyOf(id), ...record, version: Number(before?.['version'] ?? 0) + 1 });
  if (id.startsWith('inv_')) table.put({ pk: `invoice#${orderId}`, sk: id, recordId: id });
  if (id.startsWith('crn_'))
    table.put({ pk: `creditNote#${invoices[creditIds.indexOf(id)]!.id}`, sk: id, recordId: id });
  const moved = { campaignId: { old: before?.['campaignId'], new: record.campaignId } };
  const changes = before?.['campaignId'] === record.campaignId ? {} : moved;
  return { type: 'record.changed', recordId: id, changes, data: {} } as unknown as Envelope;
}

/** A table with an order of the sale, and drafts of its invoices: nobody credits what was never invoiced. */
function ordered(table = new TableInMemory()): TableInMemory {
  table.put({ ...keyOf(orderId), ...order });
  for (const { id } of invoices) change(table, { ...draft(), ...{ id, orderId } });
  return table;
}

const on = { now, actor: { kind: 'system', id: 'test' }, correlationId: 'test' } as const;
const policies = new Policies(new TableInMemory().store);
/** A consumer that is told: overtaken, it begins anew. */
async function told({ store }: TableInMemory, event: Envelope): Promise<string[]> {
  for (;;) {
    try {
      return await keepYield(new Crm(store, policies, on), event);
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
}

const yieldsIn = async ({ store }: TableInMemory) =>
  Promise.all([p, q].map(async (id) => (await readYield(store, id)) ?? noYield));

/** What the records come to, as anybody would count them. */
function counted(table: TableInMemory) {
  const there = (id: string) => table.items.get(`${keyOf(id).pk} ${id}`) as (Changed & { status: string }) | undefined;
  const of = (id: string, campaign: string) => (there(id)?.campaignId === campaign && !there(id)?.archivedAt ? 1 : 0);
  return [p, q].map((campaign) => {
    const bought = there(saleId)?.campaignId === campaign;
    const revenue = [0, 1].reduce((sum, n) => {
      const billed = ['draft', undefined].includes(there(invoices[n]!.id)?.status) ? 0 : 10_000 + n;
      return sum + billed - (there(creditIds[n]!) ? 3_000 + n : 0);
    }, 0);
    return { leads: of(leadId, campaign), opportunities: of(saleId, campaign), revenue: bought ? revenue : 0 };
  });
}

describe('what came of campaigns', () => {
  it('is what the records say now, whatever the order, repetition and interleaving of events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(changeOf, fc.integer({ min: 1, max: 2 })), { maxLength: 12 }),
        async (s, history) => {
          const table = ordered(new TableInMemory(s.scheduleFunction(async (call: string) => call)));
          const deliveries = history.map(async ([record, times]) => {
            await s.schedule(Promise.resolve('a change'));
            const event = change(table, record);
            await Promise.all(
              Array.from({ length: times }, async () => {
                await s.schedule(Promise.resolve('a delivery'));
                await told(table, event);
              }),
            );
          });
          await s.waitFor(Promise.all(deliveries));
          const kept = s.waitFor(yieldsIn(table));
          expect((await kept).map(({ revenue, ...of }) => ({ ...of, revenue: revenue['EUR'] ?? 0 }))).toEqual(
            counted(table),
          );
        },
      ),
      { numRuns: 250 },
    );
  });

  it('goes with an opportunity to another campaign: what was invoiced, and what is credited later', async () => {
    const table = ordered();
    await told(table, change(table, { ...sale, campaignId: p }));
    await told(table, change(table, invoices[0]!));
    expect(await yieldsIn(table)).toMatchObject([{ opportunities: 1, revenue: { EUR: 10_000 } }, noYield]);
    const event = change(table, { ...sale, campaignId: q });
    expect((await told(table, event)).toSorted()).toEqual([p, q].toSorted());
    await told(table, change(table, credit(0)));
    expect(await yieldsIn(table)).toMatchObject([
      { opportunities: 0, revenue: { EUR: 0 } },
      { opportunities: 1, revenue: { EUR: 7_000 } },
    ]);
    // Told again, the reports hear of both: they may not have been told the first time.
    expect((await told(table, event)).toSorted()).toEqual([p, q].toSorted());
    await told(table, change(table, sale));
    expect(await yieldsIn(table)).toMatchObject([noYieldLeft, noYieldLeft]);
  });

  it('goes on from shares that were kept before they were numbered', async () => {
    const table = new TableInMemory();
    table.put({ pk: `yield#${leadId}`, sk: `yield#${leadId}`, campaignId: p, recordVersion: 1, adds: { leads: 1 } });
    table.put({ pk: p, sk: 'yield', leads: 1 });
    await told(table, change(table, { ...lead, campaignId: p, archivedAt: at }));
    await told(table, change(table, { ...lead, campaignId: q }));
    expect(await yieldsIn(table)).toMatchObject([{ leads: 0 }, { leads: 1 }]);
  });
});

const noYieldLeft = { leads: 0, opportunities: 0, revenue: { EUR: 0 } };
