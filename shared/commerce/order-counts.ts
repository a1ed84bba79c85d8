import { addDecimals } from '../core/decimal.ts';
import type { Fact } from '../events/event.ts';
import { moveOrder, type Order } from './order.ts';

type Counted = { orderLineId?: string | undefined; quantity: string };

/** The order counts what was invoiced or credited of its lines. */
const counting =
  (what: 'invoiced' | 'credited', reason: string) =>
  (order: Order, counted: readonly Counted[]): Fact<Order> => {
    const lines = order.lines.map((line) => {
      const of = counted.filter(({ orderLineId }) => orderLineId === line.id).map(({ quantity }) => quantity);
      return { ...line, [what]: addDecimals(line[what], ...of) };
    });
    return moveOrder(order, 'count', { lines }, { reasons: [reason] });
  };
export const invoicedOn = counting('invoiced', 'Invoiced');
export const creditedOn = counting('credited', 'Credited');
