import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { createOrder } from '../../shared/commerce/create-order.ts';
import { fulfilOrder } from '../../shared/commerce/fulfil-order.ts';
import { OrderDetails } from '../../shared/commerce/order.ts';
import { type Command, run } from '../../shared/store/command.ts';
import { eventually } from '../support/eventually.ts';
import { refusal } from '../support/refusal.ts';
import { api, around, processOf, unique } from '../support/stack.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });

let owner: Json;
let product: Json;
beforeAll(async () => {
  owner = await api.post('/v1/users', { name: 'Olu', email: `${unique('olu')}@ours.example`, role: 'agent' });
  product = await api.post('/v1/products', { sku: unique('ORD-'), name: 'Chair', price: eur(9_999) });
});

async function details(more: object = {}): Promise<OrderDetails> {
  const account = await api.post('/v1/accounts', {
    name: unique('Acme '),
    ownerId: owner.id,
    shippingAddress: { city: 'Lugo', country: 'ES' },
  });
  const lines = [{ productId: product.id, quantity: '3', discountPercent: '3.3' }];
  return OrderDetails.parse({ accountId: account.id, lines, ...more });
}
const confirmed = async (more: object = {}): Promise<Json> => api.post('/v1/orders', await details(more));
const fulfil = ({ id }: Json, quantity: string, headers?: Record<string, string>): Promise<Json> =>
  api.post(`/v1/orders/${id}/fulfilments`, { lines: [{ lineId: '1', quantity }], carrier: 'DHL' }, headers);

/** A command in this process, at a time of our choosing. */
const commandAt = async <I, A>(now: Date, does: Command<I, A>, input: I): Promise<A> => {
  const { store, policies } = around();
  const on = { now, actor: { kind: 'key' as const, id: 'key_test' }, correlationId: 'test' };
  return (await run(store, policies, on, does, input)).answer;
};

const invoicesOf = ({ id }: Json, count: number): Promise<Json[]> =>
  eventually(async () => {
    const { data } = await api.get(`/v1/invoices?orderId=${id}`);
    if (data.length !== count) throw new Error(`${data.length} of ${count} invoices`);
    return data;
  });

describe('an order', () => {
  it('takes prices from the products and addresses from the account', async () => {
    const order = await confirmed();
    expect(order).toMatchObject({
      version: 1,
      status: 'confirmed',
      ownerId: owner.id,
      billToAccountId: order.accountId,
      invoicePolicy: 'delivered',
      shippingAddress: { city: 'Lugo', country: 'ES' },
      lines: [{ id: '1', description: 'Chair', quantity: '3', fulfilled: '0', invoiced: '0', net: eur(29_007) }],
    });
    expect(order.number).toMatch(/^O-20\d\d-\d{4,}$/);
    const { data } = await api.get(`/v1/orders?number=${order.number}`);
    expect(data).toMatchObject([{ id: order.id }]);
    expect(await api.get(`/v1/orders?accountId=${order.accountId}&status=confirmed`)).toMatchObject({
      data: [{ id: order.id }],
    });
  });

  it('is invoiced as it is delivered: the parts add up, and its process ends', async () => {
    const order = await confirmed();
    const { createdId, ...part } = await fulfil(order, '1');
    expect(part).toMatchObject({ id: order.id, status: 'partlyFulfilled', lines: [{ fulfilled: '1' }] });
    expect(part.fulfilments).toMatchObject([{ id: createdId, carrier: 'DHL' }]);
    await invoicesOf(order, 1);
    expect(await processOf(order.id, 'order-to-cash', 'waiting')).toMatchObject({ dueAt: part.nextStepAt });
    const whole = await fulfil(order, '2');
    expect(whole.status).toBe('fulfilled');
    expect(whole.createdId).not.toBe(createdId);
    const invoices = await invoicesOf(order, 2);
    const nets = invoices.map(({ totals }) => totals.net.amount);
    expect(nets.reduce((a, b) => a + b)).toBe(29_007);
    expect(await processOf(order.id, 'order-to-cash', 'succeeded')).toMatchObject({ outcome: 'Invoiced' });
    expect(await api.get(`/v1/orders/${order.id}`)).toMatchObject({ lines: [{ invoiced: '3' }] });
    expect(await api.post(`/v1/orders/${order.id}/close`)).toMatchObject({ status: 'closed' });
  });

  it('takes four states from its confirmation to its invoice', async () => {
    const order = await confirmed();
    await processOf(order.id, 'order-to-cash', 'waiting');
    await fulfil(order, '3');
    const { id } = await processOf(order.id, 'order-to-cash', 'succeeded');
    const { steps } = await api.get(`/v1/processes/${id}`);
    expect(steps.map(({ name }: Json) => name)).toEqual([
      'Wait for a fulfilment',
      'Invoice what is invoiceable',
      'Where does the order stand?',
      'Invoiced',
    ]);
  });

  it.each([
    ['in all', '3', 'succeeded'],
    ['in part', '2', 'waiting'],
  ])('that was fulfilled %s before its process could start is invoiced', async (_, quantity, state) => {
    const order = await commandAt(new Date(), createOrder, await details());
    await commandAt(new Date(), fulfilOrder, { id: order.id, lines: [{ lineId: '1', quantity }] });
    await invoicesOf(order, 1);
    await processOf(order.id, 'order-to-cash', state);
  });

  it('is invoiced at once where it is invoiced as ordered, and once', async () => {
    const order = await confirmed({ invoicePolicy: 'ordered' });
    const [invoice] = await invoicesOf(order, 1);
    expect(invoice?.totals.net).toEqual(eur(29_007));
    const { dueAt } = await processOf(order.id, 'order-to-cash', 'waiting');
    expect(Date.parse(dueAt)).toBeGreaterThan(Date.now());
    const { data: tasks } = await api.get(`/v1/tasks?recordId=${order.id}`);
    expect(tasks).toEqual([]);
    await fulfil(order, '3');
    await processOf(order.id, 'order-to-cash', 'succeeded');
    await invoicesOf(order, 1);
  });

  it('is never fulfilled beyond what is open', async () => {
    const order = await confirmed();
    const { body } = await refusal(fulfil(order, '3.000001'));
    expect(body).toMatchObject({ code: 'order.exceedsOpen', errors: [{ pointer: '#/lines/0/quantity' }] });
    const unknown = await refusal(
      api.post(`/v1/orders/${order.id}/fulfilments`, { lines: [{ lineId: '7', quantity: '1' }] }),
    );
    expect(unknown.body).toMatchObject({ code: 'reference.unknown', errors: [{ pointer: '#/lines/0/lineId' }] });
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => fulfil(order, '1')));
    const done = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value as Json] : []));
    expect(done).toHaveLength(3);
    expect(new Set(done.map(({ createdId }) => createdId)).size).toBe(3);
    expect(await api.get(`/v1/orders/${order.id}`)).toMatchObject({ status: 'fulfilled', lines: [{ fulfilled: '3' }] });
  });

  it('counts a repeated fulfilment once', async () => {
    const order = await confirmed();
    const key = { 'idempotency-key': unique('key') };
    const [first, again] = [await fulfil(order, '1', key), await fulfil(order, '1', key)];
    expect(again).toEqual(first);
    expect((await refusal(fulfil(order, '2', key))).body['code']).toBe('idempotency.mismatch');
  });

  it('is cancelled in all, or in what is left', async () => {
    const whole = await confirmed();
    await processOf(whole.id, 'order-to-cash', 'waiting');
    expect(await api.post(`/v1/orders/${whole.id}/cancel`, { reason: 'Changed their mind' })).toMatchObject({
      status: 'cancelled',
      cancelledReason: 'Changed their mind',
    });
    expect(await processOf(whole.id, 'order-to-cash', 'succeeded')).toMatchObject({ outcome: 'Cancelled' });
    await invoicesOf(whole, 0);

    const rest = await confirmed();
    await fulfil(rest, '1');
    expect(await api.post(`/v1/orders/${rest.id}/cancel`)).toMatchObject({
      status: 'fulfilled',
      lines: [{ fulfilled: '1', cancelled: '2' }],
    });
    expect(await processOf(rest.id, 'order-to-cash', 'succeeded')).toMatchObject({ outcome: 'Invoiced' });
    await invoicesOf(rest, 1);
    const { body } = await refusal(api.post(`/v1/orders/${rest.id}/cancel`));
    expect(body['code']).toBe('record.wrongState');
  });

  it('that was invoiced ahead and is cancelled becomes a task: to credit what will not come', async () => {
    const order = await confirmed({ invoicePolicy: 'ordered' });
    await invoicesOf(order, 1);
    await fulfil(order, '1');
    await api.post(`/v1/orders/${order.id}/cancel`);
    const { data } = await api.get(`/v1/tasks?recordId=${order.id}`);
    expect(data.filter(({ status }: Json) => status === 'open')).toMatchObject([
      { title: `Credit what order ${order.number} was invoiced for and is cancelled: 2 × Chair`, priority: 'high' },
    ]);
  });

  it('that nobody fulfils in time becomes a task of its owner', async () => {
    const almostTwoWeeksAgo = new Date(Date.now() - 14 * 86_400_000 + 1_500);
    const order = await commandAt(almostTwoWeeksAgo, createOrder, await details());
    const { data } = await eventually(async () => {
      const page = await api.get(`/v1/tasks?recordId=${order.id}`);
      if (!page.data.length) throw new Error('There is no task');
      return page;
    });
    expect(data).toMatchObject([{ assigneeId: owner.id, status: 'open', title: `Fulfil order ${order.number}` }]);
    const { dueAt } = await processOf(order.id, 'order-to-cash', 'waiting');
    expect(Date.parse(dueAt)).toBeGreaterThan(Date.now());
    await fulfil(order, '3');
    await processOf(order.id, 'order-to-cash', 'succeeded');
    expect((await api.get(`/v1/tasks/${data[0].id}`)).status).not.toBe('open');
  });
});
