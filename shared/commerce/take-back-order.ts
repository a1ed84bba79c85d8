import { compareDecimals } from '../core/decimal.ts';
import { keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { closing } from '../platform/task.ts';
import type { Crm, Staged } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import { decideCancellation } from './end-order.ts';
import { Invoice, invoicesOfOrder } from './invoice.ts';
import { Order } from './order.ts';

/**
 * What takes an order back together with what led to it: it is cancelled, if nothing has come of it yet. 409 `lead.conversionFixed` once
 * something of it was delivered or invoiced. A transaction that holds these parts holds it as it was seen: every fulfilment and every
 * invoice of an order writes the order.
 */
export async function orderTakenBack(crm: Crm, orderId: string, reason: string): Promise<Staged> {
  const order = await crm.store.load(Order, orderId);
  const hindrance = whatCameOf(order, await invoicesOf(crm, orderId));
  if (hindrance) throw new Refusal('lead.conversionFixed', hindrance);
  if (order.status === 'cancelled' || order.archivedAt) return { facts: [], also: [unchanged(crm, order)] };
  const closed = await closing(crm, order.openTaskId, 'cancel');
  return { facts: [decideCancellation(order, reason), ...closed], also: [] };
}

async function invoicesOf({ store }: Crm, orderId: string): Promise<Invoice[]> {
  const found = await store.queryAll(ranges.under(invoicesOfOrder(orderId)), true);
  const items = await store.getMany(
    found.map(({ recordId }) => keyOf(String(recordId))),
    true,
  );
  return items.map((item) => Invoice.schema.parse(item)).filter(({ archivedAt }) => !archivedAt);
}

/** Why an order can no longer be as if it had never been; undefined if it can. */
export function whatCameOf({ number, lines, status }: Order, invoices: readonly Invoice[]): string | undefined {
  const [invoice] = invoices;
  if (invoice)
    return invoice.status === 'draft'
      ? `There is a draft of an invoice for order ${number}`
      : `Invoice ${invoice.number} was issued for what was sold`;
  const some = (of: 'fulfilled' | 'invoiced') => lines.some((line) => compareDecimals(line[of], '0') > 0);
  if (some('invoiced')) return `Some of order ${number} was invoiced`;
  return some('fulfilled') || status === 'fulfilled' || status === 'closed'
    ? `Some of order ${number} was delivered`
    : undefined;
}

const unchanged = ({ store }: Crm, { id, version }: Order) => ({
  ConditionCheck: {
    TableName: store.table,
    Key: keyOf(id),
    ConditionExpression: 'version = :seen',
    ExpressionAttributeValues: { ':seen': version },
  },
});
