import { linkIn, never, type Secrets, signedToken, signedUrl } from '../platform/links.ts';
import { Contact } from '../sales/contact.ts';
import { whoIsNow } from '../sales/move-contact.ts';
import type { Command, Crm } from '../store/command.ts';
import { Campaign } from './campaign.ts';
import { type Consent, consentFacts } from './consent.ts';
import { findRecipient, namedBy } from './recipient.ts';
import { signing } from './recipient-signs.ts';

/** Whose way out it is, of which topic, and what the mail was of that it stands in. */
export interface WayOut {
  contactId: string;
  topic: string;
  /** The recipient of a campaign or the journey through a sequence: it goes into the proof. */
  about?: string | undefined;
}

/** The signed address by which a contact leaves a topic: `/u/<token>`, good for ever and more than once. */
export const unsubscribeUrl = (
  baseUrl: string,
  { contactId, topic, about }: WayOut,
  secrets: Secrets,
): Promise<string> =>
  signedUrl(
    baseUrl,
    { purpose: 'unsubscribe', id: contactId, action: topic, ...(about && { about }), expiresAt: never },
    secrets,
  );

/**
 * The headers by which a mail client unsubscribes with one click: RFC 2369 and RFC 8058. `mailto`: an address of ours whose mails
 * unsubscribe too, if there is one.
 */
export const unsubscribeHeaders = (url: string, mailto?: string): Record<string, string> => ({
  'List-Unsubscribe': [`<${url}>`, ...(mailto ? [`<mailto:${mailto}>`] : [])].join(', '),
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
});

/**
 * The address that a campaign's recipient leaves by mailing to, as `List-Unsubscribe` names it: the subject is a token, short enough for a
 * line, that says whose mail it was and no more.
 */
export async function unsubscribeMailto(mailDomain: string, about: string, secrets: Secrets): Promise<string> {
  const token = await signedToken({ purpose: 'unsubscribe', id: about, expiresAt: never }, secrets);
  return `unsubscribe@${mailDomain}?subject=${token}`;
}

/** What somebody asks for who mails to that address; 410 `link.expired` where the subject is no token of ours. */
export async function wayOutIn(
  { store, now }: Pick<Crm, 'store' | 'now'>,
  subject: string,
  secrets: Secrets,
): Promise<WayOut | undefined> {
  const { id: about } = await linkIn(subject.replaceAll(/\s/g, ''), 'unsubscribe', secrets, now);
  const { campaignId, key } = namedBy(about);
  const [campaign, recipient] = await Promise.all([
    store.find(Campaign, campaignId),
    findRecipient(store, campaignId, key),
  ]);
  return campaign && recipient && { contactId: recipient.contactId, topic: campaign.topic, about };
}

/**
 * Withdraws a contact's consent to a topic, at once, and counts it for the campaign whose mail it was. Said before, or by somebody who is
 * gone: nothing is left to do.
 */
export const withdrawConsent: Command<WayOut, Consent | undefined> = async (crm, { contactId, topic, about }) => {
  const contact = await crm.store.find(Contact, contactId);
  const known = await whoIsNow(crm.store, contact);
  if (!known) return undefined;
  const [said] = await consentFacts(crm, known.id, [
    {
      topic,
      channel: 'email',
      status: 'withdrawn',
      source: 'link',
      basis: 'consent',
      ...(about && { proof: { link: about } }),
    },
  ]);
  const counted = about ? await signing(crm, about, ['unsubscribed']) : [];
  if (said) return crm.commit([said], counted);
  if (counted.length) await crm.commitAs(() => undefined, [], counted);
  return undefined;
};
