import * as z from 'zod';
import { endpoint } from '../../shared/http/endpoint.ts';
import { Taken } from '../../shared/marketing/receive-submission.ts';
import { takeWebhook, type WebhookIntake } from '../../shared/marketing/take-webhook.ts';
import { type ProviderSecrets, providerSecretsIn } from '../../shared/platform/provider-secrets.ts';
import { putObject } from '../../shared/store/bucket.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

let secretsOf: ProviderSecrets | undefined;
const secrets: ProviderSecrets = (provider) => {
  secretsOf ??= providerSecretsIn(given('INTAKE_SECRET_ARN'));
  return secretsOf(provider);
};

/** What the services whose forms come here send. */
export const webhooks = (intake: WebhookIntake) => [
  endpoint('POST /v1/intake/webhooks/{provider}', {
    summary: 'Take the answers to a form of another service (typeform, webflow, google-forms), signed by it',
    may: 'public',
    params: z.strictObject({ provider: z.string() }),
    signed: { mostBytes: 256 * 1024 },
    status: 202,
    answer: Taken,
    refuses: ['access.unauthenticated'],
    does: takeWebhook(intake),
  }),
];

export const endpoints = webhooks({
  secrets,
  keep: (key, bytes, contentType) => putObject(given('INTAKE_BUCKET'), key, bytes, { contentType }),
});
export const handler = serve(endpoints);
