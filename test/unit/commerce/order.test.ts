import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { untouched } from '../../../shared/commerce/accept-quote.ts';
import { decideCancellation } from '../../../shared/commerce/end-order.ts';
import { decideFulfilment } from '../../../shared/commerce/fulfil-order.ts';
import {
  confirmed,
  invoiceable,
  moveOrder,
  Order,
  type OrderLine,
  OrderStatus,
  openQuantity,
  type orderMoves,
} from '../../../shared/commerce/order.ts';
import { invoicedOn } from '../../../shared/commerce/order-counts.ts';
import { addDecimals, compareDecimals, subtractDecimals } from '../../../shared/core/decimal.ts';
import { newId } from '../../../shared/core/ids.ts';
import type { Refusal } from '../../../shared/core/refusal.ts';
import type { Fact } from '../../../shared/events/event.ts';

const now = new Date('2026-11-24T09:00:00Z');
const accountId = newId('acc', now);
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const at = { createdId: 'ful_1', nextStepAt: '2026-12-08T09:00:00.000Z', now };

const line = (id: string, quantity: string, more: Partial<OrderLine> = {}): OrderLine => ({
  ...untouched({
    id,
    description: `Item ${id}`,
    quantity,
    unitPrice: eur(1_000),
    listPrice: eur(1_000),
    discountPercent: '0',
    taxCategory: 'standard',
    net: eur(1_000),
  }),
  ...more,
});

const order = (lines: OrderLine[], more: Partial<Order> = {}): Order =>
  Order.schema.parse({
    id: newId('ord', now, accountId),
    version: 1,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    createdBy: 'usr_ada',
    accountId,
    billToAccountId: accountId,
    number: 'O-2026-0001',
    status: 'confirmed',
    currency: 'EUR',
    lines,
    totals: { net: eur(0), discount: eur(0), taxes: [], gross: eur(0) },
    invoicePolicy: 'delivered',
    fulfilments: [],
    nextStepAt: '2026-12-08T09:00:00.000Z',
    ...more,
  });

/** An order after a fact, as it is stored. */
const stored = ({ before, after }: Fact<Order>): Order =>
  Order.schema.parse({ ...before, ...after, version: before!.version + 1 });
const refused = (act: () => unknown): Refusal => {
  try {
    act();
  } catch (error) {
    return error as Refusal;
  }
  throw new Error('It was not refused');
};

describe('the life of an order', () => {
  const moves: Record<keyof typeof orderMoves, [from: OrderStatus[], to: OrderStatus | undefined, event: string]> = {
    fulfilPartly: [['confirmed', 'partlyFulfilled'], 'partlyFulfilled', 'order.partlyFulfilled'],
    fulfil: [['confirmed', 'partlyFulfilled'], 'fulfilled', 'order.fulfilled'],
    cancel: [['confirmed', 'partlyFulfilled'], 'cancelled', 'order.cancelled'],
    close: [['fulfilled'], 'closed', 'order.closed'],
    count: [[...OrderStatus.options], undefined, 'order.updated'],
  };
  const cases = Object.entries(moves).flatMap(([verb, [from, to, event]]) =>
    OrderStatus.options.map((status) => ({ verb: verb as keyof typeof orderMoves, status, from, to, event })),
  );
  it.each(cases)('$verb from $status', ({ verb, status, from, to, event }) => {
    const move = () => moveOrder(order([line('1', '1')], { status }), verb);
    if (!from.includes(status)) return expect(move).toThrow(new RegExp(`that is ${status} cannot`));
    expect(move()).toMatchObject({ type: event, after: { status: to ?? status } });
  });
});

describe('a fulfilment', () => {
  const two = order([line('1', '20'), line('2', '0.5')]);

  it('of a part leaves the rest open, and starts the clock again', () => {
    const { type, after } = decideFulfilment(two, { lines: [{ lineId: '1', quantity: '19.999999' }] }, at);
    expect(type).toBe('order.partlyFulfilled');
    expect(after.lines.map(openQuantity)).toEqual(['0.000001', '0.5']);
    expect(after).toMatchObject({ status: 'partlyFulfilled', nextStepAt: at.nextStepAt });
    expect(after.fulfilments).toEqual([
      { id: 'ful_1', at: now.toISOString(), lines: [{ lineId: '1', quantity: '19.999999' }] },
    ]);
  });

  it('of everything fulfils the order: nothing is waited for', () => {
    const lines = [
      { lineId: '2', quantity: '0.50' },
      { lineId: '1', quantity: '20' },
    ];
    const { type, after } = decideFulfilment(two, { lines, carrier: 'DHL', tracking: 'X1' }, at);
    expect(type).toBe('order.fulfilled');
    expect(after).toMatchObject({ status: 'fulfilled', nextStepAt: undefined });
    expect(after.fulfilments[0]).toMatchObject({ carrier: 'DHL', tracking: 'X1' });
  });

  it.each([
    ['more than is open', [{ lineId: '1', quantity: '20.000001' }], 'order.exceedsOpen', '#/lines/0/quantity'],
    [
      'more than is open in two lines of the request',
      [
        { lineId: '1', quantity: '11' },
        { lineId: '1', quantity: '10' },
      ],
      'order.exceedsOpen',
      '#/lines/1/quantity',
    ],
    ['of a line that is not there', [{ lineId: '3', quantity: '1' }], 'reference.unknown', '#/lines/0/lineId'],
  ])('is refused: %s', (_, lines, code, pointer) => {
    const refusal = refused(() => decideFulfilment(two, { lines }, at));
    expect(refusal).toMatchObject({ code, more: { errors: [{ pointer, code }] } });
  });

  it.each(['fulfilled', 'closed', 'cancelled'] as const)('is refused once the order is %s', (status) => {
    const over = order([line('1', '1')], { status });
    expect(refused(() => decideFulfilment(over, { lines: [{ lineId: '1', quantity: '1' }] }, at))).toMatchObject({
      code: 'record.wrongState',
    });
  });
});

describe('a cancellation', () => {
  it('of an order with nothing fulfilled ends it', () => {
    const { type, after } = decideCancellation(order([line('1', '3')]), 'Changed their mind');
    expect(type).toBe('order.cancelled');
    expect(after).toMatchObject({ status: 'cancelled', cancelledReason: 'Changed their mind', nextStepAt: undefined });
    expect(invoiceable(after)).toEqual([]);
  });

  it('of the rest fulfils it: what was delivered is invoiced', () => {
    const some = order([line('1', '3', { fulfilled: '1' }), line('2', '2')], { status: 'partlyFulfilled' });
    const { type, after } = decideCancellation(some, undefined);
    expect(type).toBe('order.fulfilled');
    expect(after.lines.map(({ cancelled }) => cancelled)).toEqual(['2', '2']);
    expect(invoiceable(after).map(({ line: { id }, quantity }) => [id, quantity])).toEqual([['1', '1']]);
  });
});

describe('what may be invoiced', () => {
  it.each<[string, Order['invoicePolicy'], Partial<OrderLine>, string | undefined]>([
    ['nothing before it is delivered', 'delivered', {}, undefined],
    ['what was delivered', 'delivered', { fulfilled: '4' }, '4'],
    ['what was delivered since', 'delivered', { fulfilled: '4', invoiced: '1.5' }, '2.5'],
    ['nothing twice', 'delivered', { fulfilled: '4', invoiced: '4' }, undefined],
    ['all that was ordered', 'ordered', {}, '10'],
    ['but not what was cancelled', 'ordered', { cancelled: '3' }, '7'],
    ['nothing more where more was invoiced than is left', 'ordered', { cancelled: '3', invoiced: '10' }, undefined],
  ])('%s', (_, invoicePolicy, more, expected) => {
    const found = invoiceable(order([line('1', '10', more)], { invoicePolicy }));
    expect(found.map(({ quantity }) => quantity)).toEqual(expected ? [expected] : []);
  });

  it('is marked on the order from its first moment, so that its process does not wait', () => {
    const at = (invoicePolicy: Order['invoicePolicy']) => confirmed(order([line('1', '1')], { invoicePolicy })).after;
    expect(at('ordered').toInvoice).toBe(true);
    expect(at('delivered').toInvoice).toBeUndefined();
  });

  it('stands in the queue of the sweep once all is delivered, in case its process is lost', () => {
    const lines = [line('1', '1', { fulfilled: '1' })];
    const queued = (more: Partial<Order>) => Order.places?.(order(lines, { toInvoice: true, ...more })).gsi1?.[0];
    expect(queued({ status: 'fulfilled' })).toBe('own#sweep');
    expect(queued({ status: 'closed' })).toBe('own#sweep');
    expect(queued({ status: 'partlyFulfilled' })).toBeUndefined();
    expect(queued({ status: 'fulfilled', toInvoice: undefined })).toBeUndefined();
  });
});

interface Step {
  does: 'fulfil' | 'invoice' | 'cancel' | 'close';
  lineId?: string;
  quantity?: string;
}

describe('property: whatever happens to an order', () => {
  const quantity = fc.integer({ min: 1, max: 5_000_000 }).map((millionths) => (millionths / 1_000_000).toFixed(6));
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ does: fc.constant('fulfil'), lineId: fc.constantFrom('1', '2'), quantity }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('invoice') }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('cancel') }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('close') }) },
  ) as fc.Arbitrary<Step>;

  const after = (was: Order, { does, lineId = '1', quantity = '1' }: Step): Order => {
    if (does === 'fulfil') return stored(decideFulfilment(was, { lines: [{ lineId, quantity }] }, at));
    if (does === 'cancel') return stored(decideCancellation(was, undefined));
    if (does === 'close') return stored(moveOrder(was, 'close'));
    const due = invoiceable(was).map(({ line: { id }, quantity: q }) => ({ orderLineId: id, quantity: q }));
    return stored(invoicedOn(was, due));
  };

  it('no quantity is lost or made, and never more invoiced than was due', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ordered' as const, 'delivered' as const),
        fc.tuple(quantity, quantity),
        fc.array(step, { maxLength: 25 }),
        (invoicePolicy, [one, other], steps) => {
          let current = order([line('1', one), line('2', other)], { invoicePolicy });
          current = Order.schema.parse({ ...current, ...confirmed(current).after });
          for (const each of steps) {
            try {
              current = after(current, each);
            } catch (error) {
              expect((error as Refusal).code).toMatch(/record.wrongState|order.exceedsOpen/);
            }
          }
          for (const each of current.lines) {
            const open = openQuantity(each);
            expect(addDecimals(each.fulfilled, each.cancelled, open)).toBe(addDecimals(each.quantity));
            expect(compareDecimals(open, '0')).toBeGreaterThanOrEqual(0);
            const most = invoicePolicy === 'delivered' ? each.fulfilled : each.quantity;
            expect(compareDecimals(subtractDecimals(most, each.invoiced), '0')).toBeGreaterThanOrEqual(0);
          }
          expect(current.toInvoice ?? false).toBe(invoiceable(current).length > 0);
          const open = current.lines.some((each) => compareDecimals(openQuantity(each), '0') > 0);
          expect(['confirmed', 'partlyFulfilled'].includes(current.status)).toBe(open);
          expect(open).toBe(current.nextStepAt !== undefined);
        },
      ),
    );
  });
});
