import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { newId } from '../../shared/core/ids.ts';
import type { Envelope } from '../../shared/events/event.ts';
import { keepFigures } from '../../shared/insights/keep-figures.ts';
import { readOverview } from '../../shared/insights/overview.ts';
import { Crm, run } from '../../shared/store/command.ts';
import { Policies } from '../../shared/store/policies.ts';
import { storeOver } from '../../shared/store/surroundings.ts';
import { access, api, around, unique } from '../support/stack.ts';

const anAccount = (): Promise<Json> => api.post('/v1/accounts', { name: unique('Acme ') });
const on = () => ({ now: new Date(), actor: { kind: 'system', id: 'test' } as const, correlationId: 'test' });

/** An event of a record that is not there: the figures are kept from events alone. */
const told = (accountId: string, type: string, recordId: string, recordVersion: number, data: object): Envelope => ({
  id: newId('evt', new Date(), accountId),
  type,
  schemaVersion: 1,
  occurredAt: new Date().toISOString(),
  accountId,
  recordId,
  recordVersion,
  status: 'issued',
  actor: { kind: 'system', id: 'test' },
  correlationId: 'test',
  changes: {},
  data: data as Envelope['data'],
});
const eur = (amount: number) => ({ amount, currency: 'EUR' });

describe("a customer's file", () => {
  it('shows what is open, who is there and what happened last', async () => {
    const { id } = await anAccount();
    const contact = await api.post('/v1/contacts', { accountId: id, firstName: 'Jo' });
    const open = await api.post('/v1/opportunities', { accountId: id, name: 'Open', amount: eur(5) });
    await api.post('/v1/opportunities', { accountId: id, name: 'Lost', stage: 'lost' });
    const task = await api.post('/v1/tasks', { title: 'Call Jo', accountId: id });
    const overview = await api.get(`/v1/accounts/${id}/overview`);
    expect(overview.account).toMatchObject({ id, stage: 'prospect' });
    expect(overview.contacts).toEqual([expect.objectContaining({ id: contact.id, firstName: 'Jo' })]);
    expect(overview.open.opportunities).toEqual([
      expect.objectContaining({ id: open.id, name: 'Open', stage: 'new', amount: eur(5) }),
    ]);
    expect(overview.open.tasks.map((one: Json) => one.id)).toEqual([task.id]);
    expect(overview.figures).toEqual({ revenue: eur(0), openReceivables: eur(0) });
    expect(overview.timeline.map(({ type }: Json) => type)).toEqual([
      'task.opened',
      'opportunity.opened',
      'opportunity.opened',
      'contact.created',
      'account.created',
    ]);
  });

  it('takes two Queries and one BatchGet, however much happened', async () => {
    const { id } = await anAccount();
    const asked: string[] = [];
    const client = new DynamoDBClient({});
    const store = storeOver(access.tableName, client);
    store.client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          asked.push(commandName ?? '');
          return next(args);
        },
      { step: 'initialize' },
    );
    for (let n = 0; n < 30; n++) await api.patch(`/v1/accounts/${id}`, { industry: `industry ${n}` });
    const policies = new Policies(around().store);
    const { timeline } = await readOverview(new Crm(store, policies, on()), { id });
    expect(timeline).toHaveLength(20);
    expect(asked.map((name) => name.replace('Command', '')).sort()).toEqual(['BatchGetItem', 'Query', 'Query']);
  });

  it('is not there for an account that is not', async () => {
    for (const part of ['overview', 'timeline'])
      await expect(api.get(`/v1/accounts/acc_${'0'.repeat(26)}/${part}`)).rejects.toMatchObject({ status: 404 });
  });
});

describe('the timeline', () => {
  it('goes back through everything, page by page, without a gap', async () => {
    const { id } = await anAccount();
    for (let n = 0; n < 7; n++) await api.patch(`/v1/accounts/${id}`, { industry: `industry ${n}` });
    for (const limit of [1, 3, 4, 8, 50]) {
      const versions: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Json = await api.get(
          `/v1/accounts/${id}/timeline?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
        );
        expect(page.data.length).toBeLessThanOrEqual(limit);
        versions.push(...page.data.map(({ recordVersion }: Json) => recordVersion));
        cursor = page.nextCursor;
      }
      expect(versions).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    }
  });

  it('shows the types that are asked for', async () => {
    const { id } = await anAccount();
    await api.post('/v1/contacts', { accountId: id, firstName: 'Jo' });
    const address = `/v1/accounts/${id}/timeline?types=account.created,contact.created&limit=1`;
    const { data, nextCursor } = await api.get(address);
    expect(data.map(({ type }: Json) => type)).toEqual(['contact.created']);
    const next = await api.get(`${address}&cursor=${nextCursor}`);
    expect(next).toMatchObject({ data: [{ type: 'account.created' }], nextCursor: null });
  });
});

describe('the figures', () => {
  it('come out exact where events come twice, at once and in any order; who orders is a customer', async () => {
    const { id } = await anAccount();
    const ids = { one: newId('inv', new Date(), id), two: newId('inv', new Date(), id) };
    const events = [
      told(id, 'invoice.issued', ids.one, 2, { totals: { net: eur(1000), open: eur(1190) } }),
      told(id, 'invoice.partlyPaid', ids.one, 3, { totals: { net: eur(1000), open: eur(190) } }),
      told(id, 'invoice.issued', ids.two, 1, { totals: { net: eur(500), open: eur(595) } }),
      told(id, 'creditNote.issued', newId('crn', new Date(), id), 1, { totals: { net: eur(200) } }),
      told(id, 'order.confirmed', newId('ord', new Date(), id), 1, {}),
    ];
    const { store, policies } = around();
    for (const round of [[...events].reverse(), events])
      await Promise.all(round.map((event) => run(store, policies, on(), keepFigures, event)));
    const { figures, account, timeline } = await api.get(`/v1/accounts/${id}/overview`);
    expect(figures).toEqual({
      revenue: eur(1300),
      openReceivables: eur(785),
      lastOrderAt: events.at(-1)?.occurredAt,
    });
    expect(account).toMatchObject({ stage: 'customer', version: 2 });
    expect(timeline.map(({ type }: Json) => type)).toEqual(['account.updated', 'account.created']);
  });
});
