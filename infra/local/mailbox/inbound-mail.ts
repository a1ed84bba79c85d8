import { domainOf } from './outcome.ts';
import { bytesOf, type ParsedMail } from './parse-mail.ts';

export interface ReceivedMail {
  id: string;
  raw: Uint8Array;
  mail: ParsedMail;
  /** The envelope's sender; empty for an automatic answer. */
  mailFrom: string;
  /** What the sending host calls itself. */
  helo: string;
  recipients: readonly string[];
  receivedAt: Date;
  region: string;
  /** The domain whose DKIM signature the mail would bear. */
  signedBy?: string | undefined;
}

/**
 * The object that SES's S3 action writes: the message as it came, under the headers that SES puts above it. What was
 * checked says the first header of its name: a mail may bring forged ones, which stand below.
 */
export function asReceived(received: ReceivedMail): Buffer {
  const { raw, mail, receivedAt, recipients, region, id } = received;
  const mailFrom = inLine(received.mailFrom);
  const helo = inLine(received.helo) || 'localhost';
  const { spf, dkim, dmarc, fromDomain } = verdicts(received);
  const checked = `${spf} (spfCheck: local stand-in) client-ip=127.0.0.1; envelope-from=${mailFrom}; helo=${helo};`;
  const headers = [
    `Return-Path: <${mailFrom}>`,
    `Received: from ${helo} (${helo} [127.0.0.1])`,
    ` by inbound-smtp.${region}.amazonaws.com with SMTP id ${id}`,
    ` for ${inLine(recipients[0] ?? '')};`,
    ` ${receivedAt.toUTCString().replace('GMT', '+0000 (UTC)')}`,
    `X-SES-Spam-Verdict: ${holds(raw, mail, spamSample) ? 'FAIL' : 'PASS'}`,
    `X-SES-Virus-Verdict: ${holds(raw, mail, virusSample) ? 'FAIL' : 'PASS'}`,
    `Received-SPF: ${checked}`,
    'Authentication-Results: amazonses.com;',
    ` spf=${checked}`,
    ` dkim=${dkim};`,
    ` dmarc=${dmarc} header.from=${inLine(fromDomain)};`,
  ];
  return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n`), raw]);
}

/**
 * No DNS is asked: a sender counts as permitted for the domain that it names in the envelope, so DMARC passes
 * where the one address of the From header is of that domain, or of the one that signed.
 */
function verdicts({ mail, mailFrom, signedBy }: ReceivedMail) {
  const [author, ...more] = mail.from;
  const fromDomain = domainOf(author?.address ?? '');
  const aligned = fromDomain !== '' && more.length === 0 && [domainOf(mailFrom), signedBy].includes(fromDomain);
  return {
    spf: mailFrom ? 'pass' : 'none',
    dkim: signedBy ? `pass header.i=@${inLine(signedBy)}` : 'none',
    dmarc: aligned ? 'pass' : 'fail',
    fromDomain,
  };
}

/** The public samples that every filter knows: GTUBE, and the readable part of EICAR's. */
const spamSample = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
const virusSample = 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE';

const holds = (raw: Uint8Array, mail: ParsedMail, sample: string): boolean =>
  Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).includes(sample) ||
  mail.text.includes(sample) ||
  mail.attachments.some((attachment) => bytesOf(attachment).includes(sample));

/** What a stranger wrote, fit for the middle of a header line. */
const inLine = (text: string): string => text.replaceAll(/[^\x21-\x7e]|[()<>;\\"]/g, '').slice(0, 320);
