import { createHash } from 'node:crypto';
import * as z from 'zod';
import { messages } from '../../shared/events/consume.ts';
import { parseReceived, type ReceivedMail } from '../../shared/mail/received-mail.ts';
import { type Secrets, secretsIn } from '../../shared/platform/links.ts';
import { filesOf } from '../../shared/service/mail-activity.ts';
import { MailIntake } from '../../shared/service/mail-policies.ts';
import { receiveMail } from '../../shared/service/receive-mail.ts';
import { getObject, putObject } from '../../shared/store/bucket.ts';
import { run } from '../../shared/store/command.ts';
import { given, surroundings } from '../../shared/store/surroundings.ts';

/** What S3 tells the bus of a new object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const ObjectCreated = z.object({
  id: z.string(),
  detail: z.object({ object: z.object({ key: z.string(), size: z.number() }) }),
});

/** What SES takes at most. */
const largest = 41_943_040;

let secrets: Secrets | undefined;

/**
 * Takes in a mail that SES put into the bucket. First it becomes what it is to be, in one transaction; then its files are put. Told again,
 * it changes nothing, and puts what is missing.
 */
export const handler = messages('mail', async (body) => {
  const { id: eventId, detail } = ObjectCreated.parse(body);
  const { key, size } = detail.object;
  const raw = size > largest ? new Uint8Array() : await getObject(given('INTAKE_BUCKET'), key, size);
  const mail = size > largest ? await tooLarge() : await parseReceived(raw);
  secrets ??= secretsIn(given('LINK_SECRET_ARN'));
  const { store, policies, now } = surroundings();
  const actor = { kind: 'customer', id: 'mail' } as const;
  const on = { now: now(), actor, correlationId: eventId };
  const own = { domain: given('MAIL_DOMAIN'), secrets: await secrets() };
  const arrived = { mail, key, sizeBytes: size, contentHash: hashOfContent(raw, key), own };
  const { answer } = await run(store, policies, on, receiveMail, arrived);
  if (!answer.activityId) return;
  const rules = await policies.inForce(MailIntake, on.now);
  for (const { key: to, type, content } of filesOf(answer.activityId, mail, rules))
    await putObject(given('DOCUMENTS_BUCKET'), to, content, { contentType: plainType(type), once: true });
});

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

/** A type that is one, and that no browser runs. */
const plainType = (type: string): string =>
  /^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/.test(type) && !/html|xml|svg|script/i.test(type)
    ? type
    : 'application/octet-stream';
