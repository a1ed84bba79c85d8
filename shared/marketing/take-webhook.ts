import { createHash } from 'node:crypto';
import { idOfName } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { isSigned, type SignedRequest } from '../core/signature.ts';
import { objectIn } from '../http/body.ts';
import type { ProviderSecrets } from '../platform/provider-secrets.ts';
import type { Command } from '../store/command.ts';
import { providers } from './providers/providers.ts';
import { type Keep, receiveSubmission, type Taken } from './receive-submission.ts';
import { Submission } from './submission.ts';

/** What taking a webhook needs beside the table. */
export interface WebhookIntake {
  secrets: ProviderSecrets;
  keep: Keep;
}

/**
 * Takes what a service sends: verified by its signature before anything of it is read or kept, then a submission like any other, once by
 * the service's own name for it. 404 for a service that we do not know, 401 without a word about what was wrong. What is
 * signed and cannot be read is kept too: a person looks at it.
 */
export const takeWebhook =
  ({ secrets, keep }: WebhookIntake): Command<{ provider: string; request: SignedRequest }, Taken> =>
  async (crm, { provider, request }) => {
    const known = providers.get(provider);
    if (!known) throw new Refusal('route.notFound', 'There is no such provider');
    if (!isSigned(known.scheme, request, await secrets(provider), crm.now))
      throw new Refusal('access.unauthenticated', 'This is not signed by who you say you are');
    const bytes = request.body;
    const event = known.event(bodyIn(bytes)) ?? createHash('sha256').update(bytes).digest('hex');
    const id = idOfName('sub', `${provider} ${event}`);
    if (await crm.store.find(Submission, id)) return { submissionId: id };
    const contentType = (request.headers['content-type'] ?? 'application/json').slice(0, 100);
    return receiveSubmission(keep)(crm, { id, provider, contentType, bytes });
  };

function bodyIn(bytes: Uint8Array): Record<string, unknown> {
  try {
    return objectIn(Buffer.from(bytes).toString());
  } catch {
    return {};
  }
}
