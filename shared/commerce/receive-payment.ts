import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import { type Payment, type PaymentDetails, PaymentReceived, paymentReferenceKey } from './payment.ts';

export const AccountPayment = z.strictObject({ accountId: id('acc') });

/** Notes a payment that nobody has allocated yet. 409 `record.duplicate` for a reference that is known. */
export const receivePayment: Command<PaymentDetails & { accountId: string }, Payment> = async (
  crm,
  { accountId, ...details },
) => {
  await Promise.all([crm.refer(Account, accountId, '#/accountId'), isNew(crm, details.reference)]);
  return crm.commit([PaymentReceived(undefined, aPayment(crm.newId('pay'), accountId, details, crm.now))]);
};

/** A reference that is known names its payment, whatever has become of the invoice since. */
export async function isNew({ store }: Crm, reference: string): Promise<void> {
  const existingId = await store.holderOf(paymentReferenceKey(reference));
  if (existingId) throw new Refusal('record.duplicate', `The payment ${reference} is known`, { existingId });
}

/** A payment of which nothing has been allocated. */
export const aPayment = (id: string, accountId: string | undefined, details: PaymentDetails, now: Date) => ({
  ...details,
  id,
  accountId,
  receivedAt: details.receivedAt ?? now.toISOString(),
  status: 'received' as const,
  allocations: [],
  unapplied: details.amount,
  refunded: { ...details.amount, amount: 0 },
});
