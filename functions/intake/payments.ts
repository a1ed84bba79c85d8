import * as z from 'zod';
import { TakenEvent, takePaymentEvent } from '../../shared/commerce/take-payment-event.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { type ProviderSecrets, providerSecretsIn } from '../../shared/platform/provider-secrets.ts';
import { putObject } from '../../shared/store/bucket.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

let secretsOf: ProviderSecrets | undefined;
const secrets: ProviderSecrets = (provider) => {
  secretsOf ??= providerSecretsIn(given('INTAKE_SECRET_ARN'));
  return secretsOf(provider);
};
const keep = (key: string, bytes: Uint8Array) =>
  putObject(given('INTAKE_BUCKET'), key, bytes, { contentType: 'application/json', once: true });

export const endpoints = [
  endpoint('POST /v1/intake/payments/{provider}', {
    summary: 'Take what a payment provider tells, signed by it',
    may: 'public',
    params: z.strictObject({ provider: z.string() }),
    signed: { mostBytes: 256 * 1024 },
    status: 202,
    answer: TakenEvent,
    refuses: ['access.unauthenticated'],
    does: takePaymentEvent({ secrets, keep }),
  }),
];

export const handler = serve(endpoints);
