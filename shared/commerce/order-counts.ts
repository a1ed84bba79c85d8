import { addDecimals } from '../core/decimal.ts';
import type { Fact } from '../events/event.ts';
import { moveOrder, type Order } from './order.ts';

interface Counted {
  orderLineId?: string | undefined;
  quantity: string;
}

const counting =
  (what: 'invoiced' | 'credited', reason: string) =>
  (order: Order, counted: readonly Counted[]): Fact<Order> => {
    const lines = order.lines.map((line) => {
      const of = counted.filter(({ orderLineId }) => orderLineId === line.id).map(({ quantity }) => quantity);
      return of.length ? { ...line, [what]: addDecimals(line[what], ...of) } : line;
    });
    return moveOrder(order, 'count', { lines }, { reasons: [reason] });
  };

/** The order counts what was invoiced of its lines: in the transaction that issues the invoice. */
export const invoicedOn = counting('invoiced', 'Invoiced');

/** The order counts what was credited of its lines: in the transaction that issues the credit note. */
export const creditedOn = counting('credited', 'Credited');
