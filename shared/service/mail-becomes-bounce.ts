import { isId } from '../core/ids.ts';
import type { Bounce } from '../mail/bounce.ts';
import { Mail, messageKey } from '../mail/mail.ts';
import { sesIdIn } from '../mail/message-id.ts';
import { noteDelivery } from '../marketing/note-delivery.ts';
import type { Crm } from '../store/command.ts';
import type { Arrived, Became } from './arrived-mail.ts';

/**
 * A mail that tells what became of one of ours: the same follows as from an event of SES. Anybody can write such a report, so it counts for
 * a mail whose Message-ID it knows, and for the address that that one went to; every other is noted and changes nothing.
 */
export async function bounced(crm: Crm, _: Arrived, { kind, recipients, messageIds }: Bounce): Promise<Became> {
  const mail = await mailAmong(crm, messageIds);
  const about = recipients.find(({ email }) => email === mail?.to.email);
  if (!mail || !about)
    return {
      as: { status: 'bounce', reasons: ['It proves to be about no mail of ours: it changes nothing'] },
      facts: [],
    };
  const as = { status: 'bounce', accountId: mail.accountId, threadId: mail.recordId, recordId: mail.id } as const;
  const reasons = [about.detail];
  if (about.effect === 'none') return { as: { ...as, reasons }, facts: [] };
  const { facts, also } = await crm.stage(noteDelivery, {
    kind: kind === 'complaint' ? 'complained' : about.effect === 'delayed' ? 'delayed' : 'bounced',
    at: crm.now.toISOString(),
    messageId: mail.messageId ?? '',
    tags: { mail: mail.id },
    recipients: [about.email],
    permanent: about.effect === 'permanent',
    detail: about.detail,
  });
  return { as: { ...as, reasons }, facts, also };
}

async function mailAmong({ store }: Crm, messageIds: readonly string[]): Promise<Mail | undefined> {
  const ids = messageIds.flatMap((id) => sesIdIn(id) ?? []);
  const holders = [...(await store.holdersOf(ids.map(messageKey))).values()];
  const ours = holders.find((id) => isId('msg', id));
  return ours ? store.find(Mail, ours) : undefined;
}
