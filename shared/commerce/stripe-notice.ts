import { exponentOf, format, type Money } from '../core/money.ts';
import {
  idIn,
  instantIn,
  type Json,
  listIn,
  moneyIn,
  namesIn,
  nothing,
  objectIn,
  type PaymentNotice,
  textIn,
  textsIn,
} from './payment-notice.ts';

type Read = (object: Json, type: string) => Partial<PaymentNotice> & Pick<PaymentNotice, 'says'>;
const silent = { says: 'nothing' } as const;

/**
 * What an event of Stripe says, of any version of its API: https://docs.stripe.com/api/events/types. Fields that are missing, null or of
 * another form are as if they were not there; a type that is not about money says nothing.
 */
export function stripeNotice(event: Json): PaymentNotice {
  const type = textIn(event['type']) ?? '';
  const object = objectIn(objectIn(event['data'])['object']);
  const read = readers.get(type) ?? (type.startsWith('charge.dispute.') ? dispute : undefined);
  const said = read?.(object, type) ?? silent;
  if (said.says === 'nothing' || !(said.names?.length || said.says === 'failed')) return nothing;
  const { amount } = said;
  if (!amount && (said.says === 'paid' || said.says === 'refunded')) return nothing;
  const at = instantIn(event['created']);
  return { ...nothing, ...hintsIn(object), method: methodOf(object), ...(at && { at }), ...said };
}

/** A checkout is paid when it says so: with a delayed method it is completed first. */
const session: Read = (object, type) => {
  const amount = money(object['amount_total'], object['currency']);
  const names = named(
    object['payment_intent'],
    idIn(object['payment_intent']) ? undefined : (idIn(object['invoice']) ?? object['id']),
  );
  if (type.endsWith('failed')) return failed(object, names, amount);
  const paid = object['payment_status'] === 'paid' || type.endsWith('succeeded');
  return paid ? { says: 'paid', names, amount } : silent;
};

const intent: Read = (object, type) => {
  const attempt = objectIn(listIn(objectIn(object['charges'])['data'])[0]);
  const names = named(object['id'], idIn(object['latest_charge']) ?? attempt['id'], object['invoice']);
  const amount = money(object['amount_received'], object['currency']) ?? money(object['amount'], object['currency']);
  return type.endsWith('succeeded') ? { says: 'paid', names, amount } : failed(object, names, amount);
};

/** A charge may be of no intent, and only authorised. Of one with an intent, the intent tells when it fails. */
const charge: Read = (object, type) => {
  const names = named(object['payment_intent'], object['id'], object['invoice']);
  const amount = money(object['amount_captured'], object['currency']) ?? money(object['amount'], object['currency']);
  if (type === 'charge.failed') return idIn(object['payment_intent']) ? silent : failed(object, names, amount);
  return object['captured'] === false ? silent : { says: 'paid', names, amount };
};

/** All that was refunded of the charge so far: the same event twice, or two in the wrong order, come to the same. */
const refund: Read = (object) => ({
  says: 'refunded',
  names: named(object['payment_intent'], object['id']),
  amount: money(object['amount_refunded'], object['currency']),
});

/** One refund alone. It is told of as long as it is under way too, as the charge tells then; one that failed is for a person to send again. */
const oneRefund: Read = (object, type) => {
  const id = textIn(object['id']);
  const names = named(object['payment_intent'], object['charge']);
  const amount = money(object['amount'], object['currency']);
  if (type === 'refund.failed')
    return { says: 'unclear', names, why: `The refund ${id} over ${amount && format(amount, 'en')} failed` };
  if (object['status'] === 'failed' || object['status'] === 'canceled') return silent;
  return id ? { says: 'refunded', refund: id, names, amount } : silent;
};

/**
 * An invoice of Stripe's own: the checkout of a subscription names nothing but that. Newer versions name its payments only in a list; of
 * several, each tells of itself.
 */
const invoice: Read = (object, type) => {
  const payments = listIn(objectIn(object['payments'])['data']).map(objectIn);
  const [first, second] = payments.filter(({ status = 'paid' }) => status === 'paid');
  const payment = objectIn(first?.['payment']);
  const own = [object['payment_intent'] ?? payment['payment_intent'], object['charge'] ?? payment['charge']];
  const names = named(...own, object['id']);
  if (type.endsWith('failed')) return failed(object, names, money(object['amount_due'], object['currency']));
  if (object['paid_out_of_band'] === true || second) return silent;
  return { says: 'paid', names, amount: money(object['amount_paid'], object['currency']) };
};

const states: Readonly<Record<string, 'lost' | 'won'>> = {
  lost: 'lost',
  won: 'won',
  warning_closed: 'won',
  prevented: 'won',
  // The refund tells of itself: what it gave back is not contested any more.
  charge_refunded: 'won',
};
const dispute: Read = (object, type) => {
  const id = textIn(object['id']);
  const amount = money(object['amount'], object['currency']);
  if (!id) return silent;
  const state = type.endsWith('funds_reinstated') ? 'won' : (states[String(object['status'])] ?? 'open');
  const answerBy = instantIn(objectIn(object['evidence_details'])['due_by']);
  const why = textIn(object['reason']);
  return {
    says: 'disputed',
    names: named(object['payment_intent'], object['charge']),
    dispute: { id, state, ...(amount && { amount }), ...(answerBy && { answerBy }) },
    ...(why && { why }),
  };
};

const readers: ReadonlyMap<string, Read> = new Map(
  Object.entries({
    'checkout.session.completed': session,
    'checkout.session.async_payment_succeeded': session,
    'checkout.session.async_payment_failed': session,
    'payment_intent.succeeded': intent,
    'payment_intent.payment_failed': intent,
    'charge.succeeded': charge,
    'charge.captured': charge,
    'charge.failed': charge,
    'charge.refunded': refund,
    'charge.refund.updated': oneRefund,
    'refund.created': oneRefund,
    'refund.updated': oneRefund,
    'refund.failed': oneRefund,
    'invoice.paid': invoice,
    'invoice.payment_succeeded': invoice,
    'invoice.payment_failed': invoice,
  }),
);

/** Names of the payment itself; what was sent whole is named by its id. */
const named = (...values: unknown[]): string[] => namesIn(...values.map(idIn));

function failed(object: Json, names: string[], amount: Money | undefined): ReturnType<Read> {
  const error = objectIn(object['last_payment_error'] ?? object['last_finalization_error']);
  const why = textsIn(error['message'], object['failure_message'], error['code'], object['failure_code'])[0];
  return { says: 'failed', names, amount, ...(why && { why }) };
}

/** Where an invoice and a customer may be named. */
function hintsIn(object: Json): Pick<PaymentNotice, 'references' | 'texts' | 'email' | 'customer'> {
  const metadata = objectIn(object['metadata']);
  const details = objectIn(object['subscription_details']);
  const fields = listIn(object['custom_fields']).map((field) => {
    const { text, numeric, dropdown } = objectIn(field) as Record<string, unknown>;
    return objectIn(text ?? numeric ?? dropdown)['value'];
  });
  const email = textsIn(
    objectIn(object['customer_details'])['email'],
    object['customer_email'],
    object['receipt_email'],
    objectIn(object['billing_details'])['email'],
    objectIn(object['customer'])['email'],
    metadata['email'],
  )[0];
  const customer = idIn(object['customer']);
  return {
    references: textsIn(
      object['client_reference_id'],
      ...Object.values(metadata),
      ...Object.values(objectIn(details['metadata'])),
      object['number'],
      ...fields,
      objectIn(object['payment_details'])['order_reference'],
    ).slice(0, 30),
    texts: textsIn(object['description'], object['statement_descriptor'], object['statement_descriptor_suffix']),
    ...(email && { email: email.toLowerCase() }),
    ...(customer && { customer }),
  };
}

const methodOf = (object: Json): string =>
  (
    textIn(objectIn(object['payment_method_details'])['type']) ??
    textIn(listIn(object['payment_method_types'])[0]) ??
    'card'
  ).slice(0, 50);

/** Stripe counts some currencies otherwise than ISO 4217: https://docs.stripe.com/currencies#special-cases */
const exponents: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/** Stripe's amount in the minor units of ISO 4217. */
function money(amount: unknown, currency: unknown): Money | undefined {
  const found = moneyIn(amount, currency);
  const theirs = found && exponents[found.currency];
  if (theirs === undefined) return found;
  return moneyIn(Math.round(found!.amount * 10 ** (exponentOf(found!.currency) - theirs)), found!.currency);
}
