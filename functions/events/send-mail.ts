import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { mailTemplates } from '../../shared/catalogue/mail-templates.ts';
import { Settings } from '../../shared/core/settings.ts';
import { consumer } from '../../shared/events/consume.ts';
import type { Mail } from '../../shared/mail/mail.ts';
import { toMime, transactionalHeaders } from '../../shared/mail/mime.ts';
import { isAnswerable, replyAddress } from '../../shared/mail/reply-address.ts';
import { sequenceLetter, sequenceMail } from '../../shared/marketing/sequence-mail.ts';
import { type Secrets, secretsIn, signedUrl } from '../../shared/platform/links.ts';
import { threadOf } from '../../shared/platform/mail-thread.ts';
import { mailFailed, mailSent, takeMail, written } from '../../shared/platform/send-mail.ts';
import { getObject } from '../../shared/store/bucket.ts';
import { run } from '../../shared/store/command.ts';
import type { Store } from '../../shared/store/store.ts';
import { given } from '../../shared/store/surroundings.ts';

const ses = new SESClient({});
let secrets: Secrets | undefined;

const linksGoodForMilliseconds = 30 * 86_400_000;
/** No sending takes longer: who took a mail before that is gone. */
const busyForMilliseconds = 30_000;
/** What SES will say again, however often it is asked. */
const hopeless = new Set([
  'MessageRejected',
  'InvalidParameterValue',
  'MailFromDomainNotVerifiedException',
  'UnsendableMail',
]);

/** Sends what was queued: once. Between the taking and the note that it is out lies the one moment whose outcome nobody knows. */
export const handler = consumer('send-mail', async (event, { store, policies }, on) => {
  const busyUntil = new Date(on.now.getTime() - busyForMilliseconds);
  const { answer: mail } = await run(store, policies, on, takeMail, { id: event.recordId, busyUntil });
  if (!mail) return;
  const settings = await policies.inForce(Settings, on.now);
  try {
    const { subject, raw } = await rawOf(mail, store, settings, on.now);
    const { MessageId = '' } = await ses.send(
      new SendRawEmailCommand({ RawMessage: { Data: raw }, Destinations: [mail.to.email] }),
    );
    await run(store, policies, on, mailSent, { id: mail.id, messageId: MessageId, subject });
  } catch (error) {
    const { name, message } = error as Error;
    if (!hopeless.has(name)) throw error;
    await run(store, policies, on, mailFailed, { mail, fault: `${name}: ${message}` });
  }
});

async function rawOf(mail: Mail, store: Store, settings: typeof Settings.defaults, now: Date) {
  secrets ??= secretsIn(given('LINK_SECRET_ARN'));
  const expiresAt = new Date(now.getTime() + linksGoodForMilliseconds).toISOString();
  const urls: string[] = [];
  for (const { purpose, id, action } of mail.links)
    urls.push(
      await signedUrl(given('API_URL'), { purpose, id, action, assigneeId: mail.assigneeId, expiresAt }, secrets),
    );
  const { subject, text, html, images, headers } =
    mail.template === sequenceMail
      ? await sequenceLetter(mail, store, { baseUrl: given('API_URL'), secrets })
      : { ...written(mailTemplates, mail, urls, settings), headers: {} };
  const from = { ...addressIn(given('MAIL_FROM')), name: settings.mailFrom ?? settings.seller.name };
  const [secret = ''] = await secrets();
  const replyTo = isAnswerable(mail.recordId) && replyAddress(mail.recordId, given('MAIL_DOMAIN'), secret);
  const raw = await toMime({
    from,
    ...(replyTo && { replyTo: { name: from.name, address: replyTo } }),
    ...(await threadOf(store, mail)),
    to: { name: mail.to.name, address: mail.to.email },
    subject,
    text,
    html,
    images,
    headers: {
      ...transactionalHeaders({
        configurationSet: process.env['MAIL_CONFIGURATION_SET'],
        tags: { mail: mail.id, template: mail.template },
      }),
      ...headers,
    },
    attachments: await Promise.all(mail.attachments.map(attachmentOf)),
    date: now,
  });
  return { subject, raw };
}

const attachmentOf = async ({ key, filename, contentType }: Mail['attachments'][number]) => ({
  filename,
  contentType,
  content: await getObject(given('DOCUMENTS_BUCKET'), key),
});

/** `Stepwise <crm@example.com>` or a bare address. */
const addressIn = (from: string): { address: string } => ({ address: /<([^>]+)>/.exec(from)?.[1] ?? from });
