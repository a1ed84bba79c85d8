import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Errands } from './errands.ts';
import { asReceived } from './inbound-mail.ts';
import { mailEvents } from './mail-events.ts';
import { type Message, MessageStore } from './message-store.ts';
import { answerTo, outOfOffice } from './out-of-office.ts';
import { domainOf, outcomeAt, outcomeOfAll } from './outcome.ts';
import { type ParsedMail, parseMail, written } from './parse-mail.ts';
import { type SesStandIn, sesStandIn, type Target } from './ses-stand-in.ts';
import { type Delivery, startSmtp } from './smtp.ts';
import { startWeb, type Web, type WebOptions } from './web.ts';

export interface MailboxOptions {
  /** Keep mails, and the HTTP port that links name, between starts. */
  stateDir?: string;
  /** 0 is any free port. Default: that of the kept state if it is free. */
  httpPort?: number;
  smtpPort?: number;
}

export interface Mailbox {
  url: string;
  smtp: { host: string; port: number };
  /** After a deploy: where mail events and inbound mail go. What came before is not told of again. */
  connect(to: Target): void;
  /** Stops listening, and gives what is on its way to the target a few seconds. */
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const patience = 5_000;

/**
 * The mail of the local cloud, in this process: keeps every mail that comes by SMTP, shows it, and does to the
 * target what SES would. Rejects where a given port is taken.
 */
export async function startMailbox({ stateDir, httpPort, smtpPort = 0 }: MailboxOptions = {}): Promise<Mailbox> {
  const store = await MessageStore.open(stateDir);
  const errands = new Errands();
  let ses: SesStandIn | undefined;

  /** Keeps a mail, then sees to what follows from it. Resolves once it is kept. */
  async function accept(delivery: Delivery, signedBy?: string): Promise<void> {
    const receivedAt = new Date();
    const mail = await parseMail(delivery.raw);
    const target = ses?.target;
    const recipients = delivery.recipients.map((address) => ({
      address,
      outcome: outcomeAt(address, target?.mailDomain),
    }));
    const outcome = outcomeOfAll(recipients.map((one) => one.outcome));
    const { id } = await store.add(messageOf(delivery, mail, receivedAt, outcome), delivery.raw);
    if (!ses || !target) return;
    const { publish, putInbound } = ses;
    const { region, deliveryTopicArn, mailDomain } = target;

    const sent = recipients.filter((one) => one.outcome !== 'inbound');
    if (sent.length > 0) {
      const account = deliveryTopicArn?.split(':')[4] ?? '000000000000';
      const events = mailEvents({
        mail,
        mailFrom: delivery.mailFrom,
        recipients: sent,
        sentAt: receivedAt,
        region,
        account,
      });
      errands.add(`the events of mail ${id}`, () => publish(events));
    }
    const ours = recipients.flatMap((one) => (one.outcome === 'inbound' ? [one.address] : []));
    if (ours.length > 0) {
      const raw = asReceived({ ...delivery, id, mail, recipients: ours, receivedAt, region, signedBy });
      errands.add(`inbound mail ${id}`, () => putInbound(id, raw));
    }
    const to = answerTo(mail);
    for (const { address } of recipients.filter((one) => one.outcome === 'outOfOffice'))
      if (to && outcomeAt(to, mailDomain) === 'inbound')
        errands.add(`the automatic answer to mail ${id}`, async () => {
          const raw = await outOfOffice(mail, address, to, receivedAt);
          await accept({ mailFrom: '', recipients: [to], helo: 'localhost', raw }, domainOf(address));
        });
  }

  const smtp = await startSmtp(host, smtpPort, accept);
  const web = await startWebOn(httpPort, stateDir, {
    host,
    store,
    paymentWebhook: () => ses?.target.paymentWebhook,
  }).catch(async (error: unknown) => {
    await smtp.stop();
    await store.close();
    throw error;
  });
  return {
    url: `http://${host}:${web.port}`,
    smtp: { host, port: smtp.port },
    connect(to) {
      ses = sesStandIn(to);
    },
    async stop() {
      await Promise.all([smtp.stop(), web.stop()]);
      await errands.settled(patience);
      ses?.close();
      await store.close();
    },
  };
}

function messageOf(
  { mailFrom, recipients, raw }: Delivery,
  mail: ParsedMail,
  receivedAt: Date,
  outcome: Message['outcome'],
): Omit<Message, 'id'> {
  const headers = new Map<string, string>();
  for (const { key, value } of mail.headers)
    headers.set(key, headers.has(key) ? `${headers.get(key)}, ${value}` : value);
  return {
    receivedAt: receivedAt.toISOString(),
    from: mail.from.map(written).join(', ') || mailFrom,
    to: recipients,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: Object.fromEntries(headers),
    sizeBytes: raw.length,
    outcome,
    attachments: mail.attachments.map(({ filename, mimeType, content, encoding }, n) => ({
      filename: filename ?? `attachment-${n + 1}`,
      mimeType,
      sizeBytes: typeof content === 'string' ? Buffer.byteLength(content, encoding ?? 'utf8') : content.byteLength,
    })),
  };
}

/**
 * Links in mails and on invoices name the port, so a kept mailbox takes the same one again, unless somebody else
 * has it.
 */
async function startWebOn(
  wished: number | undefined,
  stateDir: string | undefined,
  options: Omit<WebOptions, 'port'>,
): Promise<Web> {
  const note = stateDir && join(stateDir, 'port');
  const kept = note && wished === undefined ? Number(await readFile(note, 'utf8').catch(() => '')) : 0;
  const web = await startWeb({ ...options, port: wished ?? (kept || 0) }).catch((error: NodeJS.ErrnoException) => {
    if (!kept || error.code !== 'EADDRINUSE') throw error;
    return startWeb({ ...options, port: 0 });
  });
  if (note) await writeFile(note, String(web.port), { mode: 0o600 });
  return web;
}
