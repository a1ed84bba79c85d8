import { saysAway } from './automatic.ts';
import { isComplaint } from './feedback-type.ts';
import { type Header, headerOf, headersOf } from './header.ts';
import { idsIn, type ReceivedFile, type ReceivedMail } from './received-mail.ts';

/** What became of a mail at one recipient. */
export interface BouncedRecipient {
  /** Lower-case. */
  email: string;
  /**
   * permanent: the address is not good for any mail; transient: it may be for the next one; delayed: it is still tried; none: nothing
   * failed.
   */
  effect: 'permanent' | 'transient' | 'delayed' | 'none';
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
  // Who asks what a report is about that they got, and puts it into their mail, writes no report.
  const mayReport = isReporter(mail) || /^multipart\/report\b/i.test(headerOf(mail, 'content-type') ?? '');
  if (!mayReport) return undefined;
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
  const original = mail.files.find(({ type }) => returned.has(type));
  const to = original ? (headersOf(original.content).find(({ key }) => key === 'to')?.value ?? '') : '';
  const named = [...values('original-rcpt-to'), ...values('removal-recipient')].flatMap(addressesIn);
  const addresses = named.length ? named : addressesIn(to);
  const effect = isComplaint(values('feedback-type')[0]) ? ('permanent' as const) : ('none' as const);
  const detail = `A complaint: ${values('feedback-type')[0] ?? 'abuse'}`.slice(0, 300).toWellFormed();
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
    if (!['failed', 'delayed'].includes(action))
      return [{ email, effect: 'none', detail: action.slice(0, 300).toWellFormed() }];
    const code = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(field('status') ?? '')?.[0];
    const isTelling = code !== undefined && !code.endsWith('.0.0');
    // A bare 5.0.0 says nothing: then the words count, and those for people where there are none.
    const meant = isTelling ? code : (statusIn(detail, code, false) ?? statusIn(text.slice(0, 4_000), code));
    const effect = action === 'delayed' ? ('delayed' as const) : effectOf(meant, detail);
    return [{ email, effect, ...(meant && { status: meant }), detail: detail.slice(0, 300).toWellFormed() }];
  });
  return unique(found);
}

const reporters =
  /^(?:mailer-daemon|postmaster|mdaemon|mail-daemon|mailerdaemon|system administrator|microsoftexchange.*)@?/;
const subjects =
  /undeliver|delivery (?:status )?(?:notification|report|problem|failure)|mail delivery|delivery (?:has )?failed|failure notice|failure delivery|returned mail|returned to sender|returning message|message (?:not delivered|(?:\S+ )?delayed)|delayed mail|could not send message|non ?remis|unzustellbar|nicht zugestellt|no se (?:pudo|ha podido|puede) entregar|mancata consegna|impossibile recapitare|não (?:foi )?(?:entregue|é possível entregar)|onbestelbaar|kan niet worden bezorgd|går inte att leverera|olevererbart|kan ikke leveres|kunne ikke leveres|ei voida toimittaa|nie można dostarczyć|nelze doručit|nedoručiteln|kézbesíthetetlen|teslim edilemedi|не (?:доставлен|удалось доставить)|недоставленное|配信(?:不能|エラー)|未送达|无法(?:投递|送达)|無法(?:傳遞|傳送)|退信|배달되지/i;

/** From somebody who writes reports, or from nobody. */
function isReporter(mail: ReceivedMail): boolean {
  if (headerOf(mail, 'x-failed-recipients')) return true;
  const sender = mail.from?.email ?? (headerOf(mail, 'from') ?? '').toLowerCase();
  return reporters.test(sender.replace(/^.*</, '')) || mail.returnPath === '' || mail.returnPath === 'mailer-daemon';
}

/** A report for people: in words that reports have. What answers one (`Re:`) is none, nor that somebody is away. */
function isReport(mail: ReceivedMail, text: string): boolean {
  if (headerOf(mail, 'x-failed-recipients')) return true;
  if (saysAway(mail.subject) || /^\s*(?:re|aw|sv|rv|antw)\s*:/i.test(mail.subject)) return false;
  const answers = /^auto-replied/i.test(headerOf(mail, 'auto-submitted') ?? '');
  return subjects.test(mail.subject) || (!answers && failed.test(text));
}

const failed =
  /could not be delivered|couldn.t be delivered|was not delivered|not able to deliver|wasn.t able to deliver|unable to deliver|cannot be delivered|not yet been delivered|did not reach|has been delayed|did not receive|delivery (?:to the following|failed)|addresses? (?:failed|had)|permanent (?:fatal )?(?:delivery )?error/i;
/** Below these words stands the mail that is returned. */
const copy =
  /^(?:[- ]*(?:this is a copy of|below this line is a copy|original message follows|the original message(?! was )|returned message|start of returned|message header|undelivered message|session transcript).*)$/im;

/** Who is named where it failed: by a header, as a line of its own, else anybody; and what it says of each. */
function recipientsOfText(mail: ReceivedMail, text: string): BouncedRecipient[] {
  const [cut] = [copy.exec(text)?.index ?? text.length];
  const report = text.slice(0, cut);
  const lines = (from: number) => report.slice(from).split(/\r?\n/);
  const listed = (from: number) => lines(from).flatMap((line) => listedIn(line.slice(0, 500), mail));
  const addresses =
    [
      () => addressesIn(headerOf(mail, 'x-failed-recipients') ?? ''),
      () => listed(failed.exec(report)?.index ?? 0),
      () => listed(0),
      () => addressesIn(report).filter((one) => one !== mail.from?.email),
    ]
      .map((find) => find())
      .find(({ length }) => length) ?? [];
  const transcript = /session transcript/i.test(text) ? text.slice(cut, cut + 4_000) : '';
  const whole = `${report} ${transcript}`;
  const said = saidOf(whole, addresses);
  const isOne = new Set(addresses).size === 1;
  // Where each has words of its own, none has those of another.
  const shared = isOne || ![...said.values()].some((words) => statusIn(words)) ? whole : '';
  const isLate = late.test(mail.subject) || stillTried.test(report);
  return unique(
    addresses.map((email) => {
      const words = shared || (said.get(email) ?? '');
      const status = statusIn(words);
      const effect = effectOf(status, words);
      const isTried = isLate && effect === 'transient';
      return { email, effect: isTried ? 'delayed' : effect, ...(status && { status }), detail: reasonIn(words) };
    }),
  );
}

const late = /\bdelay|^warning\b/i;
const stillTried =
  /still being retried|not yet been delivered|will (?:retry|(?:keep|continue) (?:re)?trying)|no action is required|need to resend your message/i;

/** What a report says of each address: a line is about whom it names, or else about whom the one before it is. */
function saidOf(report: string, addresses: readonly string[]): Map<string, string> {
  const said = new Map<string, string[]>(addresses.map((email) => [email, []]));
  let about: string[] = [];
  for (const line of report.split(/\r?\n/)) {
    const named = addressesIn(line.slice(0, 500)).filter((email) => said.has(email));
    if (named.length) about = [...new Set(named)];
    for (const email of about) said.get(email)?.push(line);
  }
  return new Map([...said].map(([email, words]) => [email, words.join('\n')]));
}

/** `<jo@acme.example>: ...`, `> jo@acme.example`, `  jo@acme.example:`, `dda:SMTP=jo@acme.example;`, or a bare name of the reporter's own. */
function listedIn(line: string, mail: ReceivedMail): string[] {
  const [, address] =
    /^[\s>*•-]*(?:<|rfc822;\s?|smtp:)?([^\s<>:;,()"=]+@[^\s<>:;,()"=]+)>?\s*(?::|\(|<|on\s|$)/i.exec(line) ??
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

/**
 * The status that a text gives, or means. `known`: one that says only that it failed for good, or for now; `orAny`: such a one will do.
 */
function statusIn(text: string, known?: string, orAny = true): string | undefined {
  const given = /(?:^|[\s(#;:])([245]\.\d{1,3}\.\d{1,3})(?=[\s).;:,]|$)/.exec(text)?.[1];
  if (given && !given.endsWith('.0.0')) return given;
  const meant = meanings.find(([words]) => words.test(text))?.[1];
  if (meant || !orAny) return meant;
  const reply = /(?:^|[\s:"'])(?:said:\s*)?([45])\d\d[\s-]/m.exec(text)?.[1];
  return known ?? given ?? (reply && `${reply}.0.0`);
}

/**
 * Whether an address is of no use any more (RFC 3463): 5.1.x bad address, 5.2.1 disabled, 5.4.4 (of Exchange 5.4.310) no such host, and what
 * failed for good without saying why. A full mailbox, a message too large, a policy, the network are no fault of the address, nor is what
 * is wrong with the sender's: 5.1.7, 5.1.8, and of Exchange 5.1.90.
 */
function effectOf(status: string | undefined, words: string): BouncedRecipient['effect'] {
  if (!status) return /permanent error|permanent fatal/i.test(words) ? 'permanent' : 'transient';
  if (!status.startsWith('5.')) return 'transient';
  return /^5\.(?:0\.|1\.(?!(?:7|8|90)$)|2\.[01]$|4\.(?:[0-4]|310)$|5\.0$)/.test(status) ? 'permanent' : 'transient';
}

/** One sentence of a report: the line that has a code or a known reason. */
function reasonIn(report: string): string {
  const said = report.split(/\r?\n/).map((line) => line.trim().slice(0, 300).toWellFormed());
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
