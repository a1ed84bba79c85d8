import { createHash } from 'node:crypto';
import { type Scheme, type SignedRequest, schemes } from '../core/signature.ts';
import { genericNotice } from './generic-notice.ts';
import { type Json, type PaymentNotice, textIn } from './payment-notice.ts';
import { stripeNotice } from './stripe-notice.ts';

/** A payment provider: how it signs what it sends (one scheme that holds is enough), and what that says. */
export interface PaymentProvider {
  readonly schemes: readonly Scheme[];
  readonly notice: (event: Json) => PaymentNotice;
}

/** The providers we know, by their name in the address. */
export const paymentProviders: ReadonlyMap<string, PaymentProvider> = new Map([
  ['stripe', { schemes: [schemes.stripe], notice: stripeNotice }],
  ['generic', { schemes: [schemes.standard, schemes.timestamped], notice: genericNotice }],
]);

/** What the provider calls the event, which is the same whenever it sends it again; of one without a name, the hash of its bytes. */
export const eventIdOf = (event: Json, { headers, body }: SignedRequest): string =>
  textIn(event['id']) ??
  textIn(headers['webhook-id']) ??
  textIn(headers['svix-id']) ??
  createHash('sha256').update(body).digest('hex');
