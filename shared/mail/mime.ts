import { randomUUID } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { oneLine } from '../core/text.ts';

export interface MailAddress {
  name?: string | undefined;
  address: string;
}
export interface MailAttachment {
  filename: string;
  contentType: string;
  content: Uint8Array;
}
/** An image that the HTML shows as `cid:<cid>`: it comes with the mail, so no client asks a stranger's server for it. */
export interface InlineImage {
  cid: string;
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
  images?: readonly InlineImage[] | undefined;
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
 * The raw message (RFC 5322, CRLF, 7 bit): text and HTML (with its images) as alternatives, mixed with the attachments where
 * there are any.
 * Throws UnsendableMail where a header or an address could break out of its line or is not one.
 */
export const toMime = async (mail: MimeMail): Promise<Buffer> => {
  const to = Array.isArray(mail.to) ? (mail.to as readonly MailAddress[]) : [mail.to as MailAddress];
  if (to.length === 0) throw new UnsendableMail('to', 'names nobody');
  const from = plainAddress('from', mail.from.address);
  const headers = [
    header('From', mailbox('from', mail.from)),
    header('To', to.map((one) => mailbox('to', one)).join(', ')),
    ...(mail.replyTo ? [header('Reply-To', mailbox('replyTo', mail.replyTo))] : []),
    header('Subject', words(safe('subject', mail.subject))),
    header(
      'Message-ID',
      mail.messageId ? reference('messageId', mail.messageId) : `<${randomUUID()}${from.slice(from.indexOf('@'))}>`,
    ),
    ...(mail.inReplyTo ? [header('In-Reply-To', reference('inReplyTo', mail.inReplyTo))] : []),
    ...(mail.references?.length
      ? [header('References', mail.references.map((one) => reference('references', one)).join(' '))]
      : []),
    header('Date', mail.date.toUTCString().replace('GMT', '+0000')),
    ...Object.entries(mail.headers).map(([name, value]) => header(headerName(name), anyValue(name, value))),
    header('MIME-Version', '1.0'),
  ];
  const html = textPart('html', mail.html);
  const images = (mail.images ?? []).map(imagePart);
  const shown = images.length > 0 ? multipart('related', [html, ...images]) : html;
  const body = multipart('alternative', [textPart('plain', mail.text), shown]);
  const attachments = (mail.attachments ?? []).map(attachmentPart);
  const content = attachments.length > 0 ? multipart('mixed', [body, ...attachments]) : body;
  return Buffer.from([...headers, content].join('\r\n'), 'latin1');
};

/** What SES is told of a mail in its headers: the configuration set, and the tags that come back with its events. */
interface SesHeaders {
  configurationSet?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

/**
 * The headers of a mail that a step of ours causes: machines do not answer it (RFC 3834), SES counts and reports it
 * under its configuration set and tags. Tags are ASCII letters, digits, `_` and `-`; throws UnsendableMail else.
 */
export const transactionalHeaders = (ses: SesHeaders): Record<string, string> => ({
  'Auto-Submitted': 'auto-generated',
  ...sesHeaders(ses),
});

/** What SES is told by `X-SES-...`; throws UnsendableMail where a tag holds more than letters, digits, `_` and `-`. */
export const sesHeaders = ({ configurationSet, tags = {} }: SesHeaders): Record<string, string> => {
  const told = Object.entries(tags).map(([name, value]) => `${tagPart(name)}=${tagPart(value)}`);
  return {
    ...(configurationSet && { 'X-SES-CONFIGURATION-SET': tagPart(configurationSet) }),
    ...(told.length > 0 && { 'X-SES-MESSAGE-TAGS': told.join(', ') }),
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
const addressShape = /^[!#-'*+\-./0-9=?A-Z^-~]{1,64}@[^\s@<>()[\]\\,;:"]{1,255}$/;

/** An address in ASCII. Domains may be international, local parts may not: SES does not send those. */
const plainAddress = (field: string, given: string): string => {
  const at = given.indexOf('@');
  const domain = addressShape.test(safe(field, given)) ? domainToASCII(given.slice(at + 1)) : '';
  if (!/^[!-~]{1,255}$/.test(domain)) throw new UnsendableMail(field, 'is not an e-mail address');
  return `${given.slice(0, at)}@${domain}`;
};

/** A mailbox as it stands in From, To and Reply-To. A name only adorns it: what a header cannot hold of one is left out. */
const mailbox = (field: string, { name = '', address }: MailAddress): string => {
  const plain = plainAddress(field, address);
  const line = oneLine(name);
  if (line === '') return plain;
  return `${isPlain(line) ? quoted(line) : encodedWords(line)} <${plain}>`;
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

/** Multiparts and messages may not be base64 (RFC 2045 6.4): they are refused with what is no type at all. */
const mediaType = (type: string): string => {
  const shape = /^(?!multipart\/|message\/)[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*$/i;
  if (!shape.test(type) || type.length > 200)
    throw new UnsendableMail('attachments', 'holds a content type that is none');
  return type;
};

/** RFC 5322 allows 998 characters a line; a word of a header shares its line with the header's name. */
const longestWord = 900;
/** What RFC 5322 recommends for any line, and RFC 2047 asks of one with encoded words. */
const usualLine = 76;

/** Text that stands in a header as it is: printable ASCII, single spaces, nothing that would be decoded. */
const isPlain = (text: string): boolean =>
  /^[!-~]+(?: [!-~]+)*$/.test(text) && !/=\?[^?]*\?[bq]\?/i.test(text) && !hasLongWord(text);
const hasLongWord = (text: string): boolean => text.split(' ').some(({ length }) => length > longestWord);

/** Text for people: as it is, or as encoded words. */
const words = (text: string): string => (isPlain(text) ? text : encodedWords(text));

/** The value of a header that we do not know: encoding a long word of it might break a link, so that is refused. */
const anyValue = (name: string, value: string): string => {
  if (hasLongWord(safe(name, value))) throw new UnsendableMail(name, 'holds a word longer than a line');
  return words(value);
};

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

/** RFC 2047: words of at most 64 characters (39 bytes of UTF-8, never half a character), base64. */
const encodedWords = (text: string): string => {
  const chunks: string[] = [];
  for (const character of text) {
    const grown = `${chunks.at(-1) ?? ''}${character}`;
    if (chunks.length > 0 && Buffer.byteLength(grown) <= 39) chunks[chunks.length - 1] = grown;
    else chunks.push(character);
  }
  return chunks.map((chunk) => `=?UTF-8?B?${Buffer.from(chunk).toString('base64')}?=`).join(' ');
};

/** A header, folded before a space wherever its line would become longer than usual. */
const header = (name: string, value: string): string => {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of value.split(' ')) {
    // A long word fits into no line: the first stays beside the name, which some readers want on one line with something.
    const staysBesideName = lines.length === 0 && line === `${name}:` && word.length >= usualLine;
    if (line.length + 1 + word.length > usualLine && !staysBesideName) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\r\n');
};

/** No line of base64 or of a header begins with `--`: a fixed boundary can never occur within a part. */
const multipart = (kind: 'alternative' | 'mixed' | 'related', parts: readonly string[]): string => {
  const boundary = `=_${kind}`;
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
};

/** Lines of text end with CRLF before they are encoded (RFC 2045 6.8). */
const textPart = (kind: 'plain' | 'html', text: string): string =>
  base64Part([`Content-Type: text/${kind}; charset=utf-8`], Buffer.from(text.replaceAll(/\r\n|\r|\n/g, '\r\n')));

const imagePart = ({ cid, contentType, content }: InlineImage): string =>
  base64Part(
    [
      header('Content-Type', mediaType(contentType)),
      header('Content-ID', reference('images', `<${cid}>`)),
      'Content-Disposition: inline',
    ],
    Buffer.from(content.buffer, content.byteOffset, content.byteLength),
  );

const attachmentPart = ({ filename, contentType, content }: MailAttachment): string =>
  base64Part(
    [
      header('Content-Type', mediaType(contentType)),
      header('Content-Disposition', ['attachment', ...filenames(fileName(filename))].join('; ')),
    ],
    Buffer.from(content.buffer, content.byteOffset, content.byteLength),
  );

const base64Part = (headers: readonly string[], content: Buffer): string => {
  const lines = content.toString('base64').replaceAll(/.{76}(?=.)/g, '$&\r\n');
  return [...headers, 'Content-Transfer-Encoding: base64', '', lines].join('\r\n');
};

/** The file name as one parameter, or in RFC 2231's numbered pieces, each of whole `%XX` octets. */
const filenames = (name: string): string[] => {
  if (isPlain(name) && name.length <= 60) return [`filename=${quoted(name)}`];
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, percent);
  const pieces = encoded.match(/(?:%..|[^%]){1,18}/g) ?? [];
  return pieces.map((piece, at) => `filename*${at}*=${at === 0 ? "UTF-8''" : ''}${piece}`);
};
const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
