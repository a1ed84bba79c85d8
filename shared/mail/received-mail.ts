import { isUtf8 } from 'node:buffer';
import PostalMime, { type Attachment, addressParser, type Email as ParsedMail } from 'postal-mime';
import { Email } from '../core/contact-points.ts';
import { type Header, headerOf, headersOf, maxHeadersSize } from './header.ts';
import { htmlToText } from './html-to-text.ts';
import { type Verdicts, verdictsIn } from './verdicts.ts';

export interface ReceivedFile {
  name: string;
  /** Lower-case MIME type. */
  type: string;
  content: Uint8Array;
}

/** What a raw message says. One that cannot be read says what its headers say, and `unreadable` why. */
export interface ReceivedMail {
  headers: readonly Header[];
  /** Without angle brackets. */
  messageId: string | undefined;
  /** The one author, as we store addresses; undefined where there is none, more than one, or no address. */
  from: { name: string; email: string } | undefined;
  /** The sender of the envelope: empty for a report or an automatic answer. */
  returnPath: string | undefined;
  /** Whom it names, lower-case: the envelope's recipient first, then To, Cc and Delivered-To. */
  recipients: readonly string[];
  /** Decoded, one line. */
  subject: string;
  /** What is to be read: the plain text, else the HTML as text. */
  text: string;
  /** The messages that it answers, without angle brackets, the nearest first; fifty at most. */
  answers: readonly string[];
  files: readonly ReceivedFile[];
  verdicts: Verdicts;
  unreadable?: string;
}

/** Deeper or longer is nobody's mail, and costs us. */
const limits = { maxNestingDepth: 32, maxHeadersSize, maxRfc822NestingDepth: 3 };

/**
 * Parses a message as SES put it into the bucket, its own headers on top. Never throws, whatever the bytes are; linear in their number.
 */
export async function parseReceived(raw: Uint8Array): Promise<ReceivedMail> {
  try {
    const { headers, subject = '', text = '', html = '', attachments } = await parsed(withoutFlow(raw));
    const files = attachments.map(fileOf);
    const written = text.trim() ? asMeant(text) : htmlToText(asMeant(html));
    // Parts that nothing separates are no parts, and still somebody's words.
    return { ...envelopeOf(headers, subject), text: written || files.length ? written : bodyOf(raw), files };
  } catch (error) {
    const headers = headersOf(raw);
    const subject = headers.find(({ key }) => key === 'subject')?.value ?? '';
    return {
      ...envelopeOf(headers, subject),
      text: '',
      files: [],
      unreadable: (error as Error).message.slice(0, 300).toWellFormed(),
    };
  }
}

/** A message within the message (a report's, say) stays a file: its text is not what the sender wrote. */
const parser = () => new PostalMime({ ...limits, forceRfc822Attachments: true });

/**
 * A message with 8-bit characters that names no charset for them, or UTF-8, and is none: then it is what such programs write, Windows-1252.
 */
async function parsed(raw: Uint8Array): Promise<ParsedMail> {
  const mail = await parser().parse(raw);
  const { subject = '', text = '', html = '', attachments } = mail;
  const charsets = Buffer.from(raw.subarray(0, 65_536))
    .toString('latin1')
    .match(/\bcharset\s*=\s*"?(?!utf-?8|us-ascii)\w/i);
  if (!/\uFFFD/.test(subject + text + html) || charsets || isUtf8(raw)) return mail;
  return { ...(await parser().parse(Buffer.from(windows.decode(raw)))), attachments };
}

const windows = new TextDecoder('windows-1252');
const windowsBytes = new Map(Array.from({ length: 256 }, (_, byte) => [windows.decode(Uint8Array.of(byte)), byte]));

/** UTF-8 under another name, or under none that is known, has been read as Windows-1252: read as what it is. */
function asMeant(text: string): string {
  if (!/[\u00C2-\u00F4]/.test(text)) return text;
  const bytes = Uint8Array.from(text, (character) => windowsBytes.get(character) ?? 255);
  return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : text;
}

/** What stands below the headers, as text. */
function bodyOf(raw: Uint8Array): string {
  const whole = Buffer.from(raw).toString('utf8');
  const end = /\r?\n\r?\n/.exec(whole);
  return end ? whole.slice(end.index).trim() : '';
}

function envelopeOf(headers: readonly Header[], subject: string): Omit<ReceivedMail, 'text' | 'files'> {
  const all = (name: string) => headers.filter(({ key }) => key === name).map(({ value }) => value);
  const top = (name: string) => headerOf({ headers }, name) ?? '';
  const envelope = /\bfor\s+<?([^\s<>;]+@[^\s<>;]+)/.exec(top('received').slice(0, 2_000))?.[1];
  const named = ['to', 'cc', 'delivered-to'].flatMap((name) => addressesIn(all(name)));
  const [author, ...more] = addressesIn(all('from'));
  // Readers differ over which of two it is: `<ceo@bank.example> <jo@acme.example>`.
  const isOne =
    !more.length &&
    (
      top('from')
        .replaceAll(/"(?:[^"\\]|\\.)*"|\([^()]*\)/g, '')
        .match(/</g) ?? []
    ).length <= 1;
  const email = Email.safeParse(author?.address ?? '').data;
  const returnPath = headers.find(({ key }) => key === 'return-path')?.value;
  return {
    headers,
    messageId: idsIn(top('message-id'))[0] ?? (top('message-id').trim().slice(0, 900) || undefined),
    from:
      email && isOne
        ? {
            name: oneLine(author?.name ?? '')
              .slice(0, 200)
              .toWellFormed(),
            email,
          }
        : undefined,
    returnPath: returnPath?.trim().replaceAll(/^<|>$/g, '').toLowerCase(),
    recipients: [...new Set([envelope ?? '', ...named.map(({ address }) => address)].map((one) => one.toLowerCase()))]
      .filter((one) => one.includes('@'))
      .slice(0, 200),
    subject: oneLine(subject).slice(0, 300).toWellFormed(),
    answers: [...new Set([...idsIn(top('in-reply-to')), ...idsIn(top('references')).reverse()])].slice(0, 50),
    verdicts: verdictsIn(headers),
  };
}

/** Every address of the values of a header. A group counts as its members. */
const addressesIn = (values: readonly string[]): { name: string; address: string }[] =>
  values.flatMap(
    (value) => addressParser(value.slice(0, 65_536), { flatten: true }) as { name: string; address: string }[],
  );

/** The message ids in a header or a text, without their angle brackets. */
export const idsIn = (text: string): string[] =>
  [...text.slice(0, 65_536).matchAll(/<([^<>\s]{1,900})>/g)].map(([, id = '']) => id);

/** A text as one line, without what a terminal or a header would act on. */
export const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();

function fileOf({ filename, mimeType, content, encoding }: Attachment, n: number): ReceivedFile {
  const bytes = typeof content === 'string' ? Buffer.from(content, encoding ?? 'utf8') : new Uint8Array(content);
  return { name: oneLine(filename ?? '') || `part-${n + 1}`, type: mimeType, content: bytes };
}

/**
 * Lines stay as they were sent: joining flowed ones (RFC 3676) can join a quoted line with the answer below it. Texts stand at the
 * beginning of a message, so that is where it is looked for; the length stays the same.
 */
function withoutFlow(raw: Uint8Array): Uint8Array {
  const head = Buffer.from(raw.subarray(0, 65_536)).toString('latin1');
  const fixed = head.replaceAll(/format=("?)flowed/gi, 'format=$1asis  ');
  return fixed === head ? raw : Buffer.concat([Buffer.from(fixed, 'latin1'), raw.subarray(65_536)]);
}
