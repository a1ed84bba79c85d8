import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bounceIn } from '../../../shared/mail/bounce.ts';
import { parseReceived } from '../../../shared/mail/received-mail.ts';

const reported = async (raw: string) => bounceIn(await parseReceived(Buffer.from(raw.replaceAll('\n', '\r\n'))));
const report = (subject: string, text: string, from = 'MAILER-DAEMON@mx.example') =>
  `Return-Path: <>\nFrom: Mail Delivery System <${from}>\nSubject: ${subject}\n\n${text}\n`;
const dsn = (
  status: string,
  returned = 'Message-ID: <0107-1@eu-central-1.amazonses.com>\nSubject: Quote',
) => `Return-Path: <>
From: postmaster@mx.example
Subject: Undeliverable
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It came back.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

${status}
--b
Content-Type: text/rfc822-headers

${returned}

--b--
`;

describe('a delivery status', () => {
  it.each([
    ['5.1.1', 'permanent'],
    ['5.1.10', 'permanent'],
    ['5.1.7', 'transient'],
    ['5.1.8', 'transient'],
    ['5.2.1', 'permanent'],
    ['5.4.4', 'permanent'],
    ['5.4.310', 'permanent'],
    ['5.2.2', 'transient'],
    ['5.3.4', 'transient'],
    ['5.7.1', 'transient'],
    ['5.4.7', 'transient'],
    ['4.2.2', 'transient'],
    ['4.4.1', 'transient'],
  ])('%s is %s', async (status, effect) => {
    const bounce = await reported(dsn(`Final-Recipient: rfc822; Jo@Acme.example\nAction: failed\nStatus: ${status}`));
    expect(bounce).toMatchObject({
      kind: 'delivery',
      recipients: [{ email: 'jo@acme.example', effect, status }],
      messageIds: ['0107-1@eu-central-1.amazonses.com'],
    });
  });

  it('of several tells of each; what is only late is no failure for good, what arrived is none', async () => {
    const fields = (who: string, action: string, status: string) =>
      `Final-Recipient: rfc822; ${who}@acme.example\nAction: ${action}\nStatus: ${status}\n`;
    const groups = [fields('a', 'failed', '5.1.1'), fields('b', 'delayed', '5.1.1'), fields('c', 'delivered', '2.0.0')];
    const bounce = await reported(dsn(groups.join('\n')));
    expect(bounce?.recipients.map(({ effect }) => effect)).toEqual(['permanent', 'delayed', 'none']);
  });

  it('without a code means what it says', async () => {
    const status = (said: string) =>
      dsn(`Final-Recipient: rfc822; a@acme.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; ${said}`);
    expect((await reported(status('550 User unknown')))?.recipients[0]).toMatchObject({
      effect: 'permanent',
      status: '5.1.1',
    });
    expect((await reported(status('552 Mailbox full')))?.recipients[0]).toMatchObject({
      effect: 'transient',
      status: '5.2.2',
    });
  });
});

it.each([
  [
    'Gmail',
    report(
      'Delivery Status Notification (Failure)',
      "** Address not found **\n\nYour message wasn't delivered to jo@acme.example because the address couldn't be found.\n\nThe response was:\n550 5.1.1 The email account that you tried to reach does not exist.\n",
      'mailer-daemon@googlemail.com',
    ).replace('Subject:', 'X-Failed-Recipients: jo@acme.example\nSubject:'),
    'permanent',
  ],
  [
    'Exchange',
    report(
      'Undeliverable: Quote',
      "Delivery has failed to these recipients or groups:\n\njo@acme.example\nThe e-mail address you entered couldn't be found.\n\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'\n",
      'postmaster@acme.example',
    ),
    'permanent',
  ],
  [
    'Postfix',
    report(
      'Undelivered Mail Returned to Sender',
      "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<jo@acme.example>: host mx.acme.example said: 452 4.2.2 Mailbox full\n",
    ),
    'transient',
  ],
  [
    'sendmail',
    report(
      'Returned mail: see transcript for details',
      '   ----- The following addresses had permanent fatal errors -----\n<jo@acme.example>\n    (reason: 550 5.1.1 <jo@acme.example>... User unknown)\n',
    ),
    'permanent',
  ],
  [
    'qmail',
    report(
      'failure notice',
      "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<jo@acme.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
    ),
    'permanent',
  ],
  [
    'Exim',
    report(
      'Mail delivery failed: returning message to sender',
      'A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  jo@acme.example\n    host mx.acme.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<jo@acme.example>:\n    550 5.7.1 blocked by policy\n',
    ),
    'transient',
  ],
])('%s writes for people', async (_, raw, effect) => {
  expect((await reported(raw))?.recipients).toEqual([expect.objectContaining({ email: 'jo@acme.example', effect })]);
});

it.each([
  [
    'qmail',
    "I wasn't able to deliver your message to the following addresses.\n\n<al@acme.example>:\nRemote host said: 552 mailbox full\n\n<jo@acme.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nTo: al@acme.example",
  ],
  [
    'Exim',
    'The following address(es) failed:\n\n  al@acme.example\n    host mx [192.0.2.1]: 452 4.2.2 Mailbox full\n  jo@acme.example\n    host mx [192.0.2.1]: 550 5.1.1 User unknown\n',
  ],
  [
    'sendmail',
    'The original message was received at Mon, 5 Jan 2026\n\n   ----- The following addresses had permanent fatal errors -----\n<al@acme.example>\n<jo@acme.example>\n\n   ----- Transcript of session follows -----\n552 5.2.2 <al@acme.example>... Mailbox full\n550 5.1.1 <jo@acme.example>... User unknown\n',
  ],
])('%s says of each address what is wrong with that', async (_, text) => {
  const { recipients = [] } = (await reported(report('failure notice', text))) ?? {};
  expect(recipients.map(({ email, effect }) => [email, effect])).toEqual([
    ['al@acme.example', 'transient'],
    ['jo@acme.example', 'permanent'],
  ]);
});

it.each([
  [
    'Exchange',
    'Undeliverable: Quote',
    "Your message to jo@acme.example couldn't be delivered.\n\n550 5.1.10",
    'permanent',
  ],
  [
    'Exchange before 2007',
    'Undeliverable: Quote',
    'Your message did not reach the following recipient(s):\n\njo@acme.example on Mon, 5 Jan 2026 10:00:00 +0100\n    The e-mail account does not exist  <acme.example #5.1.1>',
    'permanent',
  ],
  [
    'Mimecast',
    'Email Delivery Failure',
    'An email you addressed to email address :\n-- jo@acme.example\n\ncould not be delivered.\n-- 550 5.1.1 User unknown',
    'permanent',
  ],
  [
    'Exim, that it is late',
    'Warning: message 1abc delayed 24 hours',
    'The address to which the message has not yet been delivered is:\n\n  jo@acme.example\n\nNo action is required on your part.',
    'delayed',
  ],
  [
    'sendmail, that it is late',
    'Warning: could not send message for past 4 hours',
    '** YOU DO NOT NEED TO RESEND YOUR MESSAGE **\n\n   ----- The following addresses had transient non-fatal errors -----\n<jo@acme.example>\n\n<jo@acme.example>... Deferred: Connection timed out',
    'delayed',
  ],
])('%s writes in a sentence or a list', async (_, subject, text, effect) => {
  expect((await reported(report(subject, text)))?.recipients).toEqual([
    expect.objectContaining({ email: 'jo@acme.example', effect }),
  ]);
});

it('is none that a person puts into a mail of theirs, nor what says that somebody is away', async () => {
  const theirs = dsn('Final-Recipient: rfc822; a@acme.example\nAction: failed\nStatus: 5.1.1')
    .replace('Return-Path: <>\nFrom: postmaster@mx.example', 'Return-Path: <jo@acme.example>\nFrom: jo@acme.example')
    .replace('multipart/report; report-type=delivery-status', 'multipart/mixed');
  expect(await reported(theirs)).toBeUndefined();
  expect(
    await reported(report('Automatic reply: Undeliverable: Quote', 'I am away.', 'jo@acme.example')),
  ).toBeUndefined();
});

it('a complaint names who complains, and the mail', async () => {
  const arf = `From: feedback@isp.example
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

An abuse report
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: ISP/1.0
Original-Rcpt-To: <Jo@Acme.example>

--b
Content-Type: message/rfc822

Message-ID: <0107-1@eu-central-1.amazonses.com>
To: jo@acme.example
Subject: Spring

Buy
--b--
`;
  expect(await reported(arf)).toMatchObject({
    kind: 'complaint',
    recipients: [{ email: 'jo@acme.example', effect: 'permanent' }],
    messageIds: ['0107-1@eu-central-1.amazonses.com'],
  });
  expect((await reported(arf.replace('abuse\n', 'not-spam\n')))?.recipients[0]?.effect).toBe('none');
});

it.each([
  [
    'a customer',
    'Return-Path: <jo@acme.example>\nFrom: jo@acme.example\nSubject: Delivery failed again\n\nThe desk could not be delivered to jo@acme.example.\n',
  ],
  ['somebody who is away', report('Out of office', 'I am away. Mail to me could not be delivered.', 'jo@acme.example')],
])('is no report: what %s writes', async (_, raw) => {
  expect(await reported(raw)).toBeUndefined();
});

const data = join(import.meta.dirname, '../../../../shared/data/bounces');
describe.skipIf(!existsSync(data))('reports of other systems (skipped where ../shared/data is not there)', () => {
  const expected: Record<string, [string, string]> = {
    'aol_01.eml': ['screenname@aol.com', 'transient'],
    'dsn_01.eml': ['userx@example.com', 'transient'],
    'dsn_02.eml': ['zzzzz@example.uk', 'transient'],
    'dsn_05.eml': ['userx@example.cz', 'delayed'],
    'exim_01.eml': ['userx@its.example.nl', 'permanent'],
    'microsoft_01.eml': ['userx@example.com', 'permanent'],
    'postfix_01.eml': ['xxxxx@local.ie', 'permanent'],
    'qmail_01.eml': ['userx@example.de', 'permanent'],
    'simple_01.eml': ['bbbsss@example.com', 'transient'],
    'yahoo_01.eml': ['userx@example.com', 'transient'],
  };
  it.each(globSync('*.eml', { cwd: data }))('%s', async (file) => {
    const bounce = bounceIn(await parseReceived(readFileSync(join(data, file))));
    expect(bounce?.recipients.map(({ email, effect }) => [email, effect])).toEqual([expected[file]]);
  });
});
