import type { Settings } from '../core/settings.ts';
import { sesHeaders, toMime } from '../mail/mime.ts';
import { replyAddress } from '../mail/reply-address.ts';
import { never, type Secrets, signedUrl } from '../platform/links.ts';
import type { Member } from './audience.ts';
import type { Campaign } from './campaign.ts';
import { messageFacts } from './message-facts.ts';
import { type MessageTemplate, renderMessage } from './message-template.ts';
import { aboutOf, type Recipient } from './recipient.ts';
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
    signedUrl(baseUrl, { purpose: 'click', id: campaign.id, about, to, expiresAt: never }, secrets),
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

const anchor = /(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?:\/\/[^"'\s]+)\2/gi;

/** HTML whose links lead by way of `through`, but for the way out: leaving is nobody's click. */
export async function withTrackedLinks(
  html: string,
  wayOut: string,
  through: (target: string) => Promise<string>,
): Promise<string> {
  const targets = new Set([...html.matchAll(anchor)].map(([, , , href = '']) => asWritten(href)));
  targets.delete(wayOut);
  const tracked = new Map<string, string>();
  for (const target of targets) tracked.set(target, await through(target));
  return html.replaceAll(anchor, (whole, before: string, quote: string, href: string) => {
    const address = tracked.get(asWritten(href));
    return address ? `${before}${quote}${address}${quote}` : whole;
  });
}

/** An address as it was before it was put into HTML. */
const asWritten = (href: string): string =>
  href.replaceAll(/&(?:amp|#38|#x26);/gi, '&').replaceAll(/&(?:#39|#x27|apos);/gi, "'");
