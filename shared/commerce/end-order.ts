import * as z from 'zod';
import { addDecimals, compareDecimals } from '../core/decimal.ts';
import { addDuration } from '../core/duration.ts';
import { Prose } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing, openTask, Task } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { billingTask } from './billing-task.ts';
import { creditDue, moveOrder, Order, openQuantity } from './order.ts';
import { Ordering } from './quote-policies.ts';

export const Cancellation = z.strictObject({ reason: Prose.trim().max(500).optional() });

/**
 * Cancels what is not fulfilled. With nothing fulfilled and nothing invoiced that is the whole order; else the rest of it, and what was
 * delivered stands. What was invoiced of it becomes a task: to credit it.
 */
export const cancelOrder: Command<{ id: string; reason?: string | undefined }, Order> = async (crm, { id, reason }) => {
  const order = await crm.load(Order, id);
  const cancelled = decideCancellation(order, reason);
  const closed = await closing(crm, order.openTaskId, 'cancel');
  return crm.commit([cancelled, ...closed, ...(await askingToCredit(crm, cancelled.after))]);
};

/** What was invoiced ahead and is cancelled now is owed to the customer: a person credits it, or knows why not. */
async function askingToCredit(crm: Crm, order: Draft<Order>): Promise<Fact[]> {
  const due = creditDue(order);
  if (!due.length) return [];
  const what = due.map(({ line, quantity }) => `${quantity} × ${line.description}`).join(', ');
  const task = await billingTask(
    crm,
    order,
    `Credit what order ${order.number} was invoiced for and is cancelled: ${what}`,
    {
      priority: 'high',
    },
  );
  return [task, ...(await mailToAssignee(crm, task))];
}

/** Source: domain.md 6: only the undelivered remainder is cancelled. */
export function decideCancellation(order: Order, cancelledReason: string | undefined): Fact<Order> {
  const lines = order.lines.map((line) => ({ ...line, cancelled: addDecimals(line.cancelled, openQuantity(line)) }));
  const nothing = order.lines.every(({ fulfilled }) => compareDecimals(fulfilled, '0') === 0);
  const changed = { lines, cancelledReason, nextStepAt: undefined, openTaskId: undefined };
  return moveOrder(order, nothing ? 'cancel' : 'fulfil', changed, {
    reasons: [cancelledReason ?? 'The rest is cancelled'],
  });
}

/** Everything is done: the order is closed. */
export const closeOrder: Command<{ id: string }, Order> = async (crm, { id }) =>
  crm.commit([moveOrder(await crm.load(Order, id), 'close')]);

/** Nothing was fulfilled in time: a task for the owner, unless they have one; and another while. */
export const chaseOrder: Command<ActInput, Order> = async (crm, { id, processId }) => {
  const order = await crm.load(Order, id);
  const open = order.status === 'confirmed' || order.status === 'partlyFulfilled';
  if (!open || !order.nextStepAt || Date.parse(order.nextStepAt) > crm.now.getTime()) return order;
  const { chaseAfter, policy } = await crm.policy(Ordering);
  const nextStepAt = addDuration(crm.now, chaseAfter).toISOString();
  const why = { reasons: ['Not fulfilled in time'], policy };
  const asked = order.openTaskId ? await crm.store.find(Task, order.openTaskId) : undefined;
  if (asked?.status === 'open') return crm.commit([moveOrder(order, 'count', { nextStepAt }, why)]);
  const task = openTask(crm, {
    title: `Fulfil order ${order.number}`,
    accountId: order.accountId,
    recordId: order.id,
    dueAt: nextStepAt,
    processId,
    ...(order.ownerId ? { assigneeId: order.ownerId } : { queue: 'orders' }),
  });
  const moved = moveOrder(order, 'count', { nextStepAt, openTaskId: task.after.id }, why);
  return crm.commit([moved, task, ...(await mailToAssignee(crm, task))]);
};
