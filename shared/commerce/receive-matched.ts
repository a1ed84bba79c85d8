import type { Money } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { closing, Task } from '../platform/task.ts';
import type { Crm } from '../store/command.ts';
import { invoiceAfter } from './claim-payment.ts';
import { type Collecting, collecting, held } from './hold-invoice.ts';
import { Invoice, moveInvoice } from './invoice.ts';
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
import { aPayment } from './receive-payment.ts';
import { closingIfSettled, leftOver, paid } from './record-payment.ts';

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
    guessed: isGuess(match),
  };
  const { after, facts } = await shared(crm, payment, match);
  const left = await leftOver(crm, undefined, { ...payment, ...after }, match.reasons);
  const received = { ...payment, ...after, openTaskId: left.openTaskId };
  return [PaymentReceived(undefined, received, { reasons: match.reasons }), ...facts, ...left.facts];
}

const isGuess = ({ shares, names }: Match) => (shares.length && !names.length ? true : undefined);

/**
 * What another event adds to a payment that is known: other names of it, whose it is, and, where nobody has said so yet, what it is for. A
 * guess is nobody's word: an event that names another invoice takes the payment there. Nothing where it adds nothing.
 */
export async function knowPayment(crm: Crm, payment: Payment, names: readonly string[], match: Match): Promise<Fact[]> {
  const alsoKnownAs = learned(payment, names);
  const corrects = payment.guessed && match.names.length > 0;
  const confirms = corrects && payment.allocations.some(({ invoiceId }) => match.names.includes(invoiceId));
  const moves = corrects ? !confirms : !payment.allocations.length && match.shares.length > 0;
  const accountId = corrects ? match.accountId : (payment.accountId ?? match.accountId);
  const known = { accountId, ...(alsoKnownAs && { alsoKnownAs }), ...(corrects && { guessed: undefined }) };
  if (!moves) {
    if (!alsoKnownAs && !confirms && accountId === payment.accountId) return [];
    return [movePayment(payment, 'know', known)];
  }
  const why = { reasons: match.reasons };
  const { after, facts } = await shared(crm, payment, match);
  const task = payment.openTaskId ? await crm.store.find(Task, payment.openTaskId) : undefined;
  const left = await leftOver(crm, task, { ...payment, ...known, ...after }, match.reasons);
  const moved = { ...known, ...after, guessed: isGuess(match), openTaskId: left.openTaskId };
  return [
    movePayment(payment, 'match', moved, why),
    ...(await undone(crm, payment, match.reasons)),
    ...facts,
    ...left.facts,
  ];
}

/** What a payment was guessed to be for is open again, as if it had never come; what contests the payment is no hold on it either. */
async function undone(crm: Crm, payment: Payment, reasons: readonly string[]): Promise<Fact[]> {
  const around = await collecting(crm);
  const uncontested = { ...payment, disputes: payment.disputes?.map((one) => ({ ...one, state: 'won' as const })) };
  const facts = payment.allocations.map(async ({ invoiceId, amount }) => {
    const invoice = await crm.load(Invoice, invoiceId);
    const fact = invoiceAfter(invoice, -amount.amount, uncontested, reasons.join('; '), around);
    if (!fact) return [];
    const ends = invoice.openTaskId && invoice.openTaskId !== fact.after.openTaskId;
    return [fact, ...(ends ? await closing(crm, invoice.openTaskId, 'settleDispute') : [])];
  });
  return (await Promise.all(facts)).flat();
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
