import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { api, processOf, unique } from '../support/stack.ts';
import { capture, draft, opportunity, otherPolicies, person, product } from './cast.ts';

/** A process that may wait once again gives way to its successor the next time; what takes days takes seconds. */
const oneTurn = {
  processes: { turns: 1 },
  'quote-approval': { escalateAfter: 'PT2S' },
  invoicing: { dueAfter: 'PT1S' },
  dunning: {
    levels: [
      { key: 'reminder', after: 'PT1S' },
      { key: 'dunning1', after: 'PT2S' },
      { key: 'handOver', after: 'P30D' },
    ],
  },
};

let agent: Json;
let putBack: () => Promise<void>;
beforeAll(async () => {
  await person('admin');
  agent = await person('agent', { managerId: (await person('manager')).id });
  putBack = await otherPolicies(oneTurn);
});
afterAll(() => putBack());

/** Waits until the process of a record waits, having seen it as it stands: so that the next step is a turn of its own. */
const waiting = (recordId: string, workflow: string) => processOf(recordId, workflow, 'waiting');

/** How the processes of a record ended, the newest first, once all have. */
const outcomes = (recordId: string): Promise<string[]> =>
  eventually(async () => {
    const { data } = await api.get(`/v1/processes?recordId=${recordId}`);
    for (const { state, workflow } of data) if (state !== 'succeeded') throw new Error(`${workflow} is ${state}`);
    return data.map(({ outcome }: Json) => outcome);
  });

/** A process gave way, and its successor waits. */
const continued = (recordId: string, workflow: string): Promise<void> =>
  eventually(async () => {
    const { data } = await api.get(`/v1/processes?recordId=${recordId}`);
    expect(data.map(({ outcome }: Json) => outcome)).toContain('Continued');
    expect(data[0]).toMatchObject({ workflow, state: 'waiting' });
  });

it.concurrent('a lead goes on in a successor', async () => {
  const { id } = await capture();
  await waiting(id, 'lead-qualification');
  await api.post(`/v1/leads/${id}/accept`);
  await continued(id, 'lead-qualification');
  await api.post(`/v1/leads/${id}/disqualify`, { reason: 'noBudget' });
  expect(await outcomes(id)).toEqual(['Disqualified', 'Continued']);
});

it.concurrent('a quote that nobody decides goes on in a successor', async () => {
  const { id } = await draft(agent.id, '50');
  await api.as(agent.id).post(`/v1/quotes/${id}/submit`);
  await continued(id, 'quote-approval');
  await api.as(agent.id).post(`/v1/quotes/${id}/recall`);
  expect(await outcomes(id)).toEqual(expect.arrayContaining(['Recalled', 'Continued']));
});

it.concurrent('an order that is fulfilled bit by bit goes on in a successor', async () => {
  const { opportunityId } = await opportunity();
  const lines = [{ productId: (await product()).id, quantity: '3' }];
  const quote = await api.post('/v1/quotes', { opportunityId, lines });
  await api.post(`/v1/quotes/${quote.id}/submit`);
  await api.post(`/v1/quotes/${quote.id}/send`);
  const { orderId } = await api.post(`/v1/quotes/${quote.id}/accept`, { name: 'Jo' });
  for (const piece of [1, 2, 3]) {
    await waiting(orderId, 'order-to-cash');
    await api.post(`/v1/orders/${orderId}/fulfilments`, { lines: [{ lineId: '1', quantity: '1' }] });
    await eventually(async () =>
      expect((await api.get(`/v1/invoices?orderId=${orderId}`)).data.map(({ status }: Json) => status)).toEqual(
        Array.from({ length: piece }, () => 'issued'),
      ),
    );
  }
  expect((await outcomes(orderId))[0]).toBe('Invoiced');
  expect(await outcomes(orderId)).toContain('Continued');
});

it.concurrent('an invoice that is reminded of goes on in a successor', async () => {
  const { accountId, contactId } = await capture();
  const lines = [{ productId: (await product()).id, quantity: '3' }];
  const { id } = await api.post('/v1/invoices', { accountId, contactId, lines });
  const { totals } = await api.post(`/v1/invoices/${id}/issue`);
  await continued(id, 'collection');
  await api.post(`/v1/invoices/${id}/payments`, { amount: totals.open, method: 'cash', reference: unique('CASH-') });
  expect(await outcomes(id)).toEqual(['Paid', 'Continued']);
});

it.concurrent('a case goes on in a successor', async () => {
  const { accountId, contactId } = await capture();
  const { id } = await api.post('/v1/cases', { accountId, contactId, ownerId: agent.id, subject: 'It hums' });
  await waiting(id, 'case-resolution');
  await api.post(`/v1/cases/${id}/reply`, { body: 'On it', public: true });
  await waiting(id, 'case-resolution');
  await api.post(`/v1/cases/${id}/wait`, { for: 'customer' });
  await continued(id, 'case-resolution');
  await api.post(`/v1/cases/${id}/reply`, { body: 'Found it', public: true });
  await api.post(`/v1/cases/${id}/reject`, { reason: 'Not ours' });
  expect((await outcomes(id))[0]).toBe('Rejected');
});
