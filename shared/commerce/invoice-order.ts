import type { Fact } from '../events/event.ts';
import type { ActInput } from '../platform/acts.ts';
import type { Command, Crm } from '../store/command.ts';
import { claimOn } from './draft-invoice.ts';
import { type Invoice, InvoiceIssued } from './invoice.ts';
import { linesOfPart, summedUp } from './invoice-lines.ts';
import { type Issuing, issuedAs, issuing } from './issue-invoice.ts';
import { invoicesDue, Order, type Quantities } from './order.ts';
import { invoicedOn } from './order-counts.ts';

/**
 * Invoices what is invoiceable of an order: one issued invoice with its number for each delivery, and the order counts them, in one
 * transaction. With nothing invoiceable the order is answered as it is, so that this may be repeated.
 */
export const invoiceOrder: Command<Pick<ActInput, 'id'>, Order> = async (crm, { id }) => {
  const order = await crm.load(Order, id);
  const parts = invoicesDue(order);
  if (!parts.length) return order;
  const around = await issuing(crm, order.billToAccountId, parts.length);
  return crm.commit(decideInvoicing(order, parts, around, crm), [around.inSeries.take]);
};

/** The order counts what its new invoices ask for. Source: domain.md 7. */
export function decideInvoicing(
  order: Order,
  parts: readonly Quantities[],
  around: Issuing,
  { newId }: Pick<Crm, 'newId'>,
): [Fact<Order>, ...Fact<Invoice>[]] {
  const claim = claimOn(order);
  const why = { policy: around.invoicing.policy, reasons: [`Order ${order.number}`] };
  const invoices: Fact<Invoice>[] = [];
  let counted = order;
  for (const [at, part] of parts.entries()) {
    const sums = summedUp(order.currency, linesOfPart(counted, part), counted, around.invoicing);
    const inSeries = { ...around.inSeries, n: around.inSeries.n + at };
    const id = newId('inv', claim.accountId);
    const issued = issuedAs({ id, ...sums }, { ...around, inSeries });
    invoices.push(InvoiceIssued(undefined, { ...claim, ...sums, ...issued, id }, why));
    counted = { ...counted, lines: invoicedOn(counted, sums.lines).after.lines };
  }
  const all = invoices.flatMap(({ after }) => after.lines);
  return [invoicedOn(order, all), ...invoices];
}
