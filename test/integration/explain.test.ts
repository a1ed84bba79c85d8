import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/refusal.ts';
import { api, unique } from '../support/stack.ts';

const capture = () => {
  const company = unique('explain');
  return api.post('/v1/leads', { source: 'api', email: `jo@${company}.example`, company, message: 'Desks' });
};

describe('explain', () => {
  it('says which event gave each field its value, and why', async () => {
    const { id } = await capture();
    await api.patch(`/v1/leads/${id}`, { message: 'Chairs' });
    await api.post(`/v1/leads/${id}/disqualify`, { reason: 'other', note: 'A test' });
    const { version, score } = await api.get(`/v1/leads/${id}`);
    const why = await api.post(`/v1/leads/${id}/explain`);
    expect(why).toMatchObject({ recordId: id, version, complete: true });
    expect(why.fields.status).toMatchObject({ value: 'disqualified', type: 'lead.disqualified' });
    expect(why.fields.message).toMatchObject({ value: 'Chairs', type: 'lead.updated', actor: { kind: 'key' } });
    expect(why.fields.score).toMatchObject({
      value: score,
      type: 'lead.captured',
      reasons: expect.arrayContaining([expect.stringContaining('names a company')]),
      policy: { name: 'lead-scoring' },
    });
    expect(why.events.map(({ recordVersion }: { recordVersion: number }) => recordVersion)).toEqual(
      Array.from({ length: version }, (_, n) => version - n),
    );
  });

  it('reads no further than the record goes back, whatever else its account has seen', async () => {
    const { id, accountId } = await capture();
    const before = await api.post(`/v1/leads/${id}/explain`);
    for (const name of ['A', 'B', 'C']) await api.patch(`/v1/accounts/${accountId}`, { industry: name });
    expect(await api.post(`/v1/accounts/${accountId}/explain`)).toMatchObject({
      fields: { industry: { value: 'C', type: 'account.updated' } },
      complete: true,
    });
    const { events } = await api.post(`/v1/leads/${id}/explain`);
    expect(events.slice(-before.events.length)).toEqual(before.events);
  });

  it('answers for records without an account, and for those that nobody has changed', async () => {
    const { data } = await api.get('/v1/pipelines');
    expect(await api.post(`/v1/pipelines/${data.at(-1).id}/explain`)).toMatchObject({ complete: true });
    const product = await api.post('/v1/products', {
      sku: unique('EXP-'),
      name: 'Lamp',
      price: { amount: 100, currency: 'EUR' },
    });
    await api.patch(`/v1/products/${product.id}`, { price: { amount: 200, currency: 'EUR' } });
    expect(await api.post(`/v1/products/${product.id}/explain`)).toMatchObject({
      fields: { price: { value: { amount: 200 }, recordVersion: 2 }, sku: { recordVersion: 1 } },
    });
  });

  it.each([
    'accounts',
    'activities',
    'campaigns',
    'cases',
    'contacts',
    'credit-notes',
    'forms',
    'inbound-mails',
    'invoices',
    'leads',
    'opportunities',
    'orders',
    'payment-events',
    'payments',
    'pipelines',
    'processes',
    'products',
    'quotes',
    'submissions',
    'tasks',
    'teams',
    'templates',
    'users',
  ])('knows %s', async (resource) => {
    expect(await codeOf(api.post(`/v1/${resource}/nothing/explain`))).toBe('record.notFound');
  });
});
