import type { Settings } from '../core/settings.ts';
import { sesHeaders, toMime } from '../mail/mime.ts';
import { replyAddress } from '../mail/reply-address.ts';
import type { Secrets } from '../platform/links.ts';
import type { Member } from './audience.ts';
import type { Campaign } from './campaign.ts';
import { messageFacts } from './message-facts.ts';
import { type MessageTemplate, renderMessage } from './message-template.ts';
import { aboutOf, type Recipient } from './recipient.ts';
import { clickUrl, withTrackedLinks } from './tracked-links.ts';
import { unsubscribeHeaders, unsubscribeMailto, unsubscribeUrl } from './unsubscribe.ts';

/** What the mails of a campaign have in common. */
export interface Envelope {
  campaign: Pick<Campaign, 'id' | 'topic'>;
  settings: typeof Settings.defaults;
  from: string;
  mailDomain: string;
  configurationSet?: string | undefined;
  baseUrl: string;
  secrets: Secrets;
}

/**
 * The mail of one recipient, whole: text and HTML, its way out in body and headers (RFC 2369, 2919, 8058), its links by way of `/c/`, and the
 * tags by which SES tells of it. Throws `LiquidError` or `UnsendableMail` for what can never be sent.
 */
export async function campaignMail(
  { campaign, settings, from, mailDomain, configurationSet, baseUrl, secrets }: Envelope,
  template: MessageTemplate,
  recipient: Recipient & { email: string },
  { facts }: Pick<Member, 'facts'>,
  date: Date,
): Promise<Buffer> {
  const about = aboutOf(recipient);
  const wayOut = await unsubscribeUrl(
    baseUrl,
    { contactId: recipient.contactId, topic: campaign.topic, about },
    secrets,
  );
  const { subject, html, text } = renderMessage(template, messageFacts(facts, settings, wayOut));
  const tracked = await withTrackedLinks(html, wayOut, (to) =>
    clickUrl(baseUrl, { id: campaign.id, about, to }, secrets),
  );
  const [secret = ''] = await secrets();
  return toMime({
    replyTo: { address: replyAddress(campaign.id, mailDomain, secret) },
    from: { name: settings.mailFrom ?? settings.seller.name, address: from },
    to: { address: recipient.email },
    subject,
    text,
    html: tracked,
    headers: {
      ...unsubscribeHeaders(wayOut, await unsubscribeMailto(mailDomain, about, secrets)),
      'List-Id': `<${campaign.topic.toLowerCase()}.${mailDomain}>`,
      Precedence: 'bulk',
      ...sesHeaders({
        configurationSet,
        tags: { campaign: campaign.id, recipient: recipient.key, arm: recipient.arm },
      }),
    },
    date,
  });
}
