import type { Fact, Why } from '../events/event.ts';
import { closing, Task } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Crm } from '../store/command.ts';
import { answerTask, isOver, unappliedTask } from './billing-task.ts';
import { type Collecting, collecting, disputeTask, dunnedAgain, held } from './hold-invoice.ts';
import { Invoice, isCollected, moveInvoice } from './invoice.ts';
import { paidOf, standing, takenBackOf } from './invoice-balance.ts';
import { movePayment, type Payment } from './payment.ts';
import { type Claim, contestOf, decideClaim } from './payment-claim.ts';

/**
 * What follows from a claim, to be committed with what tells of it: the payment, its invoices (open again, and asked for again at the
 * level that dunning had reached; held while a dispute keeps their money), and the step of a person where there is one. Nothing where the
 * claim says nothing new.
 */
export async function claimPayment(crm: Crm, payment: Payment, claim: Claim): Promise<[] | [Fact<Payment>, ...Fact[]]> {
  const invoices = await Promise.all(payment.allocations.map(({ invoiceId }) => crm.load(Invoice, invoiceId)));
  const openOf = (id: string) => {
    const invoice = invoices.find((one) => one.id === id);
    return invoice && isCollected(invoice.status) ? invoice.totals.open.amount : 0;
  };
  const claimed = decideClaim(payment, claim, openOf);
  if (!claimed) return [];
  const around = await collecting(crm);
  const facts = invoices.flatMap(
    (invoice) =>
      invoiceAfter(invoice, claimed.changes.get(invoice.id) ?? 0, claimed.balance, claim.reason, around) ?? [],
  );
  const after = { ...payment, ...claimed.balance };
  const step = await personsStep(crm, payment, after, facts, claim);
  const verb = claim.dispute ? 'dispute' : 'take';
  const moved = movePayment(payment, verb, { ...after, openTaskId: step.openTaskId }, { reasons: [claim.reason] });
  return [moved, ...step.facts];
}

/**
 * The invoice's part, if it has one: `change` is how much of it is paid again, or less. It is held while a dispute keeps its money from it,
 * and asked for again afterwards.
 */
export function invoiceAfter(
  invoice: Invoice,
  change: number,
  payment: Pick<Payment, 'amount' | 'refunded' | 'disputes'>,
  reason: string,
  around: Collecting,
): Fact<Invoice> | undefined {
  const why: Why = { reasons: [reason], policy: around.dunning.policy };
  const amount = { currency: invoice.currency, amount: Math.abs(change) };
  const contest = contestOf(payment);
  const ours = payment.disputes?.some(({ id }) => id === invoice.dispute?.by) ?? false;
  const ends = ours && !contest;
  const hindrance = {
    ...(ends && { ...dunnedAgain(invoice, around), openTaskId: undefined }),
    ...(!ours && contest && held({ reason, by: contest.id }, around)),
  };
  if (change > 0) {
    const sums = standing(paidOf(invoice.totals, amount));
    const settles = sums.totals?.open.amount === 0;
    return moveInvoice(invoice, settles ? 'settle' : 'pay', { ...(ends && hindrance), ...sums }, why);
  }
  if (change < 0) {
    const again = isCollected(invoice.status) ? {} : dunnedAgain(invoice, around);
    const after = { ...standing(takenBackOf(invoice.totals, amount)), ...again, ...hindrance };
    return moveInvoice(invoice, !ours && contest ? 'chargeBack' : 'takeBack', after, why);
  }
  return ends && isCollected(invoice.status) ? moveInvoice(invoice, 'settleDispute', hindrance, why) : undefined;
}

/**
 * Who does what next. A dispute wants an answer at the provider and a word with the customer: a task at the first invoice that it keeps money
 * from, else at the payment. Money that comes back and finds no invoice wants one. What a task was for is over: it is closed.
 */
async function personsStep(
  crm: Crm,
  before: Payment,
  after: Payment,
  invoices: Fact<Invoice>[],
  { dispute, reason }: Claim,
) {
  const newly = invoices.find(({ type }) => type === 'invoice.disputed');
  const opened = dispute?.state === 'open' && contestOf(after)?.id === dispute.id && !invoices.length;
  const dueAt = dispute?.answerBy;
  const ofInvoice = newly && (await disputeTask(crm, newly.before!, reason, dueAt));
  const rest = after.unapplied.amount;
  const task = before.openTaskId ? await crm.store.find(Task, before.openTaskId) : undefined;
  const over = task?.status === 'open' && isOver(task, after);
  const idle = over || task?.status !== 'open';
  const ofPayment = opened
    ? await answerTask(crm, before, dispute, reason, dueAt)
    : rest > (over ? 0 : before.unapplied.amount) && idle && (await unappliedTask(crm, after, [reason]));
  const asks = [ofInvoice, ofPayment].flatMap((task) => task || []);
  const facts = invoices.map((fact) =>
    fact === newly && ofInvoice ? { ...fact, after: { ...fact.after, openTaskId: ofInvoice.after.id } } : fact,
  );
  const done = dispute?.state === 'open' ? 'dispute' : 'settleDispute';
  const closed = await Promise.all([
    ...facts.map((fact) =>
      fact.before?.openTaskId !== fact.after.openTaskId ? closing(crm, fact.before?.openTaskId, done) : [],
    ),
    over || ofPayment ? closing(crm, before.openTaskId, 'refund') : [],
  ]);
  const mails = await Promise.all(asks.map((task) => mailToAssignee(crm, task)));
  const openTaskId = ofPayment ? ofPayment.after.id : over ? undefined : before.openTaskId;
  return { facts: [...facts, ...asks, ...mails.flat(), ...closed.flat()], openTaskId };
}
