import PostalMime, { type Attachment, addressParser, type Header, type Mailbox } from 'postal-mime';

/** What a raw message says. One that cannot be parsed says nothing: every field is empty. */
export interface ParsedMail {
  /** In their order, with repetitions, unfolded but not decoded. */
  headers: readonly Header[];
  from: readonly Mailbox[];
  replyTo: readonly Mailbox[];
  subject: string;
  /** Without angle brackets. */
  messageId: string;
  text: string;
  html: string;
  attachments: readonly Attachment[];
}

/** Parses a message with postal-mime, within its limits of nesting and header size. Never throws. */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const mail = await PostalMime.parse(raw).catch(() => undefined);
  const headers = mail?.headers ?? [];
  return {
    headers,
    from: addressesIn(headers, 'from'),
    replyTo: addressesIn(headers, 'reply-to'),
    subject: mail?.subject ?? '',
    messageId: (mail?.messageId ?? '').replace(/^<|>$/g, ''),
    text: mail?.text ?? '',
    html: mail?.html ?? '',
    attachments: mail?.attachments ?? [],
  };
}

/** Every address of every header of that name. */
const addressesIn = (headers: readonly Header[], name: string): Mailbox[] =>
  headers
    .filter(({ key }) => key === name)
    .flatMap(({ value }) => addressParser(value, { flatten: true }) as Mailbox[]);

/** The value of the first header of that (lower-case) name. */
export const headerOf = ({ headers }: ParsedMail, name: string): string | undefined =>
  headers.find(({ key }) => key === name)?.value;

/** `Name <address>`, or the bare address. */
export const written = ({ name, address }: Mailbox): string => (name ? `${name} <${address}>` : address);

/** The bytes of an attachment. */
export const bytesOf = ({ content, encoding }: Attachment): Buffer =>
  typeof content === 'string' ? Buffer.from(content, encoding ?? 'utf8') : Buffer.from(content as Uint8Array);
