import { format } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { closing, done, type Task } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Crm } from '../store/command.ts';
import { billingTask } from './billing-task.ts';
import type { Match } from './match-payment.ts';
import { allocatedTo, movePayment, namesOf, type Payment, PaymentReceived } from './payment.ts';
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
  const { facts, balance } = await shared(crm, payment, match);
  const asked =
    balance.unapplied.amount > 0 ? await allocationTask(crm, { ...payment, ...balance }, match.reasons) : undefined;
  const after = { ...payment, ...balance, ...(asked && { openTaskId: asked.after.id }) };
  return [
    PaymentReceived(undefined, after, { reasons: match.reasons }),
    ...facts,
    ...(asked ? [asked, ...(await mailToAssignee(crm, asked))] : []),
  ];
}

/**
 * What another event adds to a payment that is known: other names of it, whose it is, and, while nobody has allocated any of it, what it is
 * for. Nothing where it adds nothing.
 */
export async function knowPayment(crm: Crm, payment: Payment, names: readonly string[], match: Match): Promise<Fact[]> {
  const others = names.filter((name) => !namesOf(payment).includes(name));
  const open = payment.status === 'received' && payment.unapplied.amount > 0 && payment.allocations.length === 0;
  const { facts, balance } = await shared(crm, payment, open ? match : { ...match, shares: [] });
  const accountId = payment.accountId ?? match.accountId;
  if (!facts.length && !others.length && accountId === payment.accountId) return [];
  const closed =
    facts.length && balance.unapplied.amount === 0 ? await closing(crm, payment.openTaskId, 'allocate') : [];
  const after = {
    ...balance,
    accountId,
    ...(others.length && { alsoKnownAs: [...(payment.alsoKnownAs ?? []), ...others] }),
    ...(closed.length && { openTaskId: undefined }),
  };
  const moved = movePayment(payment, facts.length ? 'allocate' : 'know', after, {
    reasons: facts.length ? match.reasons : [],
  });
  return [moved, ...facts, ...closed];
}

/** Each invoice gets its share, and closes what is open about it where it is settled. */
async function shared(crm: Crm, payment: Pick<Payment, 'allocations' | 'unapplied'>, { shares, reasons }: Match) {
  let balance = { allocations: payment.allocations, unapplied: payment.unapplied };
  const facts: Fact[] = [];
  for (const { invoice, amount } of shares) {
    const fact = paid(invoice, amount, { reasons });
    balance = allocatedTo(balance, invoice.id, amount);
    facts.push(fact, ...(await closingIfSettled(crm, invoice, fact)));
  }
  return { facts, balance };
}

/** Somebody says what it is for, or gives it back. */
async function allocationTask(
  crm: Crm,
  payment: Pick<Payment, 'id' | 'accountId' | 'unapplied' | 'reference'>,
  reasons: readonly string[],
): Promise<Fact<Task>> {
  const title =
    `${format(payment.unapplied, 'en')} of payment ${payment.reference} is unapplied: ${reasons.join('; ')}`.slice(
      0,
      300,
    );
  return billingTask(crm, payment, title, {
    actions: [
      { key: 'allocate', label: 'It is for (invoice number in the note)' },
      { key: 'refund', label: 'Given back' },
      done,
    ],
  });
}
