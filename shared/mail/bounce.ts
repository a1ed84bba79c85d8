import { automaticIn } from './automatic.ts';
import { type Header, headerOf, headersOf, idsIn, type ReceivedFile, type ReceivedMail } from './received-mail.ts';

/** What became of a mail at one recipient. */
export interface BouncedRecipient {
  /** Lower-case. */
  email: string;
  /** permanent: the address is not good for any mail; transient: it may be for the next one; none: nothing failed. */
  effect: 'permanent' | 'transient' | 'none';
  /** RFC 3463, where the report says or implies one: `5.1.1`. */
  status?: string;
  /** What the other side said. */
  detail: string;
}

/** A mail that tells what became of another: a delivery report, or somebody's complaint. */
export interface Bounce {
  kind: 'delivery' | 'complaint';
  recipients: BouncedRecipient[];
  /** The Message-IDs that the report gives for the mail, without angle brackets. */
  messageIds: string[];
}

/** Reports are short; what they return of the mail is cut by its sender's first words. In characters. */
const longest = 65_536;
const mostRecipients = 100;

/**
 * The report that a mail is; undefined where it is none. Sources: RFC 3464 (delivery status), RFC 3463 (status codes), RFC 5965
 * (complaints); where there is no such part, what Postfix, Exim, qmail, Exchange, MDaemon, Yahoo, AOL and others write for people. One
 * pass over the text: linear.
 */
export function bounceIn(mail: ReceivedMail): Bounce | undefined {
  const text = mail.text.slice(0, longest);
  const feedback = partOf(mail, 'message/feedback-report');
  if (feedback !== undefined) return complaint(mail, feedback);
  const status = partOf(mail, 'message/delivery-status') ?? partOf(mail, 'message/global-delivery-status');
  const recipients = status === undefined ? [] : recipientsOfStatus(status, text);
  if (recipients.length) return { kind: 'delivery', recipients, messageIds: originalIds(mail, text) };
  if (status === undefined && !isReport(mail, text)) return undefined;
  return { kind: 'delivery', recipients: recipientsOfText(mail, text), messageIds: originalIds(mail, text) };
}

function partOf({ files }: ReceivedMail, type: string): string | undefined {
  const part = files.find((file) => file.type === type);
  return part && textOf(part);
}

const textOf = ({ content }: ReceivedFile): string => Buffer.from(content.subarray(0, longest)).toString('utf8');

/** Groups of fields with an empty line between them, as a delivery status has them. */
const groupsIn = (text: string): Header[][] =>
  text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n+/)
    .map((group) => headersOf(Buffer.from(group)));

function complaint(mail: ReceivedMail, report: string): Bounce {
  const fields = groupsIn(report).flat();
  const values = (name: string) => fields.filter(({ key }) => key === name).map(({ value }) => value);
  const isComplaint = !['not-spam', 'auth-failure', 'dmarc'].includes(
    values('feedback-type')[0]?.toLowerCase() ?? 'abuse',
  );
  const original = mail.files.find(({ type }) => returned.has(type));
  const to = original ? (headersOf(original.content).find(({ key }) => key === 'to')?.value ?? '') : '';
  const named = [...values('original-rcpt-to'), ...values('removal-recipient')].flatMap(addressesIn);
  const addresses = named.length ? named : addressesIn(to);
  const effect = isComplaint ? ('permanent' as const) : ('none' as const);
  const detail = `A complaint: ${values('feedback-type')[0] ?? 'abuse'}`.slice(0, 300);
  return {
    kind: 'complaint',
    recipients: unique(addresses.map((email) => ({ email, effect, detail }))),
    messageIds: originalIds(mail, mail.text.slice(0, longest)),
  };
}

function recipientsOfStatus(status: string, text: string): BouncedRecipient[] {
  const found = groupsIn(status).flatMap((fields): BouncedRecipient[] => {
    const field = (name: string) => fields.find(({ key }) => key === name)?.value;
    // A gateway's own name for somebody is no address: the original one is.
    const named = [field('original-recipient'), field('final-recipient')].flatMap((one) => addressesIn(one ?? ''));
    const [email] = named;
    const action = (field('action') ?? 'failed').toLowerCase().trim();
    if (!email) return [];
    const detail = [field('diagnostic-code'), field('status')].filter(Boolean).join('; ') || action;
    if (!['failed', 'delayed'].includes(action)) return [{ email, effect: 'none', detail: action.slice(0, 300) }];
    const code = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(field('status') ?? '')?.[0];
    // A bare 5.0.0 says nothing: then the words count, those for people too.
    const words = code && !code.endsWith('.0.0') ? detail : `${detail} ${text.slice(0, 4_000)}`;
    const meant = code && !code.endsWith('.0.0') ? code : statusIn(words, code);
    const effect = action === 'delayed' ? ('transient' as const) : effectOf(meant, words);
    return [{ email, effect, ...(meant && { status: meant }), detail: detail.slice(0, 300) }];
  });
  return unique(found);
}

const reporters =
  /^(?:mailer-daemon|postmaster|mdaemon|mail-daemon|mailerdaemon|system administrator|microsoftexchange.*)@?/;
const subjects =
  /undeliver|delivery (?:status )?(?:notification|report|problem|failure)|mail delivery|delivery (?:has )?failed|failure notice|failure delivery|returned mail|returned to sender|returning message|message (?:not delivered|delayed)|delayed mail|non ?remis|unzustellbar|nicht zugestellt|no se (?:pudo|ha podido) entregar|mancata consegna|não (?:foi )?entregue|onbestelbaar|не доставлен|配信(?:不能|エラー)/i;

/** A report for people: from somebody who writes reports, in words that reports have. */
function isReport(mail: ReceivedMail, text: string): boolean {
  if (headerOf(mail, 'x-failed-recipients')) return true;
  const sender = mail.from?.email ?? (headerOf(mail, 'from') ?? '').toLowerCase();
  const isReporter =
    reporters.test(sender.replace(/^.*</, '')) || mail.returnPath === '' || mail.returnPath === 'mailer-daemon';
  const isAway = automaticIn(mail, '').isAway && !subjects.test(mail.subject);
  return isReporter && !isAway && (subjects.test(mail.subject) || failed.test(text));
}

const failed =
  /could not be delivered|couldn.t be delivered|was not delivered|not able to deliver|wasn.t able to deliver|unable to deliver|cannot be delivered|did not reach|has been delayed|did not receive|delivery (?:to the following|failed)|addresses? (?:failed|had)|permanent (?:fatal )?(?:delivery )?error/i;
/** Below these words stands the mail that is returned. */
const copy =
  /^(?:[- ]*(?:this is a copy of|below this line is a copy|original message follows|the original message|returned message|start of returned|message header|undelivered message|session transcript).*)$/im;

/** Who is named where it failed: by a header, as a line of its own, or after a colon of Exchange. */
function recipientsOfText(mail: ReceivedMail, text: string): BouncedRecipient[] {
  const [cut] = [copy.exec(text)?.index ?? text.length];
  const report = text.slice(0, cut);
  const from = failed.exec(report)?.index ?? 0;
  const named = addressesIn(headerOf(mail, 'x-failed-recipients') ?? '');
  const listed = report
    .slice(from)
    .split(/\r?\n/)
    .flatMap((line) => listedIn(line.slice(0, 500), mail));
  const whole = `${report} ${/session transcript/i.test(text) ? text.slice(cut, cut + 4_000) : ''}`;
  const addresses = named.length ? named : listed;
  const status = statusIn(whole);
  const detail = reasonIn(whole);
  return unique(
    addresses.map((email) => ({ email, effect: effectOf(status, whole), ...(status && { status }), detail })),
  );
}

/** `<jo@acme.example>: ...`, `> jo@acme.example`, `  jo@acme.example:`, `dda:SMTP=jo@acme.example;`, or a bare name of the reporter's own. */
function listedIn(line: string, mail: ReceivedMail): string[] {
  const [, address] =
    /^[\s>*•-]*(?:<|rfc822;\s?|smtp:)?([^\s<>:;,()"=]+@[^\s<>:;,()"=]+)>?\s*(?::|\(|$)/i.exec(line) ??
    /SMTP=([^\s;<>]+@[^\s;<>]+)/i.exec(line) ??
    [];
  if (address) return addressesIn(address);
  const domain = mail.from?.email.split('@')[1];
  const [, name] = /^\t([\w.+-]{1,64})\s*$/.exec(line) ?? [];
  return name && domain ? [`${name}@${domain}`.toLowerCase()] : [];
}

const address = /[^\s<>:;,()"'=/]{1,64}@[a-z0-9.-]{1,255}/gi;
const addressesIn = (value: string): string[] =>
  [...value.slice(0, 10_000).matchAll(address)].map(([found]) => found.toLowerCase().replace(/\.+$/, ''));

/** What people are told, and what it is in RFC 3463. The first that fits. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /quota|mailbox (?:is )?full|over ?quota|storage (?:limit|exceeded)|insufficient (?:system )?storage|too many messages/i,
    '5.2.2',
  ],
  [/message (?:size|too (?:large|big))|size limit|exceeds? .{0,20}(?:size|length)/i, '5.3.4'],
  [
    /spam|blocked|blacklist|black list|reputation|policy|dmarc|dnsbl|rejected due|not accepting mail from|access denied|unauthenticated/i,
    '5.7.1',
  ],
  [
    /mailbox (?:is )?(?:disabled|inactive|suspended)|account (?:is |has been )?(?:disabled|inactive|suspended|closed)/i,
    '5.2.1',
  ],
  [
    /user unknown|unknown (?:or illegal )?(?:user|recipient|address|alias)|no such (?:user|address|recipient|mailbox|person)|does(?: not|n.t) exist|not (?:a )?(?:recogni[sz]ed|valid|found|known)|invalid (?:recipient|address|mailbox)|address(?:es)? (?:rejected|unknown)|recipient (?:rejected|not found)|doesn.t have (?:an? )?.{0,30}account|mailbox (?:unavailable|not found)|bad (?:destination|address)/i,
    '5.1.1',
  ],
  [
    /host (?:not found|unknown)|domain (?:not found|does(?: not|n.t) exist)|unrouteable|name service error|no mx|nxdomain/i,
    '5.1.2',
  ],
  [
    /timed? ?out|connection (?:refused|timed)|can.t connect|could not connect|in the queue too long|delayed|try(?:ing)? again|temporar|greylist|establish an smtp connection/i,
    '4.4.1',
  ],
];

/** The status that a text gives, or means. `known`: one that says only that it failed for good, or for now. */
function statusIn(text: string, known?: string): string | undefined {
  const given = /(?:^|[\s(#;:])([245]\.\d{1,3}\.\d{1,3})(?=[\s).;:,]|$)/.exec(text)?.[1];
  if (given && !given.endsWith('.0.0')) return given;
  const meant = meanings.find(([words]) => words.test(text))?.[1];
  if (meant) return meant;
  const reply = /(?:^|[\s:"'])(?:said:\s*)?([45])\d\d[\s-]/m.exec(text)?.[1];
  return known ?? given ?? (reply && `${reply}.0.0`);
}

/**
 * Whether an address is of no use any more (RFC 3463): 5.1.x bad address, 5.2.1 disabled, 5.4.4 no such host, and what failed for good
 * without saying why. A full mailbox, a message too large, a policy, the network are no fault of the address.
 */
function effectOf(status: string | undefined, words: string): BouncedRecipient['effect'] {
  if (!status) return /permanent error|permanent fatal/i.test(words) ? 'permanent' : 'transient';
  if (!status.startsWith('5.')) return 'transient';
  return /^5\.(?:0\.|1\.|2\.[01]$|4\.[0-4]$|5\.0$)/.test(status) ? 'permanent' : 'transient';
}

/** One sentence of a report: the line that has a code or a known reason. */
function reasonIn(report: string): string {
  const said = report.split(/\r?\n/).map((line) => line.trim().slice(0, 300));
  const line =
    said.find((one) => /\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b/.test(one)) ??
    said.find((one) => meanings.some(([words]) => words.test(one)));
  return line || 'The mail came back';
}

/** Parts that return the mail, or its headers. */
const returned = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/rfc822-headers',
  'message/global',
  'message/global-headers',
]);

/** The Message-IDs of the mail that is reported on: from its headers where they are returned, from words, from what the report answers. */
function originalIds(mail: ReceivedMail, text: string): string[] {
  const parts = mail.files.filter(({ type }) => returned.has(type));
  const own = parts.flatMap(({ content }) => headersOf(content).filter(({ key }) => key === 'message-id'));
  const status = ['message/feedback-report', 'message/delivery-status'].flatMap((type) => partOf(mail, type) ?? []);
  const written = [text, ...status].flatMap((words) => [...words.matchAll(/message-id:?\s*(<[^<>\s]{1,900}>)/gi)]);
  const ids = [...own.map(({ value }) => value), ...written.map(([, id = '']) => id)].flatMap(idsIn);
  return [...new Set([...ids, ...mail.answers])].filter((id) => id !== mail.messageId).slice(0, 20);
}

const unique = (recipients: readonly BouncedRecipient[]): BouncedRecipient[] =>
  [...new Map(recipients.map((one) => [one.email, one])).values()].slice(0, mostRecipients);
