import { addDuration } from '../core/duration.ts';
import { format } from '../core/money.ts';
import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import { ActivityDone } from '../service/activity.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import { billingTask } from './billing-task.ts';
import { claimPayment } from './claim-payment.ts';
import { matchPayment, payerOfNotice } from './match-payment.ts';
import { learned, movePayment, namesOf, Payment, paymentReferenceKey } from './payment.ts';
import { movePaymentEvent, PaymentEvent, parkedUnder } from './payment-event.ts';
import { linksRenewed, Paying } from './payment-link.ts';
import { knowPayment, receiveMatched } from './receive-matched.ts';

/** What comes of an event: what changes with it, or why it waits or is let be. */
interface Outcome {
  verb: 'apply' | 'park' | 'ignore';
  reasons: string[];
  facts?: Fact[];
  paymentId?: string;
  /** What must hold for it to wait. */
  also?: Action[];
}

/**
 * Does what a provider's event tells of, in one transaction with the note that it is done: so an event that comes again does nothing. Of
 * all the events of one payment the first makes it and the others find it, by whatever name. A refund or dispute that comes before
 * its payment is parked: it is applied when the payment comes.
 */
export const applyPaymentEvent: Command<{ id: string }, PaymentEvent> = async (crm, { id }) => {
  const event = await crm.load(PaymentEvent, id);
  if (event.status !== 'received' && event.status !== 'parked') return event;
  const { verb, reasons, facts = [], paymentId, also } = await outcomeOf(crm, event);
  if (verb === 'park' && event.status === 'parked') return event;
  const { patience } = await crm.policy(Paying);
  const after = {
    reasons,
    paymentId,
    askAt: verb === 'park' ? addDuration(crm.now, patience).toISOString() : undefined,
    openTaskId: undefined,
  };
  const moved = movePaymentEvent(event, verb, after, { reasons });
  const closed = await closing(crm, event.openTaskId, 'retry');
  return crm.commit([moved, ...(await linksRenewed(crm, facts)), ...closed], also);
};

async function outcomeOf(crm: Crm, event: PaymentEvent): Promise<Outcome> {
  const { notice, provider } = event;
  if (notice.says === 'failed') return failure(crm, event);
  if (notice.says === 'unclear') return { verb: 'park', reasons: [`It cannot be read: ${notice.why}`] };
  const known = await paymentsCalled(crm, notice.names);
  const [payment, other] = known;
  if (other)
    return {
      verb: 'park',
      reasons: [`${known.map(({ reference }) => reference).join(' and ')} are one payment to ${provider}`],
    };
  if (notice.says === 'paid') return paid(crm, event, payment);
  if (!payment) return missing(crm, notice.names);
  return claimed(crm, event, payment);
}

/** The payments that are known by any of these names: one, unless the provider says later that two are the same. */
async function paymentsCalled({ store }: Crm, names: readonly string[]): Promise<Payment[]> {
  const holders = await store.holdersOf(names.map(paymentReferenceKey));
  const found = await Promise.all([...new Set(holders.values())].map((id) => store.find(Payment, id)));
  return found.filter((payment) => payment !== undefined);
}

/** It waits as long as nobody knows such a payment: that is checked in the transaction that parks it, so that none is missed. */
function missing({ store }: Crm, names: readonly string[]): Outcome {
  const also = names.map((name): Action => {
    const key = paymentReferenceKey(name);
    const ConditionExpression = 'attribute_not_exists(pk)';
    return { ConditionCheck: { TableName: store.table, Key: { pk: key, sk: key }, ConditionExpression } };
  });
  return { verb: 'park', reasons: [`No payment is known as ${names.join(' or ')}`], also };
}

async function paid(crm: Crm, { notice, provider }: PaymentEvent, payment: Payment | undefined): Promise<Outcome> {
  const payer = await payerOfNotice(crm, provider, notice);
  const match = matchPayment(payment?.amount ?? notice.amount!, payer);
  if (!payment) {
    const facts = await receiveMatched(crm, notice, match);
    return { verb: 'apply', reasons: match.reasons, facts, paymentId: facts[0].after.id };
  }
  const facts = await knowPayment(crm, payment, notice.names, match);
  const reasons = [`The payment is known as ${payment.reference}`, ...(facts.length ? match.reasons : [])];
  return { verb: 'apply', reasons, facts, paymentId: payment.id };
}

async function claimed(crm: Crm, { notice, type }: PaymentEvent, payment: Payment): Promise<Outcome> {
  const { currency } = payment.amount;
  const { dispute, amount, why } = notice;
  const theirs = dispute ? (dispute.amount?.currency ?? currency) : amount?.currency;
  if (theirs !== currency)
    return { verb: 'park', reasons: [`It is in ${theirs}, the payment ${payment.reference} in ${currency}`] };
  const reason = `${type}${why ? `: ${why}` : ''}`.slice(0, 200).toWellFormed();
  const claim = dispute
    ? { dispute: { ...dispute, amount: dispute.amount ?? payment.amount }, reason }
    : { ...(notice.refund ? { refund: { id: notice.refund, amount: amount! } } : { refunded: amount! }), reason };
  const [changed, ...others] = await claimPayment(crm, payment, claim);
  const reasons = [changed ? reason : 'It says nothing new'];
  const alsoKnownAs = learned(payment, notice.names);
  const fact = changed ?? (alsoKnownAs && movePayment(payment, 'know'));
  const named = fact && (alsoKnownAs ? { ...fact, after: { ...fact.after, alsoKnownAs } } : fact);
  return { verb: 'apply', reasons, facts: named ? [named, ...others] : [], paymentId: payment.id };
}

/** A payment that failed moves no money: it is noted in the thread of its invoice, for whoever asks why that is still open. */
async function failure(crm: Crm, { notice, provider, type }: PaymentEvent): Promise<Outcome> {
  const { amount, why = 'no reason is given' } = notice;
  const payer = await payerOfNotice(crm, provider, notice);
  const [invoice] =
    payer.named.length || !amount ? payer.named : matchPayment(amount, payer).shares.map((share) => share.invoice);
  if (!invoice) return { verb: 'ignore', reasons: [`A payment failed (${why}); it names no invoice that we know`] };
  const says = amount ? ` over ${format(amount, 'en')}` : '';
  const noted = ActivityDone(undefined, {
    id: crm.newId('act', invoice.accountId),
    accountId: invoice.accountId,
    recordId: invoice.id,
    kind: 'note',
    status: 'done',
    occurredAt: notice.at ?? crm.now.toISOString(),
    subject: `A payment${says} failed`,
    body: `${provider} ${type}: ${why}`,
  });
  return { verb: 'apply', reasons: [`Noted at ${invoice.number}`], facts: [noted] };
}

/** Looks again, at a person's wish. 409 while it still waits. */
export const retryPaymentEvent: Command<{ id: string }, PaymentEvent> = async (crm, { id }) => {
  const event = await applyPaymentEvent(crm, { id });
  if (event.status !== 'parked') return event;
  throw new Refusal('record.wrongState', `It still waits, and is parked: ${event.reasons.join('; ')}`);
};

/** Lets a parked event be. */
export const ignorePaymentEvent: Command<{ id: string; note?: string | undefined }, PaymentEvent> = async (
  crm,
  { id, note = 'A person let it be' },
) => {
  const event = await crm.load(PaymentEvent, id);
  const after = { reasons: [note], askAt: undefined, openTaskId: undefined };
  const moved = movePaymentEvent(event, 'ignore', after, { reasons: [note] });
  return crm.commit([moved, ...(await closing(crm, event.openTaskId, 'ignore', note))]);
};

/** An event has waited long enough: a person is asked, once. */
export const askAboutPaymentEvent: Command<{ id: string }, PaymentEvent> = async (crm, { id }) => {
  const event = await crm.load(PaymentEvent, id);
  if (event.status !== 'parked' || !event.askAt || Date.parse(event.askAt) > crm.now.getTime()) return event;
  const title = `${event.provider} ${event.type} waits: ${event.reasons.join('; ')}`;
  const actions = [
    { key: 'retry', label: 'Look again' },
    { key: 'ignore', label: 'Let it be' },
  ];
  const task = await billingTask(crm, { id }, title, { actions });
  return crm.commit([movePaymentEvent(event, 'ask', { askAt: undefined, openTaskId: task.after.id }), task]);
};

/** The parked events of a payment, by any of its names. */
export async function parkedOf({ store }: Pick<Crm, 'store'>, payment: Payment): Promise<string[]> {
  const found = await Promise.all(
    namesOf(payment).map((name) => store.queryAll({ pk: parkedUnder(name), prefix: '' }, true)),
  );
  return [...new Set(found.flat().map((item) => String(item['recordId'])))];
}
