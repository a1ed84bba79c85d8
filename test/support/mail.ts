import { randomUUID } from 'node:crypto';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from './eventually.ts';
import { access, api } from './stack.ts';

/** Sends a mail to the stack as the world does, by SMTP; answers its Message-ID without angle brackets. */
export async function write(mail: SendMailOptions): Promise<string> {
  const messageId = mail.messageId ?? `<${randomUUID()}@world.example>`;
  const transport = createTransport({ ...access.smtp, connectionTimeout: 10_000 });
  try {
    await transport.sendMail({ text: 'Hello', ...mail, messageId });
  } finally {
    transport.close();
  }
  return messageId.slice(1, -1);
}

/** An address of ours. */
export const desk = (name: string): string => `${name}@${access.mailDomain}`;

/** The mails that came in and that a test asks for, newest first, as soon as there are so many. */
export const arrived = (where: (mail: Json) => boolean, count = 1): Promise<Json[]> =>
  eventually(async () => {
    const { data } = await api.get('/v1/inbound-mails?limit=200');
    const found = (data as Json[]).filter(where);
    if (found.length < count) throw new Error(`${found.length} of ${count} mails are in`);
    return found;
  }, 60_000);

/** What a mail has become. */
export const became = async (messageId: string): Promise<Json> =>
  (await arrived((mail) => mail.messageId === messageId))[0];
