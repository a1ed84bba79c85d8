import * as z from 'zod';
import type { Mail } from '../mail/mail.ts';
import { UnsendableMail } from '../mail/mime.ts';
import type { Secrets } from '../platform/links.ts';
import type { Store } from '../store/store.ts';
import { agreedAmong } from './consent.ts';
import { clickUrl, withTrackedLinks } from './tracked-links.ts';
import { unsubscribeHeaders, unsubscribeUrl } from './unsubscribe.ts';

/** The name of the mails of a sequence: what they say is written when they are queued, but for what is signed. */
export const sequenceMail = 'sequence-step';

/** Where the way out will be: no signed link lies in the table. */
export const wayOutLater = 'https://unsubscribe.invalid/';

const Written = z.object({
  contactId: z.string(),
  topic: z.string(),
  subject: z.string(),
  html: z.string(),
  text: z.string(),
});
export type WrittenMail = z.infer<typeof Written>;

/**
 * A mail of a sequence as it is sent now: with the way out in its text and its headers, and its links by way of `/c/`. Throws UnsendableMail
 * where the reader has withdrawn since it was queued.
 */
export async function sequenceLetter(
  { id, data, recordId }: Pick<Mail, 'id' | 'data' | 'recordId'>,
  store: Store,
  { baseUrl, secrets }: { baseUrl: string; secrets: Secrets },
) {
  const { contactId, topic, subject, html, text } = Written.parse(data);
  if (!(await agreedAmong(store, [contactId], topic)).size) throw new UnsendableMail('to', 'has withdrawn');
  const url = await unsubscribeUrl(baseUrl, { contactId, topic, about: recordId }, secrets);
  const filled = (part: string) => part.replaceAll(wayOutLater, url);
  const tracked = await withTrackedLinks(filled(html), url, (to) =>
    clickUrl(baseUrl, { id, about: recordId, to }, secrets),
  );
  return { subject, html: tracked, text: filled(text), images: [], headers: unsubscribeHeaders(url) };
}
