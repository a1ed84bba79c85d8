import { randomBytes } from 'node:crypto';

const name = (prefix: string) => `${prefix}_${randomBytes(12).toString('hex')}`;

/** One card payment as Stripe calls its parts. */
export interface CardPayment {
  intent: string;
  charge: string;
  session: string;
  amount: number;
  currency: string;
}
export const cardPayment = (amount: number, currency = 'eur'): CardPayment => ({
  intent: name('pi'),
  charge: name('ch'),
  session: name('cs_test'),
  amount,
  currency,
});

const event = (type: string, object: object) => ({
  id: name('evt'),
  object: 'event',
  api_version: '2020-08-27',
  created: Math.floor(Date.now() / 1_000),
  data: { object },
  livemode: false,
  type,
});

/** What Stripe tells of a card payment; `more` is what else its object holds (metadata, email). */
export const told = {
  session: ({ session, intent, amount, currency }: CardPayment, more: object = {}) =>
    event('checkout.session.completed', {
      id: session,
      object: 'checkout.session',
      amount_total: amount,
      currency,
      payment_intent: intent,
      payment_status: 'paid',
      metadata: {},
      ...more,
    }),
  intent: ({ intent, charge, amount, currency }: CardPayment, more: object = {}) =>
    event('payment_intent.succeeded', {
      id: intent,
      object: 'payment_intent',
      amount,
      amount_received: amount,
      currency,
      latest_charge: charge,
      status: 'succeeded',
      metadata: {},
      ...more,
    }),
  charge: ({ intent, charge, amount, currency }: CardPayment, more: object = {}) =>
    event('charge.succeeded', {
      id: charge,
      object: 'charge',
      amount,
      amount_captured: amount,
      captured: true,
      currency,
      payment_intent: intent,
      metadata: null,
      ...more,
    }),
  paidInvoice: ({ intent, amount, currency }: CardPayment, id: string) =>
    event('invoice.paid', {
      id,
      object: 'invoice',
      amount_paid: amount,
      currency,
      payments: { data: [{ status: 'paid', payment: { type: 'payment_intent', payment_intent: intent } }] },
    }),
  failed: ({ intent, amount, currency }: CardPayment, more: object = {}) =>
    event('payment_intent.payment_failed', {
      id: intent,
      object: 'payment_intent',
      amount,
      amount_received: 0,
      currency,
      last_payment_error: { code: 'card_declined', message: 'Your card was declined.' },
      ...more,
    }),
  refunded: ({ intent, charge, amount, currency }: CardPayment, refunded: number) =>
    event('charge.refunded', {
      id: charge,
      object: 'charge',
      amount,
      amount_refunded: refunded,
      currency,
      payment_intent: intent,
      refunded: refunded === amount,
    }),
  oneRefund: ({ intent, charge, currency }: CardPayment, id: string, amount: number, status = 'succeeded') =>
    event(status === 'failed' ? 'refund.failed' : 'refund.created', {
      id,
      object: 'refund',
      amount,
      charge,
      currency,
      payment_intent: intent,
      status,
    }),
  dispute: (type: string, { intent, charge, currency }: CardPayment, id: string, amount: number, status: string) =>
    event(`charge.dispute.${type}`, {
      id,
      object: 'dispute',
      amount,
      charge,
      payment_intent: intent,
      currency,
      reason: 'fraudulent',
      status,
      evidence_details: { due_by: 1_900_000_000 },
    }),
};
