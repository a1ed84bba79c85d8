import * as z from 'zod';
import { idOfName } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { isSigned, type SignedRequest } from '../core/signature.ts';
import { objectIn } from '../http/body.ts';
import type { ProviderSecrets } from '../platform/provider-secrets.ts';
import type { Command } from '../store/command.ts';
import { PaymentEvent, PaymentEventIgnored, PaymentEventReceived } from './payment-event.ts';
import { textIn } from './payment-notice.ts';
import { eventIdOf, paymentProviders } from './payment-provider.ts';

/** What taking an event needs beside the table. */
export interface PaymentIntake {
  secrets: ProviderSecrets;
  /** Keeps the bytes as they came; a second time under the same key it does nothing. */
  keep: (key: string, bytes: Uint8Array) => Promise<unknown>;
}

export const TakenEvent = z.object({ id: z.string() });

/**
 * Takes what a provider sends: verified by its signature before anything of it is read, its bytes kept, noted once by the provider's own
 * name for it, and answered. What follows from it happens later. 404 for a provider that we do not know, 401 without
 * a word about what was wrong, 400 for what is no JSON object.
 */
export const takePaymentEvent =
  ({
    secrets,
    keep,
  }: PaymentIntake): Command<{ provider: string; request: SignedRequest }, z.infer<typeof TakenEvent>> =>
  async (crm, { provider, request }) => {
    const known = paymentProviders.get(provider);
    if (!known) throw new Refusal('route.notFound', 'There is no such provider');
    const active = await secrets(provider);
    if (!known.schemes.some((scheme) => isSigned(scheme, request, active, crm.now)))
      throw new Refusal('access.unauthenticated', 'This is not signed by who you say you are');

    const said = objectIn(Buffer.from(request.body).toString());
    const eventId = eventIdOf(said, request);
    const type = textIn(said['type'])?.slice(0, 100).toWellFormed() ?? 'unknown';
    // With its type: a provider's test tools like to call all their events the same.
    const id = idOfName('pev', `${provider} ${eventId} ${type}`);
    if (await crm.store.find(PaymentEvent, id)) return { id };
    const rawKey = `payments/${provider}/${id}`;
    await keep(rawKey, request.body);
    const notice = known.notice(said);
    const noted = { id, provider, eventId, type, rawKey, notice, reasons: [] };
    await crm.commit([
      notice.says === 'nothing'
        ? PaymentEventIgnored(undefined, {
            ...noted,
            status: 'ignored',
            reasons: ['It is not about money that came or went'],
          })
        : PaymentEventReceived(undefined, { ...noted, status: 'received' }),
    ]);
    return { id };
  };
