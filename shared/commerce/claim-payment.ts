import { format, least, type Money, subtract } from '../core/money.ts';
import type { Fact, Why } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import { mailToAssignee } from '../platform/task-mail.ts';
import type { Crm } from '../store/command.ts';
import { billingTask } from './billing-task.ts';
import { type Collecting, collecting, disputeTask, dunnedAgain, held } from './hold-invoice.ts';
import { Invoice, isCollected, moveInvoice } from './invoice.ts';
import { paidOf, standing, takenBackOf } from './invoice-balance.ts';
import {
  allocatedTo,
  movePayment,
  type Payment,
  type PaymentDispute,
  releasedFrom,
  takenFrom,
  toRelease,
} from './payment.ts';

/** What is claimed back of a payment: all that was refunded so far, or a dispute as it stands. */
export interface Claim {
  refunded?: Money;
  dispute?: PaymentDispute & { answerBy?: string | undefined };
  reason: string;
}

/** What a claim changes: the payment, and of which invoices how much is paid less (below zero) or again (above). */
export interface Claimed {
  payment: Payment;
  changes: ReadonlyMap<string, number>;
}

const rank = { open: 0, lost: 1, won: 2 } as const;

/**
 * The payment after a claim. What was refunded only grows, and a dispute only goes on (open, lost, won: a bank may still give back what was
 * lost), so that claims that are told twice or in another order come to the same. What is taken goes from what is unapplied first,
 * then from the last allocations; what is given back goes the other way, as far as its invoices are open (`openOf`). Undefined where
 * nothing changes.
 */
export function decideClaim(
  payment: Payment,
  { refunded, dispute }: Claim,
  openOf: (invoiceId: string) => number,
): Claimed | undefined {
  const after = {
    ...payment,
    ...(refunded && refunded.amount > payment.refunded.amount && { refunded: least(refunded, payment.amount) }),
    ...(dispute && { disputes: disputesWith(payment.disputes, dispute) }),
  };
  const known =
    JSON.stringify([payment.refunded, payment.disputes]) === JSON.stringify([after.refunded, after.disputes]);
  if (known) return undefined;
  const more = subtract(takenFrom(after), takenFrom(payment));
  return more.amount >= 0 ? taking(after, more) : givingBack(after, -more.amount, openOf);
}

function disputesWith(known: readonly PaymentDispute[] = [], { id, amount, state }: PaymentDispute): PaymentDispute[] {
  const before = known.find((one) => one.id === id);
  if (before && rank[state] <= rank[before.state]) return [...known];
  return [...known.filter((one) => one !== before), { id, amount: before?.amount ?? amount, state }].toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  );
}

function taking(payment: Payment, amount: Money): Claimed {
  const taken = toRelease(payment, amount);
  const freed = taken.reduce((balance, one) => releasedFrom(balance, one.invoiceId, one.amount), {
    allocations: payment.allocations,
    unapplied: payment.unapplied,
  });
  const after = { ...payment, ...freed, unapplied: subtract(freed.unapplied, amount) };
  return { payment: standingOf(after), changes: new Map(taken.map((one) => [one.invoiceId, -one.amount.amount])) };
}

function givingBack(payment: Payment, amount: number, openOf: (invoiceId: string) => number): Claimed {
  const { currency } = payment.amount;
  let after: Payment = { ...payment, unapplied: { currency, amount: payment.unapplied.amount + amount } };
  const changes = new Map<string, number>();
  for (const { invoiceId } of payment.allocations) {
    const share = Math.min(amount, openOf(invoiceId));
    if (share <= 0) continue;
    amount -= share;
    changes.set(invoiceId, share);
    after = { ...after, ...allocatedInPlace(after, invoiceId, { currency, amount: share }) };
  }
  return { payment: standingOf(after), changes };
}

/** Allocated to an invoice that the payment knows: its allocations keep their order, which says what is taken first. */
const allocatedInPlace = (payment: Payment, invoiceId: string, amount: Money) => {
  const { allocations, unapplied } = allocatedTo(payment, invoiceId, amount);
  const order = payment.allocations.map((one) => allocations.find((other) => other.invoiceId === one.invoiceId) ?? one);
  return { allocations: order, unapplied };
};

/** It is refunded once nothing of it is left and nobody contests it. */
function standingOf(payment: Payment): Payment {
  const gone = takenFrom(payment).amount === payment.amount.amount;
  const contested = payment.disputes?.some(({ state }) => state === 'open');
  return { ...payment, status: gone && !contested ? 'refunded' : 'received' };
}

/**
 * What follows from a claim, to be committed with what tells of it: the payment, its invoices (open again, and asked for again at the
 * level that dunning had reached; held while a dispute is open), and the step of a person where there is one. Nothing where nothing changes.
 */
export async function claimPayment(crm: Crm, payment: Payment, claim: Claim): Promise<[] | [Fact<Payment>, ...Fact[]]> {
  const loaded = await Promise.all(payment.allocations.map(({ invoiceId }) => crm.load(Invoice, invoiceId)));
  const invoices = new Map(loaded.map((invoice) => [invoice.id, invoice]));
  const openOf = (id: string) => {
    const invoice = invoices.get(id);
    return invoice && isCollected(invoice.status) ? invoice.totals.open.amount : 0;
  };
  const claimed = decideClaim(payment, claim, openOf);
  if (!claimed) return [];
  const around = await collecting(crm);
  const touched = [...invoices.values()].flatMap((invoice) => {
    const fact = invoiceAfter(invoice, claimed.changes.get(invoice.id) ?? 0, claim, around);
    return fact ? [fact] : [];
  });
  const asked = await personsStep(crm, payment, touched, claim);
  const closed = await Promise.all(
    asked.invoices.map(({ before, after }) =>
      before?.openTaskId && before.openTaskId !== after.openTaskId
        ? closing(crm, before.openTaskId, verbOf(claim))
        : [],
    ),
  );
  const freed =
    payment.openTaskId && !claimed.payment.unapplied.amount ? await closing(crm, payment.openTaskId, 'refund') : [];
  const { openTaskId = payment.openTaskId } = asked.payment;
  const after = { ...claimed.payment, openTaskId: freed.length ? undefined : openTaskId };
  const verb = claim.refunded ? 'take' : 'dispute';
  return [
    movePayment(payment, verb, after, { reasons: [claim.reason] }),
    ...asked.invoices,
    ...asked.tasks,
    ...closed.flat(),
    ...freed,
  ];
}

const verbOf = ({ dispute }: Claim): string => (dispute && dispute.state !== 'open' ? 'settleDispute' : 'dispute');

/** The invoice's part, if it has one. */
export function invoiceAfter(
  invoice: Invoice,
  change: number,
  { dispute, reason }: Claim,
  around: Collecting,
): Fact<Invoice> | undefined {
  const why: Why = { reasons: [reason], policy: around.dunning.policy };
  const { currency } = invoice;
  const ends = dispute && dispute.state !== 'open' && invoice.dispute?.by === dispute.id;
  const settled = ends ? { ...dunnedAgain(invoice, around), openTaskId: undefined } : {};
  if (change < 0) {
    const sums = standing(takenBackOf(invoice.totals, { currency, amount: -change }));
    if (dispute?.state === 'open')
      return moveInvoice(invoice, 'chargeBack', { ...sums, ...held({ reason, by: dispute.id }, around) }, why);
    const again = isCollected(invoice.status) ? {} : dunnedAgain(invoice, around);
    return moveInvoice(invoice, 'takeBack', { ...sums, ...again, ...settled }, why);
  }
  if (change > 0) {
    const sums = standing(paidOf(invoice.totals, { currency, amount: change }));
    const verb = sums.totals?.open.amount === 0 ? 'settle' : 'pay';
    return moveInvoice(invoice, verb, { ...settled, ...sums }, why);
  }
  return ends && isCollected(invoice.status) ? moveInvoice(invoice, 'settleDispute', settled, why) : undefined;
}

/** A dispute wants an answer at the provider, and a word with the customer: one task, at the first invoice, else at the payment. */
async function personsStep(crm: Crm, payment: Payment, invoices: Fact<Invoice>[], { dispute, reason }: Claim) {
  const none = { invoices, tasks: [] as Fact[], payment: {} as { openTaskId?: string } };
  if (dispute?.state !== 'open') return none;
  const [first, ...others] = invoices;
  if (first) {
    const task = await disputeTask(crm, first.before!, reason, dispute.answerBy);
    return {
      ...none,
      invoices: [{ ...first, after: { ...first.after, openTaskId: task.after.id } }, ...others],
      tasks: [task, ...(await mailToAssignee(crm, task))],
    };
  }
  const says = format(dispute.amount, 'en');
  const task = await billingTask(
    crm,
    payment,
    `Answer the dispute of payment ${payment.reference} over ${says}: ${reason}`.slice(0, 300),
    {
      priority: 'high',
      ...(dispute.answerBy && { dueAt: dispute.answerBy }),
    },
  );
  return {
    ...none,
    tasks: [task, ...(await mailToAssignee(crm, task))],
    payment: payment.openTaskId ? {} : { openTaskId: task.after.id },
  };
}
