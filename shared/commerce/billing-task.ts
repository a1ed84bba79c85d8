import { format, type Money } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { done, openTask, type Task } from '../platform/task.ts';
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
  return openTask(crm, {
    title: title.slice(0, 300),
    accountId,
    recordId,
    dueAt: crm.now.toISOString(),
    ...whose,
    ...more,
  });
}

/** Money that nobody has allocated: somebody says what it is for, or gives it back. */
export const unappliedTask = (
  crm: Crm,
  payment: { id: string; accountId?: string | undefined; unapplied: Money; reference: string },
  reasons: readonly string[],
): Promise<Fact<Task>> =>
  billingTask(
    crm,
    payment,
    `${format(payment.unapplied, 'en')} of payment ${payment.reference} is unapplied: ${reasons.join('; ')}`,
    {
      actions: [
        { key: 'allocate', label: 'It is for (invoice number in the note)' },
        { key: 'refund', label: 'Given back' },
        done,
      ],
    },
  );
