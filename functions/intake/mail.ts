import * as z from 'zod';
import { messages } from '../../shared/events/consume.ts';
import { MailIntake } from '../../shared/service/mail-policies.ts';
import { receiveMail } from '../../shared/service/receive-mail.ts';
import { run } from '../../shared/store/command.ts';
import { surroundings } from '../../shared/store/surroundings.ts';
import { mailInBucket, putFiles } from '../mail-in-bucket.ts';

/** What S3 tells the bus of a new object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const ObjectCreated = z.object({
  id: z.string(),
  detail: z.object({ object: z.object({ key: z.string(), size: z.number() }) }),
});

/**
 * Takes in a mail that SES put into the bucket. First it becomes what it is to be, in one transaction; then its files are put. Told again,
 * it changes nothing, and puts what is missing.
 */
export const handler = messages('mail', async (body) => {
  const { id: eventId, detail } = ObjectCreated.parse(body);
  const { key, size } = detail.object;
  const arrived = await mailInBucket(key, size);
  if (!arrived) throw new Error(`There is no ${key}`);
  const { store, policies, now } = surroundings();
  const on = { now: now(), actor: { kind: 'customer', id: 'mail' }, correlationId: eventId } as const;
  const { answer } = await run(store, policies, on, receiveMail, arrived);
  await putFiles(answer, arrived, await policies.inForce(MailIntake, on.now));
});
