import { format, type Money } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { done, openTask, type Task } from '../platform/task.ts';
import { Account } from '../sales/account.ts';
import type { Crm } from '../store/command.ts';
import type { Payment, PaymentDispute } from './payment.ts';
import { contestOf } from './payment-claim.ts';

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
    title: title.slice(0, 300).toWellFormed(),
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

/** A dispute that wants an answer at the provider, where no invoice is there to say so. */
export const answerTask = (
  crm: Crm,
  payment: Pick<Payment, 'id' | 'accountId' | 'reference'>,
  { amount }: PaymentDispute,
  reason: string,
  dueAt?: string,
): Promise<Fact<Task>> =>
  billingTask(
    crm,
    payment,
    `Answer the dispute of payment ${payment.reference} over ${format(amount, 'en')}: ${reason}`,
    { priority: 'high', ...(dueAt && { dueAt }) },
  );

/** Whether a task asks what unapplied money is for. */
export const asksWhatFor = ({ actions }: Task): boolean => actions.some(({ key }) => key === 'allocate');

/** Whether the step of a person about a payment is over: nothing is left to be allocated, or nobody contests it any more. */
export const isOver = (
  task: Task,
  payment: Pick<Payment, 'amount' | 'refunded' | 'disputes' | 'unapplied'>,
): boolean => (asksWhatFor(task) ? payment.unapplied.amount === 0 : !contestOf(payment));
