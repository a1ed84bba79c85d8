import * as z from 'zod';
import type { Mail } from '../mail/mail.ts';
import { UnsendableMail } from '../mail/mime.ts';
import type { Secrets } from '../platform/links.ts';
import type { Store } from '../store/store.ts';
import { agreedAmong } from './consent.ts';
import { unsubscribeHeaders, unsubscribeUrl } from './unsubscribe.ts';

/** The name of the mails of a sequence: what they say is written when they are queued, but for the way out. */
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
 * A mail of a sequence as it is sent now: with the way out in its text and its headers. Throws UnsendableMail where the reader has withdrawn
 * since it was queued.
 */
export async function sequenceLetter(
  { data, recordId }: Pick<Mail, 'data' | 'recordId'>,
  store: Store,
  { baseUrl, secrets }: { baseUrl: string; secrets: Secrets },
) {
  const { contactId, topic, subject, html, text } = Written.parse(data);
  if (!(await agreedAmong(store, [contactId], topic)).size) throw new UnsendableMail('to', 'has withdrawn');
  const url = await unsubscribeUrl(baseUrl, { contactId, topic, about: recordId }, secrets);
  const filled = (part: string) => part.replaceAll(wayOutLater, url);
  return { subject, html: filled(html), text: filled(text), images: [], headers: unsubscribeHeaders(url) };
}
