import type { Fact } from '../events/event.ts';
import { openTask, type Task } from '../platform/task.ts';
import { Account } from '../sales/account.ts';
import type { Crm } from '../store/command.ts';

/** Something that a person must do about an invoice, a credit note or a payment: the account's owner, else whoever looks after billing. */
export async function billingTask(
  crm: Crm,
  { id: recordId, accountId }: { id: string; accountId?: string | undefined },
  title: string,
  more: Partial<Pick<Task, 'actions' | 'priority' | 'processId' | 'dueAt'>> = {},
): Promise<Fact<Task>> {
  const account = accountId ? await crm.store.find(Account, accountId) : undefined;
  const whose = account?.ownerId ? { assigneeId: account.ownerId } : { queue: 'billing' };
  return openTask(crm, { title, accountId, recordId, dueAt: crm.now.toISOString(), ...whose, ...more });
}
