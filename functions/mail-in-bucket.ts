import { createHash } from 'node:crypto';
import { parseReceived, type ReceivedMail } from '../shared/mail/received-mail.ts';
import { type Secrets, secretsIn } from '../shared/platform/links.ts';
import type { ArrivedMail } from '../shared/service/arrived-mail.ts';
import type { InboundMail } from '../shared/service/inbound-mail.ts';
import { filesOf } from '../shared/service/mail-activity.ts';
import type { MailIntakeRules } from '../shared/service/mail-policies.ts';
import { findObject, putObject } from '../shared/store/bucket.ts';
import { given } from '../shared/store/surroundings.ts';

/** What SES takes at most. */
const largest = 41_943_040;

let secrets: Secrets | undefined;

/** A mail as it lies in the intake bucket; undefined where it is no more. One that is larger than SES takes is not read. */
export async function mailInBucket(key: string, sizeBytes: number): Promise<ArrivedMail | undefined> {
  const isRead = sizeBytes <= largest;
  const raw = isRead ? await findObject(given('INTAKE_BUCKET'), key, sizeBytes) : new Uint8Array();
  if (!raw) return undefined;
  const mail = isRead ? await parseReceived(raw) : await tooLarge();
  secrets ??= secretsIn(given('LINK_SECRET_ARN'));
  const own = { domain: given('MAIL_DOMAIN'), secrets: await secrets() };
  return { mail, key, sizeBytes, contentHash: hashOfContent(raw, key), own };
}

const tooLarge = async (): Promise<ReceivedMail> => ({
  ...(await parseReceived(new Uint8Array())),
  unreadable: 'it is larger than 40 MB',
});

/** Of what stands below the headers: those differ with the way that a mail took. */
function hashOfContent(raw: Uint8Array, key: string): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const [crlf, lf] = [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')];
  const end = [crlf, lf].filter((at) => at >= 0).sort((a, b) => a - b)[0] ?? 0;
  return createHash('sha256')
    .update(raw.byteLength ? bytes.subarray(end) : key)
    .digest('hex');
}

/** Puts the files of a mail that has become an activity where that says they are. Again, it puts what is missing. */
export async function putFiles(
  { activityId }: InboundMail,
  { mail }: ArrivedMail,
  rules: MailIntakeRules,
): Promise<void> {
  if (!activityId) return;
  for (const { key, type, content } of filesOf(activityId, mail, rules))
    await putObject(given('DOCUMENTS_BUCKET'), key, content, { contentType: plainType(type), once: true });
}

/** A type that is one, and that no browser runs. */
const plainType = (type: string): string =>
  /^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/.test(type) && !/html|xml|svg|script/i.test(type)
    ? type
    : 'application/octet-stream';
