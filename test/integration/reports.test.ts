import { describe, expect, it } from 'vitest';
import type { Json, Problem } from '../../infra/local/client.ts';
import { invoke } from '../../infra/local/invoke.ts';
import { bucketsIn } from '../../shared/insights/buckets.ts';
import { generationOf, generationsOf } from '../../shared/insights/generations.ts';
import { reports } from '../../shared/insights/reports.ts';
import { person, product } from '../e2e/cast.ts';
import { eventually } from '../support/eventually.ts';
import { access, api, around, unique } from '../support/stack.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const report = (query: string): Promise<Json> => api.get(`/v1/reports/${query}`);
const rowOf = async (query: string, key: string): Promise<Json> =>
  (await report(query)).rows.find((row: Json) => row.key === key) ?? { key };
/** Asks until the figures are there: five seconds are promised, the machine may be busy. */
const soon = (query: string, key: string, figures: object) =>
  eventually(async () => expect(await rowOf(query, key)).toMatchObject(figures));

/** Somebody of a team of their own, an account of an industry of its own, and a product: rows that no other test counts in. */
async function aCorner() {
  const team = await api.post('/v1/teams', { name: unique('Team ') });
  const owner = await person('agent', { teamId: team.id, capacity: 20 });
  const industry = unique('industry');
  const account = await api.post('/v1/accounts', {
    name: unique('Acme '),
    industry,
    billingAddress: { street: 'Main Street 1', city: 'Oslo', country: 'NO' },
  });
  return { team, owner, industry, account, desk: await product() };
}

describe('sales', () => {
  it('counts history by its own dates, by owner, team, product and industry; what moves, moves with it', async () => {
    const { team, owner, industry, account, desk } = await aCorner();
    const sale = (stage: string, amount: number, closeOn: string) =>
      api.post('/v1/opportunities', {
        ...{ accountId: account.id, ownerId: owner.id, products: [desk.id], name: 'Desks', stage, amount: eur(amount) },
        ...{ openedOn: '2017-01-01', closeOn },
        ...(stage === 'lost' && { lostReason: 'price' }),
      });
    await sale('won', 100_00, '2017-02-10');
    const second = await sale('won', 50_00, '2017-03-02');
    await sale('lost', 70_00, '2017-05-01');
    const all = { won: 2, lost: 1, amountWon: 150_00, winRate: 2 / 3, averageDays: 50 };
    await soon('sales?by=owner', owner.id, { ...all, label: owner.name });
    await soon('sales?by=team', team.id, { ...all, label: team.name });
    await soon('sales?by=product', desk.id, { ...all, label: desk.name });
    await soon('sales?by=industry', industry, all);
    await soon('sales?by=owner&from=2017-01-01&to=2017-02-28', owner.id, { won: 1, lost: 0, amountWon: 100_00 });

    await api.patch(`/v1/accounts/${account.id}`, { industry: `${industry}-2` });
    await soon('sales?by=industry', `${industry}-2`, all);
    expect(await rowOf('sales?by=industry', industry)).toEqual({ key: industry });

    await api.post(`/v1/opportunities/${second.id}/reopen`);
    await soon('sales?by=owner', owner.id, { won: 1, lost: 1, amountWon: 100_00 });
    await soon('pipeline?by=owner', owner.id, { count: 1, amount: 50_00 });
    await soon('forecast?by=owner', owner.id, { closed: 100_00, overdue: 50_00, openPipeline: 0 });
    await api.delete(`/v1/opportunities/${second.id}`);
    await eventually(async () => expect(await rowOf('pipeline?by=owner', owner.id)).toEqual({ key: owner.id }));
    await api.post(`/v1/opportunities/${second.id}/restore`);
    await soon('workload?by=user', owner.id, { openOpportunities: 1, capacity: 20 });
  });
});

describe('from a lead to its payment', () => {
  it('funnel, revenue and receivables follow, and go back with what is taken back', async () => {
    const { owner, account, desk } = await aCorner();
    const campaignless = await api.post('/v1/leads', {
      source: 'referral',
      email: `jo@${unique('acme')}.example`,
      company: 'X',
    });
    await api.post(`/v1/leads/${campaignless.id}/assign`, { ownerId: owner.id });
    await api.post(`/v1/leads/${campaignless.id}/qualify`);
    await soon('funnel?by=owner', owner.id, { captured: 1, qualified: 1, converted: 0 });
    await api.post(`/v1/leads/${campaignless.id}/convert`, { opportunity: { name: 'Desks', amount: eur(100_00) } });
    await soon('funnel?by=owner', owner.id, { captured: 1, qualified: 1, converted: 1, won: 0, invoiced: 0, paid: 0 });
    await api.post(`/v1/leads/${campaignless.id}/undo-convert`);
    await soon('funnel?by=owner', owner.id, { qualified: 1, converted: 0 });

    const lines = [{ productId: desk.id, quantity: '2' }];
    const draft = await api.post('/v1/invoices', { accountId: account.id, lines });
    const invoice = await api.post(`/v1/invoices/${draft.id}/issue`);
    const { net, gross } = invoice.totals;
    await soon('revenue?by=product', desk.id, { invoiced: net.amount, credited: 0, net: net.amount, paid: 0 });
    await soon('receivables?by=account', account.id, { count: 1, open: gross.amount });
    const reference = unique('BANK-');
    await api.post(`/v1/invoices/${invoice.id}/payments`, { amount: gross, method: 'transfer', reference });
    await soon('revenue?by=account', account.id, { invoiced: net.amount, paid: net.amount });
    await eventually(async () =>
      expect(await rowOf('receivables?by=account', account.id)).toEqual({ key: account.id }),
    );
    await api.post(`/v1/invoices/${invoice.id}/credit-notes`, {
      lines: [{ lineId: '1', quantity: '1' }],
      reason: 'Broken',
    });
    const half = net.amount / 2;
    await soon('revenue?by=product', desk.id, { invoiced: net.amount, credited: half, net: half, paid: half });
    await soon('revenue?by=country', 'NO', {});
  });
});

describe('a report', () => {
  it('has the shape of the contract, and says as of when', async () => {
    const answer = await report('cases?from=2026-01-01&to=2026-12-31&by=priority');
    expect(Object.keys(answer)).toEqual(
      expect.arrayContaining(['name', 'from', 'to', 'by', 'currency', 'asOf', 'lastEventId', 'rows', 'totals']),
    );
    expect(answer).toMatchObject({
      name: 'cases',
      from: '2026-01-01',
      to: '2026-12-31',
      by: 'priority',
      currency: 'EUR',
    });
  });

  it('shows a write whose consistency token comes with the request', async () => {
    const { owner, account } = await aCorner();
    const body = { accountId: account.id, ownerId: owner.id, name: 'Desks', amount: eur(7_00) };
    const headers = { authorization: `Bearer ${access.apiKey}`, 'content-type': 'application/json' };
    const written = await fetch(`${access.apiUrl}/v1/opportunities`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const token = written.headers.get('x-consistency-token')!;
    const answer = await fetch(`${access.apiUrl}/v1/reports/pipeline?by=owner`, {
      headers: { ...headers, 'x-consistency-token': token },
    });
    const { rows } = (await answer.json()) as Json;
    expect(rows).toContainEqual(expect.objectContaining({ key: owner.id, count: 1, amount: 7_00, weighted: 70 }));
  });

  it('refuses a division that it has not, dates that are none, and a name that is none', async () => {
    const refused = (query: string) => report(query).catch((error: Problem) => error);
    expect(await refused('sales?by=moon')).toMatchObject({
      status: 400,
      body: {
        code: 'request.invalid',
        errors: [{ pointer: '#/by', detail: expect.stringContaining('month, quarter, owner') }],
      },
    });
    expect(await refused('sales?from=2026-13-01')).toMatchObject({ status: 400 });
    expect(await refused('sales?from=2026-02-01&to=2026-01-01')).toMatchObject({ status: 400 });
    expect(await refused('nothing')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('forecast') },
    });
    expect(await refused('sales?colour=red')).toMatchObject({ status: 400 });
  });
});

describe('a rebuild', () => {
  const { store } = around();
  /** Every bucket of a report, to the byte, but for the number of its generation. */
  const bucketsOf = async (name: string): Promise<string> => {
    const { current } = generationOf(await generationsOf(store), name);
    const { by } = reports.find((one) => one.name === name)!;
    const dimensions = [...new Set(Object.values(by).map(({ dimension }) => dimension))];
    const items = await Promise.all(dimensions.map((one) => store.queryAll(bucketsIn(name, current, one), true)));
    return JSON.stringify(items.flat()).replaceAll(`report#${name}#${current}#`, `report#${name}#`);
  };
  const rebuild = (names: string[]): Promise<Json> =>
    invoke('functions/scheduled/rebuild-reports.ts', { reports: names });

  it('ends at the bytes of the live reports, and goes on from there', async () => {
    const { owner, account } = await aCorner();
    const body = { accountId: account.id, ownerId: owner.id, name: 'Desks', amount: eur(7_00) };
    const sale = await api.post('/v1/opportunities', body);
    await soon('pipeline?by=owner', owner.id, { count: 1 });
    await api.post(`/v1/opportunities/${sale.id}/win`);
    await soon('sales?by=owner', owner.id, { won: 1 });
    const names = ['sales', 'revenue', 'cases'];
    const before = await generationsOf(store);
    // What the processes of other tests still change meanwhile, is tried again.
    await eventually(async () => {
      const live = await Promise.all(names.map(bucketsOf));
      expect(await rebuild(names)).toEqual({ reports: names, walked: expect.any(Number), done: true });
      expect(await Promise.all(names.map(bucketsOf))).toEqual(live);
    }, 60_000);
    const after = await generationsOf(store);
    for (const name of names)
      expect(generationOf(after, name).current).toBeGreaterThan(generationOf(before, name).current);
    await api.post(`/v1/opportunities/${sale.id}/reopen`);
    await soon('pipeline?by=owner', owner.id, { count: 1 });
    expect(await rowOf('sales?by=owner', owner.id)).toEqual({ key: owner.id });
  });
});
