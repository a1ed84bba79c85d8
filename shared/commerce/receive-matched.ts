import type { Money } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Crm } from '../store/command.ts';
import { unappliedTask } from './billing-task.ts';
import { type Collecting, collecting, held } from './hold-invoice.ts';
import { type Invoice, moveInvoice } from './invoice.ts';
import type { Match } from './match-payment.ts';
import {
  allocatedTo,
  learned,
  movePayment,
  type Payment,
  type PaymentBalance,
  type PaymentDispute,
  PaymentReceived,
  takenFrom,
} from './payment.ts';
import { contestOf, taking } from './payment-claim.ts';
import type { PaymentNotice } from './payment-notice.ts';
import { aPayment, closingIfSettled, paid } from './record-payment.ts';

/** A payment that a provider told of: its invoices get their shares, what is left over is a person's task. */
export async function receiveMatched(
  crm: Crm,
  notice: PaymentNotice,
  match: Match,
): Promise<[Fact<Payment>, ...Fact[]]> {
  const [reference = '', ...alsoKnownAs] = notice.names;
  const receivedAt = notice.at ?? crm.now.toISOString();
  const details = { amount: notice.amount!, method: notice.method, reference, receivedAt };
  const payment = {
    ...aPayment(crm.newId('pay'), match.accountId, details, crm.now),
    ...(alsoKnownAs.length && { alsoKnownAs }),
  };
  const { after, facts } = await shared(crm, payment, match);
  const asked =
    after.unapplied.amount > 0 ? await unappliedTask(crm, { ...payment, ...after }, match.reasons) : undefined;
  const received = { ...payment, ...after, ...(asked && { openTaskId: asked.after.id }) };
  const asks = asked ? [asked, ...(await mailToAssignee(crm, asked))] : [];
  return [PaymentReceived(undefined, received, { reasons: match.reasons }), ...facts, ...asks];
}

/**
 * What another event adds to a payment that is known: other names of it, whose it is, and, where nobody has said so yet, what it is for.
 * Nothing where it adds nothing.
 */
export async function knowPayment(crm: Crm, payment: Payment, names: readonly string[], match: Match): Promise<Fact[]> {
  const alsoKnownAs = learned(payment, names);
  const accountId = payment.accountId ?? match.accountId;
  const known = { accountId, ...(alsoKnownAs && { alsoKnownAs }) };
  if (payment.allocations.length || !match.shares.length) {
    if (!alsoKnownAs && accountId === payment.accountId) return [];
    return [movePayment(payment, 'know', known)];
  }
  const { after, facts } = await shared(crm, payment, match);
  const closed = after.unapplied.amount === 0 ? await closing(crm, payment.openTaskId, 'allocate') : [];
  const openTaskId = closed.length ? undefined : payment.openTaskId;
  const moved = movePayment(payment, 'match', { ...known, ...after, openTaskId }, { reasons: match.reasons });
  return [moved, ...facts, ...closed];
}

/**
 * Each invoice gets its share of the payment, less what was taken from it before anybody knew what it was for: so it comes to the same as if
 * that had been known from the start. What is open about an invoice that is settled is closed.
 */
async function shared(crm: Crm, payment: PaymentBalance, { shares, reasons }: Match) {
  let given: PaymentBalance = { ...payment, unapplied: payment.amount, allocations: [] };
  for (const { invoice, amount } of shares) given = { ...given, ...allocatedTo(given, invoice.id, amount) };
  const { balance, changes } = taking(given, takenFrom(payment));
  const around = await collecting(crm);
  const facts: Fact[] = [];
  for (const { invoice, amount } of shares) {
    const less = changes.get(invoice.id) ?? 0;
    const contest = less < 0 ? contestOf(balance) : undefined;
    const fact = shareOf(invoice, { ...amount, amount: amount.amount + less }, contest, around, reasons);
    if (fact) facts.push(fact, ...(await closingIfSettled(crm, invoice, fact)));
  }
  const { allocations, unapplied, status } = balance;
  return { after: { allocations, unapplied, status }, facts };
}

/** What becomes of an invoice with its share, and of one whose share is contested. */
function shareOf(
  invoice: Invoice,
  amount: Money,
  contest: PaymentDispute | undefined,
  around: Collecting,
  reasons: string[],
): Fact<Invoice> | undefined {
  const hold = contest && held({ reason: `Dispute ${contest.id}`, by: contest.id }, around);
  if (amount.amount === 0) return hold && moveInvoice(invoice, 'dispute', hold, { reasons });
  const fact = paid(invoice, amount, { reasons });
  return hold ? { ...fact, after: { ...fact.after, ...hold } } : fact;
}
