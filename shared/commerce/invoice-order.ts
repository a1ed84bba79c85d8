import type { Fact } from '../events/event.ts';
import type { ActInput } from '../platform/acts.ts';
import type { Command, Crm } from '../store/command.ts';
import { claimOn } from './draft-invoice.ts';
import { type Invoice, InvoiceIssued } from './invoice.ts';
import { linesOfOrder, summedUp } from './invoice-lines.ts';
import { type Issuing, issuedAs, issuing } from './issue-invoice.ts';
import { Order } from './order.ts';
import { invoicedOn } from './order-counts.ts';

/**
 * Invoices what is invoiceable of an order: one issued invoice with its number, and the order counts it, in one transaction. With nothing
 * invoiceable the order is answered as it is, so that this may be repeated.
 */
export const invoiceOrder: Command<Pick<ActInput, 'id'>, Order> = async (crm, { id }) => {
  const order = await crm.load(Order, id);
  if (!linesOfOrder(order).length) return order;
  const around = await issuing(crm, order.billToAccountId);
  return crm.commit(decideInvoicing(order, around, crm), [around.inSeries.take]);
};

/** The order counts what its new invoice asks for. Source: domain.md 7. */
export function decideInvoicing(
  order: Order,
  around: Issuing,
  { newId }: Pick<Crm, 'newId'>,
): [Fact<Order>, Fact<Invoice>] {
  const sums = summedUp(order.currency, linesOfOrder(order), order, around.invoicing);
  const claim = claimOn(order);
  const id = newId('inv', claim.accountId);
  const invoice = { ...claim, ...sums, ...issuedAs({ id, ...sums }, around), id };
  const why = { policy: around.invoicing.policy, reasons: [`Order ${order.number}`] };
  return [invoicedOn(order, sums.lines), InvoiceIssued(undefined, invoice, why)];
}
