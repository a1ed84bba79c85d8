import { accountOf, isId } from '../core/ids.ts';
import type { BouncedRecipient } from '../mail/bounce.ts';
import { Mail, messageKey } from '../mail/mail.ts';
import { sesIdIn } from '../mail/message-id.ts';
import { findRecipients, recipientKey } from '../marketing/recipient.ts';
import type { DeliveryNews } from '../marketing/ses-events.ts';
import type { Crm } from '../store/command.ts';
import type { Became } from './arrived-mail.ts';

/** A mail of ours that a report proves to know: what it says of whom, where that leads, and the tags by which SES would tell of it. */
export interface ReportedOn extends Pick<DeliveryNews, 'messageId' | 'tags'> {
  about: BouncedRecipient;
  as: Pick<Became['as'], 'accountId' | 'threadId' | 'recordId'>;
}

/**
 * The mail that a report is about: one whose Message-ID it gives and that went to an address that it names; undefined where it proves no
 * such thing. Of a campaign's mails each has a Message-ID of its own: who got one knows nothing of another's.
 */
export async function reportedOn(
  crm: Crm,
  messageIds: readonly string[],
  recipients: readonly BouncedRecipient[],
): Promise<ReportedOn | undefined> {
  const ids = messageIds.flatMap((id) => sesIdIn(id) ?? []);
  const holders = await crm.store.holdersOf(ids.map(messageKey));
  for (const messageId of ids) {
    const holder = holders.get(messageKey(messageId)) ?? '';
    const mail = isId('msg', holder) ? await crm.store.find(Mail, holder) : undefined;
    const found = mail ? ofMail(mail, recipients) : undefined;
    if (found) return found;
    const ofCampaign = isId('cmp', holder) ? await ofCampaignMail(crm, holder, messageId, recipients) : undefined;
    if (ofCampaign) return ofCampaign;
  }
  return undefined;
}

function ofMail(
  { id, to, accountId, recordId, messageId = '' }: Mail,
  recipients: readonly BouncedRecipient[],
): ReportedOn | undefined {
  const about = recipients.find(({ email }) => email === to.email);
  return about && { about, messageId, tags: { mail: id }, as: { accountId, threadId: recordId, recordId: id } };
}

async function ofCampaignMail(
  { store }: Crm,
  campaign: string,
  messageId: string,
  recipients: readonly BouncedRecipient[],
): Promise<ReportedOn | undefined> {
  const named = new Map(recipients.map((about) => [recipientKey(campaign, about.email), about]));
  for (const [key, recipient] of await findRecipients(store, campaign, [...named.keys()])) {
    if (recipient.messageId !== messageId) continue;
    const { contactId, arm } = recipient;
    return {
      about: named.get(key)!,
      messageId,
      tags: { campaign, recipient: key, arm },
      as: { accountId: accountOf(contactId), threadId: campaign, recordId: contactId },
    };
  }
  return undefined;
}
