import { linkIn, never, type Secrets, signedUrl } from '../platform/links.ts';
import { Contact } from '../sales/contact.ts';
import { whoIsNow } from '../sales/move-contact.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import { type Consent, consentFacts } from './consent.ts';
import { changing, findRecipient, namedBy } from './recipient.ts';
import { signed } from './recipient-signs.ts';

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
 * What somebody asks for who mails to `unsubscribe@`: the subject is the token of their way out, as `List-Unsubscribe` names it. 410
 * `link.expired` where it is none of ours.
 */
export async function wayOutIn(subject: string, secrets: Secrets, now: Date): Promise<WayOut> {
  const { id: contactId, action: topic = '', about } = await linkIn(subject.trim(), 'unsubscribe', secrets, now);
  return { contactId, topic, ...(about && { about }) };
}

/** Withdraws a contact's consent to a topic, at once, and counts it for the campaign whose mail it was. Said before, or by somebody who is gone: nothing is left to do. */
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
  const counted = about ? await leftBy(crm, about) : [];
  if (said) return crm.commit([said], counted);
  if (counted.length) await crm.commitAs(() => undefined, [], counted);
  return undefined;
};

/** That the recipient of a campaign left by its mail. */
async function leftBy(crm: Crm, about: string): Promise<Action[]> {
  const { campaignId, key } = namedBy(about);
  const before = await findRecipient(crm.store, campaignId, key);
  const after = before && signed(before, ['unsubscribed'], crm.now);
  return after ? changing(crm.store, [{ before, after }]) : [];
}
