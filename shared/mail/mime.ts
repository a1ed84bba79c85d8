import MailComposer from 'nodemailer/lib/mail-composer';

export interface MailAddress {
  name?: string | undefined;
  address: string;
}
export interface MailAttachment {
  filename: string;
  contentType: string;
  content: Uint8Array;
}
export interface MimeMail {
  from: MailAddress;
  to: MailAddress | readonly MailAddress[];
  replyTo?: MailAddress | undefined;
  subject: string;
  text: string;
  html: string;
  /** With angle brackets. SES puts its own in its place. */
  messageId?: string | undefined;
  inReplyTo?: string | undefined;
  references?: readonly string[] | undefined;
  /** Anything that has no field of its own here, such as `transactionalHeaders` or `List-Unsubscribe`. */
  headers: Readonly<Record<string, string>>;
  attachments?: readonly MailAttachment[] | undefined;
  date: Date;
}

/** The mail can never be sent as it is: `field` names what is wrong, without its content. */
export class UnsendableMail extends Error {
  override readonly name = 'UnsendableMail';
  readonly field: string;
  constructor(field: string, why: string) {
    super(`${field} ${why}`);
    this.field = field;
  }
}

/**
 * The raw message (CRLF, 7 bit): text and HTML as alternatives, mixed with the attachments where there are any.
 * Throws UnsendableMail where a header or an address could break out of its line or is not one.
 */
export const toMime = async (mail: MimeMail): Promise<Buffer> => {
  const to = Array.isArray(mail.to) ? (mail.to as readonly MailAddress[]) : [mail.to as MailAddress];
  if (to.length === 0) throw new UnsendableMail('to', 'names nobody');
  const message = new MailComposer({
    from: address('from', mail.from),
    to: to.map((one) => address('to', one)),
    ...(mail.replyTo && { replyTo: address('replyTo', mail.replyTo) }),
    subject: safe('subject', mail.subject),
    text: mail.text,
    html: mail.html,
    ...(mail.messageId && { messageId: reference('messageId', mail.messageId) }),
    ...(mail.inReplyTo && { inReplyTo: reference('inReplyTo', mail.inReplyTo) }),
    ...(mail.references?.length && { references: mail.references.map((one) => reference('references', one)) }),
    headers: Object.entries(mail.headers).map(([key, value]) => ({ key: headerName(key), value: safe(key, value) })),
    attachments: (mail.attachments ?? []).map(({ filename, contentType, content }) => ({
      filename: fileName(filename),
      contentType: mediaType(contentType),
      content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
      contentDisposition: 'attachment',
    })),
    date: mail.date,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return await message.compile().build();
};

/**
 * The headers of a mail that a step of ours causes: machines do not answer it (RFC 3834), SES counts and reports it
 * under its configuration set and tags. Tags are ASCII letters, digits, `_` and `-`; throws UnsendableMail else.
 */
export const transactionalHeaders = (ses: {
  configurationSet?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}): Record<string, string> => {
  const tags = Object.entries(ses.tags ?? {}).map(([name, value]) => `${tagPart(name)}=${tagPart(value)}`);
  return {
    'Auto-Submitted': 'auto-generated',
    ...(ses.configurationSet && { 'X-SES-CONFIGURATION-SET': tagPart(ses.configurationSet) }),
    ...(tags.length > 0 && { 'X-SES-MESSAGE-TAGS': tags.join(', ') }),
  };
};

const tagPart = (text: string): string => {
  if (!/^[\w-]{1,256}$/.test(text)) throw new UnsendableMail('X-SES-MESSAGE-TAGS', 'holds more than A-Z a-z 0-9 _ -');
  return text;
};

/** A value that stays in its line. */
const safe = (field: string, value: string): string => {
  if (/[\r\n\0]/.test(value)) throw new UnsendableMail(field, 'holds a line break or NUL');
  return value;
};

/** Local part: the unquoted characters of RFC 5322. Domain: anything that cannot end an address. */
const mailbox = /^[!#-'*+\-./0-9=?A-Z^-~]{1,64}@[^\s@<>()[\]\\,;:"]{1,255}$/;

/** One mailbox. Domains may be international, local parts may not: SES does not send those. */
const address = (field: string, given: MailAddress): { name: string; address: string } => {
  const plain = safe(field, given.address);
  if (!mailbox.test(plain)) throw new UnsendableMail(field, 'is not an e-mail address');
  return { name: safe(field, given.name ?? ''), address: plain };
};

const reference = (field: string, id: string): string => {
  if (!/^<[!-;=?-~]+>$/.test(id) || id.length > 900) throw new UnsendableMail(field, 'is not a message id');
  return id;
};

/** Headers that have a field of their own, or that the composer writes. */
const ours =
  /^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references|mime-version|content-.*)$/i;
const headerName = (name: string): string => {
  if (!/^[A-Za-z0-9-]{1,76}$/.test(name)) throw new UnsendableMail('headers', 'holds a name that is none');
  if (ours.test(name)) throw new UnsendableMail(name, 'has a field of its own');
  return name;
};

const fileName = (name: string): string => {
  if (/[\p{Cc}/\\]/u.test(name) || name === '')
    throw new UnsendableMail('attachments', 'holds a file name that is none');
  return name;
};

const mediaType = (type: string): string => {
  if (!/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*$/.test(type))
    throw new UnsendableMail('attachments', 'holds a content type that is none');
  return type;
};
