import { randomUUID } from 'node:crypto';
import { domainOf, type Outcome } from './outcome.ts';
import { headerOf, type ParsedMail, written } from './parse-mail.ts';

export interface SentMail {
  mail: ParsedMail;
  /** The envelope's sender, for a mail without a From. */
  mailFrom: string;
  recipients: readonly { address: string; outcome: Outcome }[];
  sentAt: Date;
  /** Who sends, as the delivery topic's ARN says. */
  region: string;
  account: string;
}

/**
 * An event as SES publishes it to SNS:
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export type MailEvent = { eventType: 'Send' | 'Delivery' | 'Bounce' | 'Complaint'; mail: object } & Record<
  string,
  unknown
>;

/**
 * What SES tells of a mail: that it was sent, and then what became of it at each recipient, in the order in
 * which it happens.
 */
export function mailEvents(sent: SentMail): MailEvent[] {
  const mail = describe(sent);
  const timestamp = sent.sentAt.toISOString();
  const event = (eventType: MailEvent['eventType'], detail: object): MailEvent => ({
    eventType,
    mail,
    [eventType.toLowerCase()]: detail,
  });
  const delivery = (address: string) =>
    event('Delivery', {
      timestamp,
      processingTimeMillis: 1,
      recipients: [address],
      smtpResponse: '250 2.6.0 Message received',
      reportingMTA: 'a0-0.smtp-out.amazonses.com',
    });
  const bounce = (address: string, bounceSubType: string, diagnosticCode: string, reportingMTA: string) =>
    event('Bounce', {
      feedbackId: feedbackId(),
      bounceType: 'Permanent',
      bounceSubType,
      bouncedRecipients: [{ emailAddress: address, action: 'failed', status: '5.1.1', diagnosticCode }],
      timestamp,
      reportingMTA,
    });
  const complaint = (address: string) =>
    event('Complaint', {
      feedbackId: feedbackId(),
      complaintSubType: null,
      complainedRecipients: [{ emailAddress: address }],
      timestamp,
      userAgent: 'Amazon SES Mailbox Simulator',
      complaintFeedbackType: 'abuse',
      arrivalDate: timestamp,
    });
  const fate = ({ address, outcome }: SentMail['recipients'][number]): MailEvent[] => {
    switch (outcome) {
      case 'bounced':
        return [bounce(address, 'General', 'smtp; 550 5.1.1 user unknown', 'dns; a0-0.smtp-out.amazonses.com')];
      case 'suppressed':
        return [bounce(address, 'Suppressed', suppressed, 'dns; amazonses.com')];
      case 'complained':
        return [delivery(address), complaint(address)];
      case 'delivered':
      case 'outOfOffice':
        return [delivery(address)];
      case 'inbound':
        return [];
    }
  };
  return [event('Send', {}), ...sent.recipients.flatMap(fate)];
}

const suppressed =
  'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an ' +
  'invalid address.';
const feedbackId = () => `${randomUUID()}-000000`;

function describe({ mail, mailFrom, recipients, sentAt, region, account }: SentMail): object {
  const from = mail.from.map(written);
  const sender = mail.from[0]?.address ?? mailFrom;
  const { headers, headersTruncated } = firstHeaders(mail);
  // SES's id is the Message-ID without the domain of its region.
  const messageId = mail.messageId.replace(/@[\w-]+\.amazonses\.com$/, '') || randomUUID();
  return {
    timestamp: sentAt.toISOString(),
    source: from[0] ?? mailFrom,
    sourceArn: `arn:aws:ses:${region}:${account}:identity/${domainOf(sender)}`,
    sendingAccountId: account,
    messageId,
    destination: recipients.map(({ address }) => address),
    headersTruncated,
    headers,
    commonHeaders: {
      from,
      ...(headerOf(mail, 'date') && { date: headerOf(mail, 'date') }),
      to: [headerOf(mail, 'to') ?? ''],
      messageId,
      subject: mail.subject,
    },
    tags: tagsOf(mail, domainOf(sender)),
  };
}

/** SES cuts the headers of an event at 10 kB. */
function firstHeaders({ headers }: ParsedMail) {
  let room = 10_000;
  const first = headers.filter(({ originalKey, value }) => {
    room -= originalKey.length + value.length;
    return room >= 0;
  });
  return {
    headers: first.map(({ originalKey: name, value }) => ({ name, value })),
    headersTruncated: first.length < headers.length,
  };
}

/** The tags that the mail's own headers name, and those that SES adds. */
function tagsOf(mail: ParsedMail, fromDomain: string): Record<string, string[]> {
  const given = (headerOf(mail, 'x-ses-message-tags') ?? '').split(/[,;]/).flatMap((pair) => {
    const [name = '', value = ''] = pair.split('=').map((part) => part.trim());
    return name && value ? [[name, [value]] as const] : [];
  });
  const set = headerOf(mail, 'x-ses-configuration-set');
  return {
    'ses:operation': ['SendRawEmail'],
    ...(set && { 'ses:configuration-set': [set] }),
    'ses:source-ip': ['127.0.0.1'],
    'ses:from-domain': [fromDomain],
    'ses:caller-identity': ['local'],
    ...Object.fromEntries(given),
  };
}
