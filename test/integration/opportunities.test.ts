import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { client } from '../../infra/local/client.ts';
import { InvoiceIssued } from '../../shared/commerce/invoice.ts';
import { newId } from '../../shared/core/ids.ts';
import { codeOf, refusal } from '../support/refusal.ts';
import { access, api, around, processOf, unique } from '../support/stack.ts';

const ids = ({ data }: Json): string[] => data.map(({ id }: Json) => id);

let accountId: string;
let sales: Json;
beforeAll(async () => {
  accountId = (await api.post('/v1/accounts', { name: unique('Acme ') })).id;
  sales = (await api.get('/v1/pipelines')).data.find(({ isDefault }: Json) => isDefault);
});
const open = (more: object = {}): Promise<Json> =>
  api.post('/v1/opportunities', { accountId, name: unique('Sale '), ...more });
const stages = (requires: string[] = []) => [
  { key: 'idea', name: 'Idea' },
  { key: 'plan', name: 'Plan', probability: 40, requires },
  { key: 'yes', name: 'Yes', kind: 'won' },
  { key: 'no', name: 'No', kind: 'lost' },
];

const eur = (amount: number) => ({ amount, currency: 'EUR' });

/** An invoice of an order as it stands once issued. */
async function issued(accountId: string, orderId: string): Promise<void> {
  const { store } = around();
  const on = { now: new Date(), actor: { kind: 'system', id: 'test' } as const, correlationId: 'test' };
  const zero = eur(0);
  const totals = { net: zero, tax: zero, gross: zero, paid: zero, credited: zero, writtenOff: zero, open: zero };
  const id = newId('inv', on.now, accountId);
  const invoice = { id, accountId, orderId, currency: 'EUR', status: 'issued' as const, lines: [], taxes: [], totals };
  await store.commit(on, [InvoiceIssued(undefined, { ...invoice, number: unique('2026-') })], () => undefined);
}

describe('pipelines', () => {
  it('begin with the default one, before anybody makes any', () => {
    expect(sales).toMatchObject({ name: 'sales', isDefault: true, currency: 'EUR' });
    expect(sales.stages.map(({ key }: Json) => key)).toEqual([
      'new',
      'discovery',
      'proposal',
      'negotiation',
      'won',
      'lost',
    ]);
  });

  it('fill in what a stage implies', async () => {
    const pipeline = await api.post('/v1/pipelines', { name: unique('p'), stages: stages() });
    expect(pipeline.stages.map(({ probability, category }: Json) => [probability, category])).toEqual([
      [50, 'pipeline'],
      [40, 'pipeline'],
      [100, 'closed'],
      [0, 'omitted'],
    ]);
    expect(await codeOf(api.post('/v1/pipelines', { name: 'p', stages: stages().slice(0, -1) }))).toBe(
      'request.invalid',
    );
  });

  it('keep the stages that are in use, and go only when nothing stands in them', async () => {
    const { id } = await api.post('/v1/pipelines', { name: unique('p'), stages: stages() });
    const sale = await open({ pipelineId: id, stage: 'plan' });
    const without = { stages: stages().filter(({ key }) => key !== 'plan') };
    expect(await codeOf(api.patch(`/v1/pipelines/${id}`, without))).toBe('record.wrongState');
    expect(await codeOf(api.delete(`/v1/pipelines/${id}`))).toBe('record.wrongState');
    await api.post(`/v1/opportunities/${sale.id}/move`, { stage: 'idea' });
    expect((await api.patch(`/v1/pipelines/${id}`, without)).stages).toHaveLength(3);
    await api.post(`/v1/opportunities/${sale.id}/lose`, { reason: 'price' });
    await api.delete(`/v1/pipelines/${id}`);
    expect(ids(await api.get('/v1/pipelines'))).not.toContain(id);
    await api.post(`/v1/pipelines/${id}/restore`);
    expect(ids(await api.get('/v1/pipelines'))).toContain(id);
  });

  it('have exactly one default, however it changes', async () => {
    const next = await api.post('/v1/pipelines', { name: unique('p'), stages: stages(), isDefault: true });
    try {
      const { data } = await api.get('/v1/pipelines');
      expect(data.filter(({ isDefault }: Json) => isDefault).map(({ id }: Json) => id)).toEqual([next.id]);
      expect(await open()).toMatchObject({ pipelineId: next.id, stage: 'idea' });
      expect(await codeOf(api.delete(`/v1/pipelines/${next.id}`))).toBe('record.wrongState');
      expect(await codeOf(api.patch(`/v1/pipelines/${next.id}`, { isDefault: false }))).toBe('record.wrongState');
    } finally {
      await api.patch(`/v1/pipelines/${sales.id}`, { isDefault: true });
    }
    const { data } = await api.get('/v1/pipelines');
    expect(data.filter(({ isDefault }: Json) => isDefault).map(({ id }: Json) => id)).toEqual([sales.id]);
  });
});

describe('opportunities', () => {
  it('open in the first stage of the default pipeline', async () => {
    const amount = { amount: 1_100_000, currency: 'EUR' };
    expect(await open({ amount, closeOn: '2027-01-31' })).toMatchObject({
      version: 1,
      status: 'open',
      pipelineId: sales.id,
      stage: 'new',
      probability: 10,
      forecastCategory: 'pipeline',
      amount,
    });
  });

  it('refuse what leads nowhere', async () => {
    const { body } = await refusal(
      open({ contactIds: [`con_${'0'.repeat(40)}`], products: [`prd_${'0'.repeat(26)}`] }),
    );
    expect(body['code']).toBe('reference.unknown');
    expect((body['errors'] as Json[]).map(({ pointer }) => pointer)).toEqual(['#/contactIds/0', '#/products/0']);
    expect(await codeOf(open({ stage: 'dreaming' }))).toBe('opportunity.stageUnknown');
    expect(await codeOf(open({ pipelineId: `pip_${'0'.repeat(26)}` }))).toBe('reference.unknown');
  });

  it('go through their stages, are won, and reopen', async () => {
    const { id } = await open();
    const verb = (name: string, body: object = {}) => api.post(`/v1/opportunities/${id}/${name}`, body);
    expect(await verb('move', { stage: 'proposal' })).toMatchObject({ stage: 'proposal', probability: 50, version: 2 });
    expect(await verb('move', { stage: 'proposal' })).toMatchObject({ version: 2 });
    expect(await verb('move', { stage: 'discovery' })).toMatchObject({ stage: 'discovery', probability: 25 });
    expect(await codeOf(verb('move', { stage: 'dreaming' }))).toBe('opportunity.stageUnknown');
    expect(await codeOf(verb('reopen'))).toBe('record.wrongState');
    expect(await codeOf(verb('lose'))).toBe('request.invalid');
    expect(await codeOf(verb('move', { stage: 'lost' }))).toBe('opportunity.fieldsMissing');
    expect(await verb('win')).toMatchObject({ status: 'won', stage: 'won', probability: 100 });
    expect(await codeOf(verb('move', { stage: 'discovery' }))).toBe('record.wrongState');
    expect(await verb('reopen')).toMatchObject({ status: 'open', stage: 'discovery', reopened: 1 });
    const lost = await verb('move', { stage: 'lost', reason: 'price' });
    expect(lost).toMatchObject({ status: 'lost', lostReason: 'price' });
  });

  it('must have what the stages on their way ask for', async () => {
    const pipeline = await api.post('/v1/pipelines', { name: unique('p'), stages: stages(['amount']) });
    const { id } = await open({ pipelineId: pipeline.id });
    const { status, body } = await refusal(api.post(`/v1/opportunities/${id}/win`));
    expect(status).toBe(422);
    expect((body['errors'] as Json[]).map(({ pointer }) => pointer)).toEqual(['#/amount']);
    await api.patch(`/v1/opportunities/${id}`, { amount: { amount: 1, currency: 'EUR' } });
    expect(await api.post(`/v1/opportunities/${id}/win`)).toMatchObject({ status: 'won', stage: 'yes' });
  });

  it('keep an override until they move, and count how often their closing is put off', async () => {
    const { id } = await open({ closeOn: '2027-01-31' });
    const edit = (patch: object) => api.patch(`/v1/opportunities/${id}`, patch);
    expect(await edit({ probability: 80, closeOn: '2027-02-28' })).toMatchObject({ probability: 80, pushed: 1 });
    expect(await edit({ closeOn: '2027-01-01' })).toMatchObject({ probability: 80, pushed: 1 });
    expect(await edit({ probability: null })).toMatchObject({ probability: 10 });
    await edit({ probability: 80 });
    expect(await api.post(`/v1/opportunities/${id}/move`, { stage: 'proposal' })).toMatchObject({ probability: 50 });
    expect(await codeOf(edit({ stage: 'won' }))).toBe('request.invalid');
  });

  it('are listed by account, owner, stage and status', async () => {
    const owner = await api.post('/v1/users', { name: 'Ada', email: `${unique('ada')}@ours.example`, role: 'agent' });
    const account = await api.post('/v1/accounts', { name: unique('Acme ') });
    const one = await open({ accountId: account.id, ownerId: owner.id, stage: 'negotiation' });
    const other = await open({ accountId: account.id, ownerId: owner.id, stage: 'won', closeOn: '2025-05-05' });
    expect(other).toMatchObject({ status: 'won', closedOn: '2025-05-05', openedOn: '2025-05-05' });
    const list = async (query: string) => ids(await api.get(`/v1/opportunities?limit=200&${query}`));
    expect(await list(`accountId=${account.id}`)).toEqual([other.id, one.id]);
    expect(await list(`accountId=${account.id}&status=open`)).toEqual([one.id]);
    expect(await list(`ownerId=${owner.id}`)).toEqual([other.id, one.id]);
    expect(await list(`ownerId=${owner.id}&status=won`)).toEqual([other.id]);
    expect(await list('stage=negotiation')).toContain(one.id);
    const won = await list('status=won');
    expect(won).toContain(other.id);
    expect(won).not.toContain(one.id);
    expect(await codeOf(api.get('/v1/opportunities?stage=new&status=open'))).toBe('query.notIndexed');
  });

  it('count each move once where many move at the same time', async () => {
    const { id } = await open();
    const keys = ['discovery', 'proposal', 'negotiation'];
    await Promise.all(keys.map((stage) => api.post(`/v1/opportunities/${id}/move`, { stage })));
    const { version, stage } = await api.get(`/v1/opportunities/${id}`);
    expect(version).toBe(4);
    const { data } = await api.get(`/v1/accounts/${accountId}/timeline?types=opportunity.moved&limit=3`);
    expect(data.map(({ recordVersion }: Json) => recordVersion)).toEqual(expect.arrayContaining([2, 3, 4]));
    expect(data.find(({ recordVersion }: Json) => recordVersion === 4).data.stage).toBe(stage);
  });
});

describe('the conversion of a lead', () => {
  const qualified = async (more: object = {}): Promise<Json> => {
    const word = unique('acme');
    const lead = await api.post('/v1/leads', {
      source: 'form',
      email: `jo@${word}.example`,
      firstName: 'Jo',
      company: word,
      phone: '+34 612 345 678',
      budget: { amount: 1_500_000, currency: 'EUR' },
      ...more,
    });
    return api.post(`/v1/leads/${lead.id}/qualify`);
  };
  const convert = (lead: Json, body: object = {}): Promise<Json> => api.post(`/v1/leads/${lead.id}/convert`, body);
  const undo = (lead: Json): Promise<Json> => api.post(`/v1/leads/${lead.id}/undo-convert`);

  it('makes an opportunity with the words of the request', async () => {
    const lead = await qualified();
    const said = { name: '20 x GTX', amount: { amount: 1_100_000, currency: 'EUR' }, closeOn: '2027-01-31' };
    const converted = await convert(lead, { opportunity: said });
    expect(converted).toEqual({
      leadId: lead.id,
      accountId: lead.accountId,
      contactId: lead.contactId,
      opportunityId: expect.stringMatching(/^opp_/),
    });
    expect(await api.get(`/v1/opportunities/${converted.opportunityId}`)).toMatchObject({
      ...said,
      source: 'form',
      contactIds: [lead.contactId],
    });
    expect(await api.get(`/v1/leads/${lead.id}`)).toMatchObject({ status: 'converted' });
    const { data: tasks } = await api.get(`/v1/tasks?recordId=${lead.id}`);
    expect(tasks.filter(({ status }: Json) => status === 'open')).toEqual([]);
  });

  it('happens once: again under its key it answers the same, without it is refused', async () => {
    const lead = await qualified();
    const key = { 'idempotency-key': unique('key') };
    const once = await api.post(`/v1/leads/${lead.id}/convert`, {}, key);
    expect(await api.post(`/v1/leads/${lead.id}/convert`, {}, key)).toEqual(once);
    expect(await codeOf(convert(lead))).toBe('record.wrongState');
    expect(ids(await api.get(`/v1/opportunities?accountId=${lead.accountId}`))).toEqual([once.opportunityId]);
  });

  it('happens once where many ask at the same time', async () => {
    const lead = await qualified();
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => convert(lead)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ids(await api.get(`/v1/opportunities?accountId=${lead.accountId}`))).toHaveLength(1);
  });

  it('is taken back, and done again', async () => {
    const lead = await qualified();
    const { opportunityId } = await convert(lead);
    const undone = await undo(lead);
    expect(undone).toMatchObject({ id: lead.id, status: 'qualified' });
    expect(undone.converted).toBeUndefined();
    expect(undone.dueAt).toBeDefined();
    expect(await api.get(`/v1/opportunities/${opportunityId}`)).toHaveProperty('archivedAt');
    expect(ids(await api.get(`/v1/opportunities?accountId=${lead.accountId}`))).toEqual([]);
    expect(await codeOf(undo(lead))).toBe('record.wrongState');
    expect((await convert(lead)).opportunityId).not.toBe(opportunityId);
  });

  it('goes into another account with the contact, and back', async () => {
    const lead = await qualified();
    const target = await api.post('/v1/accounts', { name: unique('Group ') });
    const { email } = await api.get(`/v1/leads/${lead.id}`);
    const { contactId, opportunityId } = await convert(lead, { account: { id: target.id, industry: 'steel' } });
    expect(await api.get(`/v1/contacts/${contactId}`)).toMatchObject({ accountId: target.id, emails: [email] });
    expect(await api.get(`/v1/opportunities/${opportunityId}`)).toMatchObject({ accountId: target.id });
    expect(await api.get(`/v1/accounts/${target.id}`)).toMatchObject({ industry: 'steel', name: target.name });
    await undo(lead);
    expect(ids(await api.get(`/v1/contacts?email=${email}`))).toEqual([lead.contactId]);
    expect(await api.get(`/v1/contacts/${lead.contactId}`)).not.toHaveProperty('archivedAt');
  });

  /** A lead that was converted, and what was sold to it. */
  async function sold(): Promise<{ lead: Json; opportunityId: string; orderId: string }> {
    const lead = await qualified();
    const { opportunityId } = await convert(lead);
    const product = await api.post('/v1/products', {
      sku: unique('GTX-'),
      name: 'GTX',
      unit: 'piece',
      price: eur(100),
    });
    const quote = await api.post('/v1/quotes', { opportunityId, lines: [{ productId: product.id, quantity: '2' }] });
    for (const verb of ['submit', 'send']) await api.post(`/v1/quotes/${quote.id}/${verb}`);
    const { orderId } = await api.post(`/v1/quotes/${quote.id}/accept`, { name: 'Jo' });
    return { lead, opportunityId, orderId };
  }

  it('is taken back until an invoice is issued for what was sold', async () => {
    const { lead, opportunityId, orderId } = await sold();
    expect(await api.get(`/v1/opportunities/${opportunityId}`)).toMatchObject({ status: 'won', orderId });
    expect(await codeOf(api.post(`/v1/opportunities/${opportunityId}/reopen`))).toBe('record.wrongState');
    expect(await codeOf(api.delete(`/v1/opportunities/${opportunityId}`))).toBe('record.wrongState');
    await issued(lead.accountId, orderId);
    expect(await codeOf(undo(lead))).toBe('lead.conversionFixed');
    expect(await api.get(`/v1/leads/${lead.id}`)).toMatchObject({ status: 'converted' });
  });

  it('is taken back with the order that came of it', async () => {
    const { lead, opportunityId, orderId } = await sold();
    await processOf(orderId, 'order-to-cash', 'waiting');
    expect(await undo(lead)).toMatchObject({ status: 'qualified' });
    expect(await api.get(`/v1/orders/${orderId}`)).toMatchObject({
      status: 'cancelled',
      cancelledReason: 'Conversion undone',
    });
    expect(await api.get(`/v1/opportunities/${opportunityId}`)).toHaveProperty('archivedAt');
    expect(await processOf(orderId, 'order-to-cash', 'succeeded')).toMatchObject({ outcome: 'Cancelled' });
    const fulfilments = { lines: [{ lineId: '1', quantity: '1' }] };
    expect(await codeOf(api.post(`/v1/orders/${orderId}/fulfilments`, fulfilments))).toBe('record.wrongState');
    expect((await api.get(`/v1/invoices?orderId=${orderId}`)).data).toEqual([]);
  });

  it('is taken back after the order was cancelled, but not once some of it was delivered', async () => {
    const [first, second] = [await sold(), await sold()];
    await api.post(`/v1/orders/${first.orderId}/cancel`, {});
    expect(await undo(first.lead)).toMatchObject({ status: 'qualified' });
    await api.post(`/v1/orders/${second.orderId}/fulfilments`, { lines: [{ lineId: '1', quantity: '1' }] });
    expect(await codeOf(undo(second.lead))).toBe('lead.conversionFixed');
    expect(await api.get(`/v1/orders/${second.orderId}`)).toMatchObject({ status: 'partlyFulfilled' });
    expect(await api.get(`/v1/leads/${second.lead.id}`)).toMatchObject({ status: 'converted' });
  });

  it('makes no opportunity where none is wanted', async () => {
    const converted = await convert(await qualified(), { opportunity: null });
    expect(converted).not.toHaveProperty('opportunityId');
  });

  it('joins an open opportunity of the account, and no other', async () => {
    const lead = await qualified();
    const known = await open({ accountId: lead.accountId });
    expect(await codeOf(convert(lead, { opportunity: { id: (await open()).id } }))).toBe('reference.unknown');
    expect(await convert(lead, { opportunity: { id: known.id } })).toMatchObject({ opportunityId: known.id });
    expect(await api.get(`/v1/opportunities/${known.id}`)).toMatchObject({
      name: known.name,
      contactIds: [lead.contactId],
      amount: lead.budget,
    });
    await undo(lead);
    expect(await api.get(`/v1/opportunities/${known.id}`)).not.toHaveProperty('archivedAt');
  });

  it('is only for qualified leads, and says all that is wrong with it', async () => {
    const lead = await api.post('/v1/leads', { email: `${unique('jo')}@acme.example` });
    expect(await codeOf(convert(lead))).toBe('record.wrongState');
    const ready = await qualified();
    expect(await codeOf(convert(ready, { opportunity: { stage: 'dreaming' } }))).toBe('opportunity.stageUnknown');
    expect(await codeOf(convert(ready, { account: { id: `acc_${'0'.repeat(26)}` } }))).toBe('reference.unknown');
  });

  it('is only looked at where it is only to be checked', async () => {
    const lead = await qualified();
    await api.post(`/v1/leads/${lead.id}/convert?validateOnly=true`, {});
    expect(await api.get(`/v1/leads/${lead.id}`)).toMatchObject({ status: 'qualified', version: lead.version });
  });

  it('belongs to those who may write leads', async () => {
    const lead = await qualified();
    const { secret } = await api.post('/v1/api-keys', { name: unique('key'), role: 'viewer' });
    expect(await codeOf(client(access.apiUrl, secret).post(`/v1/leads/${lead.id}/convert`))).toBe('access.forbidden');
  });
});
