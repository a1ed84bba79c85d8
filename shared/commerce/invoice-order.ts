import type { Fact } from '../events/event.ts';
import type { ActInput } from '../platform/acts.ts';
import type { Command } from '../store/command.ts';
import { type Invoice, InvoiceIssued } from './invoice.ts';
import { linesDue, priced } from './invoice-lines.ts';
import { issuedAs, type Issuing, issuing } from './issue-invoice.ts';
import { Order } from './order.ts';
import { invoicedOn } from './order-counts.ts';

/**
 * Invoices what is invoiceable of an order: one issued invoice with its number, and the order counts it, in one transaction. With nothing
 * invoiceable the order is answered as it is, so that this may be repeated.
 */
export const invoiceOrder: Command<Pick<ActInput, 'id'>, Order> = async (crm, { id }) => {
  const order = await crm.load(Order, id);
  if (!linesDue(order).length) return order;
  const around = await issuing(crm, order.billToAccountId);
  const issued = decideInvoice(order, around, crm.newId('inv', order.accountId));
  return crm.commit([invoicedOn(order, issued.after.lines), issued], [around.inSeries.take]);
};

/** Source: domain.md 7. */
export function decideInvoice(order: Order, around: Issuing, id: string): Fact<Invoice> {
  const { accountId, contactId, reference, currency } = order;
  const { taxRates, rounding, policy } = around.invoicing;
  const sums = priced(currency, linesDue(order), taxRates, rounding);
  const draft = { id, accountId, orderId: order.id, contactId, reference, currency, ...sums };
  return InvoiceIssued(
    undefined,
    { ...draft, ...issuedAs(draft, around) },
    { policy, reasons: [`Order ${order.number}`] },
  );
}
