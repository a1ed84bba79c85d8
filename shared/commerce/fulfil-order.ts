import * as z from 'zod';
import { addDecimals, compareDecimals, PositiveQuantity } from '../core/decimal.ts';
import { addDuration } from '../core/duration.ts';
import { Instant } from '../core/instant.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Line } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import type { Command } from '../store/command.ts';
import { moveOrder, Order, type OrderLine, openQuantity } from './order.ts';
import { Ordering } from './quote-policies.ts';

export const FulfilmentRequest = z.strictObject({
  lines: z
    .array(z.strictObject({ lineId: z.string().max(10), quantity: PositiveQuantity }))
    .min(1)
    .max(200),
  carrier: Line.max(100).optional(),
  tracking: Line.max(200).optional(),
  fulfilledAt: Instant.optional(),
});
type FulfilmentRequest = z.infer<typeof FulfilmentRequest>;

/** The order, and the id of the fulfilment that was made. */
export const OrderWithCreated = Order.schema.and(z.object({ createdId: z.string() }));

const mostFulfilments = 100;

/** Delivers some of an order. 422 `order.exceedsOpen` with the line's pointer, `reference.unknown` for a line that is not there. */
export const fulfilOrder: Command<FulfilmentRequest & { id: string }, Order & { createdId: string }> = async (
  crm,
  { id, ...request },
) => {
  const order = await crm.load(Order, id);
  if (order.fulfilments.length >= mostFulfilments)
    throw new Refusal('record.tooLarge', `An order has ${mostFulfilments} fulfilments at the most`);
  const { chaseAfter } = await crm.policy(Ordering);
  const createdId = `ful_${order.fulfilments.length + 1}`;
  const nextStepAt = addDuration(crm.now, chaseAfter).toISOString();
  const moved = decideFulfilment(order, request, { createdId, nextStepAt, now: crm.now });
  const closed = moved.after.status === 'fulfilled' ? await closing(crm, order.openTaskId, 'fulfil') : [];
  return crm.commitAs((stored) => ({ ...(stored as Order), createdId }), [moved, ...closed]);
};

/** Source: domain.md 6. Never more than what is open; with nothing left open the order is fulfilled. */
export function decideFulfilment(
  order: Order,
  request: FulfilmentRequest,
  at: { createdId: string; nextStepAt: string; now: Date },
): Fact<Order> {
  // The state is asked first: it says more than what is still open.
  moveOrder(order, 'fulfilPartly');
  const lines = request.lines.reduce(
    (all, { lineId, quantity }, n) => fulfilled(all, lineId, quantity, n),
    order.lines,
  );
  const complete = lines.every((line) => compareDecimals(openQuantity(line), '0') === 0);
  const { carrier, tracking, fulfilledAt = at.now.toISOString() } = request;
  const fulfilment = { id: at.createdId, at: fulfilledAt, lines: request.lines, carrier, tracking };
  const changed = { lines, fulfilments: [...order.fulfilments, fulfilment] };
  return complete
    ? moveOrder(order, 'fulfil', { ...changed, nextStepAt: undefined, openTaskId: undefined })
    : moveOrder(order, 'fulfilPartly', { ...changed, nextStepAt: at.nextStepAt });
}

function fulfilled(lines: readonly OrderLine[], lineId: string, quantity: string, n: number): OrderLine[] {
  const line = lines.find(({ id }) => id === lineId);
  if (!line) throw refuseField('reference.unknown', `#/lines/${n}/lineId`, `The order has no line ${lineId}`);
  if (compareDecimals(quantity, openQuantity(line)) > 0)
    throw refuseField('order.exceedsOpen', `#/lines/${n}/quantity`, `${openQuantity(line)} of line ${lineId} are open`);
  return lines.map((one) => (one === line ? { ...one, fulfilled: addDecimals(one.fulfilled, quantity) } : one));
}
