import { compareDecimals, type Percent, type Rounding } from '../core/decimal.ts';
import { refuseField } from '../core/refusal.ts';
import type { Crm } from '../store/command.ts';
import type { InvoiceLine, InvoiceLineDetails, InvoiceSums } from './invoice.ts';
import { unpaid } from './invoice-balance.ts';
import { invoiceTotals, partOfLine } from './invoice-totals.ts';
import { invoiceable, Order, type OrderLine } from './order.ts';
import { priceLines } from './price-quote.ts';
import type { Tax, TaxRates } from './tax.ts';

/** The order that an invoice is of. */
export const orderBehind = async (
  crm: Crm,
  { orderId }: { orderId?: string | undefined },
): Promise<Order | undefined> => (orderId ? crm.store.load(Order, orderId) : undefined);

type Unrated = Omit<InvoiceLine, 'taxRate'>;

/**
 * The lines of an invoice with what they cost. Of an order: its own prices, and never more than is invoiceable (422 `order.exceedsOpen`
 * with the line's pointer). Without one: what the line says, or its product.
 */
export async function linesOf(
  crm: Crm,
  { currency }: { currency: string },
  lines: readonly InvoiceLineDetails[],
  order: Order | undefined,
): Promise<Unrated[]> {
  if (order) return lines.map((line, n) => ofOrder(order, line, n));
  const { lines: priced } = await priceLines(crm, lines, currency);
  return priced;
}

function ofOrder(order: Order, { orderLineId, quantity }: InvoiceLineDetails, n: number): Unrated {
  const found = order.lines.find(({ id }) => id === orderLineId);
  if (!found)
    throw refuseField('reference.unknown', `#/lines/${n}/orderLineId`, `The order has no line ${orderLineId}`);
  const left = invoiceable(order).find(({ line }) => line === found)?.quantity ?? '0';
  if (compareDecimals(quantity, left) > 0)
    throw refuseField('order.exceedsOpen', `#/lines/${n}/quantity`, `${left} of line ${found.id} may be invoiced`);
  return partOf(found, quantity, n);
}

/** A part of an order's line: its parts add up to exactly its net, however it is invoiced. */
const partOf = (line: OrderLine, quantity: string, n: number): Unrated => {
  const { id: orderLineId, productId, description, unitPrice, discountPercent, taxCategory } = line;
  const net = partOfLine(line, line.invoiced, quantity);
  return {
    id: String(n + 1),
    orderLineId,
    productId,
    description,
    quantity,
    unitPrice,
    discountPercent,
    taxCategory,
    net,
  };
};

/** Everything that may be invoiced of an order now, as lines. */
export const linesDue = (order: Order): Unrated[] =>
  invoiceable(order).map(({ line, quantity }, n) => partOf(line, quantity, n));

/** Lines with the rate of their category, the tax of each category, and the sums: nothing is paid yet. */
export function priced(
  currency: string,
  lines: readonly Unrated[],
  rates: TaxRates,
  rounding: Rounding,
): { lines: InvoiceLine[]; taxes: Tax[]; totals: InvoiceSums } {
  const rated = lines.map((line) => ({ ...line, taxRate: rates[line.taxCategory] as Percent }));
  const { taxes, totals } = invoiceTotals(currency, rated, rates, rounding);
  return { lines: rated, taxes, totals: unpaid(totals) };
}
