import { createHmac, randomBytes, randomUUID } from 'node:crypto';

/** What somebody is about to pay: `amount` in minor units, `currency` as ISO 4217. */
export interface Checkout {
  reference: string;
  amount: number;
  currency: string;
  /** The number that the customer knows the invoice by. */
  invoice?: string | undefined;
  /** One showing of the page: paying it twice is the same payment, told of twice. */
  session: string;
}

export const newSession = (): string => `cs_test_${randomBytes(24).toString('hex')}`;

/** `checkout.session.completed` as Stripe sends it: https://docs.stripe.com/api/checkout/sessions/object */
export const paidEvent = ({ reference, amount, currency, invoice, session }: Checkout, now: Date): object => ({
  id: `evt_${randomUUID().replaceAll('-', '')}`,
  object: 'event',
  api_version: '2020-08-27',
  created: seconds(now),
  data: {
    object: {
      id: session,
      object: 'checkout.session',
      amount_subtotal: amount,
      amount_total: amount,
      client_reference_id: reference,
      currency: currency.toLowerCase(),
      customer: null,
      customer_details: null,
      livemode: false,
      metadata: invoice ? { invoice } : {},
      mode: 'payment',
      payment_intent: session.replace('cs_test_', 'pi_'),
      payment_method_types: ['card'],
      payment_status: 'paid',
      status: 'complete',
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
      url: null,
    },
  },
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type: 'checkout.session.completed',
});

/** The value of `Stripe-Signature`: https://docs.stripe.com/webhooks#verify-manually */
export const signature = (body: string, secret: string, now: Date): string =>
  `t=${seconds(now)},v1=${createHmac('sha256', secret)
    .update(`${seconds(now)}.${body}`)
    .digest('hex')}`;

const seconds = (now: Date): number => Math.floor(now.getTime() / 1000);

/** What the webhook answered; status 0 where it could not be reached. */
export interface WebhookAnswer {
  status: number;
  body: string;
}

/** Tells the webhook of the payment, as Stripe would. Never throws. */
export async function tellOfPayment(
  webhook: { url: string; secret: string },
  checkout: Checkout,
  now: Date,
): Promise<WebhookAnswer> {
  const body = JSON.stringify(paidEvent(checkout, now));
  try {
    const answer = await fetch(webhook.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': signature(body, webhook.secret, now) },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    return { status: answer.status, body: (await answer.text()).slice(0, 4_000) };
  } catch (error) {
    const { message, cause } = error as Error;
    return { status: 0, body: cause instanceof Error ? `${message}: ${cause.message}` : message };
  }
}
