import MailComposer from 'nodemailer/lib/mail-composer';
import type { ParsedMail } from './parse-mail.ts';

/** Where an automatic answer to a mail goes: Reply-To, else From; undefined where it names nobody. */
export const answerTo = ({ replyTo, from }: ParsedMail): string | undefined =>
  (replyTo[0] ?? from[0])?.address || undefined;

/** The automatic answer of somebody who is away (RFC 3834): marked as such, in the thread of the mail it answers. */
export const outOfOffice = (mail: ParsedMail, from: string, to: string, now: Date): Promise<Buffer> =>
  new MailComposer({
    from,
    to,
    subject: `Automatic reply: ${mail.subject.replaceAll(/\s+/g, ' ')}`.slice(0, 400),
    text: 'I am out of the office and will read your message when I am back.\n',
    ...(mail.messageId && { inReplyTo: `<${mail.messageId}>`, references: [`<${mail.messageId}>`] }),
    headers: { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' },
    date: now,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
