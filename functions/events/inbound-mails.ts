import { consumer } from '../../shared/events/consume.ts';
import { InboundMail } from '../../shared/service/inbound-mail.ts';
import { MailIntake } from '../../shared/service/mail-policies.ts';
import { takeInMail } from '../../shared/service/take-in-mail.ts';
import { run } from '../../shared/store/command.ts';
import { mailInBucket, putFiles } from '../mail-in-bucket.ts';

/** Takes in mails that a person has sorted. The same event twice finds the mail taken in, and puts what is missing of its files. */
export const handler = consumer('inbound-mails', async ({ recordId: id }, { store, policies }, on) => {
  const { key, sizeBytes } = await store.load(InboundMail, id);
  const arrived = await mailInBucket(key, sizeBytes);
  const { answer } = await run(store, policies, on, takeInMail, { id, arrived });
  if (arrived) await putFiles(answer, arrived, await policies.inForce(MailIntake, on.now));
});
