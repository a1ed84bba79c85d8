import { addDecimals, compareDecimals, type Rounding, subtractDecimals } from '../core/decimal.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import type { Crm } from '../store/command.ts';
import type { Invoice, InvoiceLine, InvoiceLineDetails } from './invoice.ts';
import { unpaid } from './invoice-balance.ts';
import { invoiceTotals, partOfLine } from './invoice-totals.ts';
import { invoiceable, Order, type OrderLine, type Quantities } from './order.ts';
import { priceLines } from './price-quote.ts';
import type { QuoteLine } from './quote.ts';
import type { TaxRates } from './tax.ts';

/** A line with its price, before its tax. */
export type PricedLine = QuoteLine & { orderLineId?: string | undefined };

/** The order that an invoice is of, as it is now. */
export const orderOf = async (crm: Crm, { orderId }: { orderId?: string | undefined }): Promise<Order | undefined> =>
  orderId ? crm.store.load(Order, orderId) : undefined;

/** Everything that is invoiceable of an order now, as lines. */
export const linesOfOrder = (order: Order): PricedLine[] =>
  linesOfPart(order, new Map(invoiceable(order).map(({ line, quantity }) => [line.id, quantity])));

/** A part of an order, by the quantities of its lines, as lines. */
export const linesOfPart = (order: Order, part: Quantities): PricedLine[] =>
  order.lines
    .filter(({ id }) => part.has(id))
    .map((line, n) => ({ ...ordered(line, part.get(line.id)!), id: String(n + 1) }));

/**
 * Lines that a client wrote, with what their products or the order's lines say. 422 `reference.unknown`, `currency.mismatch`,
 * `request.invalid` with the line's pointer.
 */
export async function writtenLines(
  crm: Crm,
  lines: readonly InvoiceLineDetails[],
  currency: string,
  order: Order | undefined,
): Promise<PricedLine[]> {
  const said = lines.map((line, n) => (line.orderLineId ? asOrdered(line, n, order) : line));
  // A line of the order has its price, whatever has become of the product since.
  const asked = said.map(({ orderLineId, productId, ...line }) => ({ ...line, ...(!orderLineId && { productId }) }));
  const priced = await priceLines(crm, asked, currency);
  return priced.lines.map((line, n) => {
    const { orderLineId, productId } = said[n]!;
    return { ...line, productId, orderLineId };
  });
}

function asOrdered(said: InvoiceLineDetails, n: number, order: Order | undefined): InvoiceLineDetails {
  const line = order?.lines.find(({ id }) => id === said.orderLineId);
  if (!line)
    throw refuseField('reference.unknown', `#/lines/${n}/orderLineId`, `The order has no line ${said.orderLineId}`);
  const { net: _, ...own } = ordered(line, said.quantity);
  return { ...own, description: said.description ?? own.description };
}

const ordered = (line: OrderLine, quantity: string) => {
  const { id: orderLineId, productId, description, unitPrice, discountPercent, taxCategory, net } = line;
  return { orderLineId, productId, description, quantity, unitPrice, discountPercent, taxCategory, net };
};

interface Rules {
  taxRates: TaxRates;
  rounding: Rounding;
}

/**
 * The lines with their nets and rates, the taxes and the sums of an invoice of which nothing is paid. Of an order's line a part costs so
 * much that all its invoices together come to exactly its net. 422 `order.exceedsOpen`, `invoice.negative`. Source: domain.md 7.
 */
export function summedUp(
  currency: string,
  lines: readonly PricedLine[],
  order: Order | undefined,
  { taxRates, rounding }: Rules,
): Pick<Invoice, 'lines' | 'taxes' | 'totals'> {
  const nets = order ? netsOf(lines, order, rounding) : lines.map(({ net }) => net);
  const summed = lines.map((line, n): InvoiceLine => {
    const { id, orderLineId, productId, description, quantity, unitPrice, discountPercent, taxCategory } = line;
    const said = { id, orderLineId, productId, description, quantity, unitPrice, discountPercent, taxCategory };
    return { ...said, taxRate: taxRates[taxCategory], net: nets[n]! };
  });
  const { taxes, totals } = invoiceTotals(currency, summed, taxRates, rounding);
  if (totals.gross.amount < 0)
    throw new Refusal('invoice.negative', 'The lines come to less than nothing: that is a credit note');
  return { lines: summed, taxes, totals: unpaid(totals) };
}

/** The nets of lines of which each may take what the lines before it have left of the order. */
function netsOf(lines: readonly PricedLine[], order: Order, rounding: Rounding) {
  const left = new Map(invoiceable(order).map(({ line, quantity }) => [line.id, quantity]));
  const invoiced = new Map(order.lines.map((line) => [line.id, line.invoiced]));
  return lines.map(({ orderLineId, quantity, net }, n) => {
    const line = order.lines.find(({ id }) => id === orderLineId);
    if (!line) return net;
    const open = left.get(line.id) ?? '0';
    if (compareDecimals(quantity, open) > 0)
      throw refuseField('order.exceedsOpen', `#/lines/${n}/quantity`, `${open} of line ${line.id} can be invoiced`);
    const before = invoiced.get(line.id) ?? '0';
    left.set(line.id, subtractDecimals(open, quantity));
    invoiced.set(line.id, addDecimals(before, quantity));
    return partOfLine(line, before, quantity, rounding);
  });
}
