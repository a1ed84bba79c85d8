import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Mailbox, startMailbox } from '../../../infra/local/mailbox/mailbox.ts';
import type { Message } from '../../../infra/local/mailbox/message-store.ts';
import { eventually } from '../../support/eventually.ts';
import { type AwsStandIn, startAwsStandIn } from './aws-stand-in.ts';

const mailDomain = 'ours.example';
const secret = 'whsec_of_this_test';
let aws: AwsStandIn;
let mailbox: Mailbox;
beforeAll(async () => {
  aws = await startAwsStandIn();
  mailbox = await startMailbox();
  connectMailbox(mailbox);
});
afterAll(async () => {
  await mailbox.stop();
  await aws.stop();
});
beforeEach(() => {
  aws.published.length = 0;
  aws.objects.clear();
  aws.webhooks.length = 0;
  aws.webhookStatus = 200;
});
afterEach(async () => {
  await fetch(`${mailbox.url}/messages`, { method: 'DELETE' });
});

const connectMailbox = (to: Mailbox) =>
  to.connect({
    endpoint: aws.endpoint,
    region: 'eu-central-1',
    intakeBucket: 'intake',
    deliveryTopicArn: 'arn:aws:sns:eu-central-1:000000000000:Deliveries',
    mailDomain,
    paymentWebhook: { url: `${aws.endpoint}/webhook`, secret },
  });

async function send(mail: SendMailOptions, to = mailbox) {
  const transport = createTransport({ ...to.smtp, connectionTimeout: 5_000 });
  try {
    return await transport.sendMail({ from: 'Stepwise <crm@ours.example>', text: 'Hello', ...mail });
  } finally {
    transport.close();
  }
}

const get = (path: string, accept = 'application/json') => fetch(mailbox.url + path, { headers: { accept } });
const list = async (query = '') =>
  (await (await get(`/messages${query}`)).json()) as { data: Message[]; nextCursor: string | null };
const theMail = async () => (await list()).data[0]!;
/** The events of the one mail, as soon as there are so many. */
const events = (count: number) =>
  eventually(() => {
    if (aws.published.length < count) throw new Error(`${aws.published.length} of ${count} events`);
    return aws.published;
  }, 5_000);
const objects = (count = 1) =>
  eventually(() => {
    if (aws.objects.size < count) throw new Error(`${aws.objects.size} of ${count} objects`);
    return [...aws.objects];
  }, 5_000);

describe('a mail that the stack sends', () => {
  it('is shown as it came', async () => {
    await send({
      to: 'Jo <jo@acme.example>',
      subject: 'Grüße',
      text: 'Plain',
      html: '<p>Rich</p>',
      list: { unsubscribe: 'https://u.example/u/1' },
      attachments: [{ filename: 'Rechnung ü.pdf', content: Buffer.from('%PDF'), contentType: 'application/pdf' }],
    });
    const mail = await theMail();
    expect(mail).toMatchObject({
      from: 'Stepwise <crm@ours.example>',
      to: ['jo@acme.example'],
      subject: 'Grüße',
      outcome: 'delivered',
      attachments: [{ filename: 'Rechnung ü.pdf', mimeType: 'application/pdf', sizeBytes: 4 }],
    });
    expect([mail.text.trim(), mail.html.trim()]).toEqual(['Plain', '<p>Rich</p>']);
    expect(mail.headers['list-unsubscribe']).toBe('<https://u.example/u/1>');
    expect(Date.parse(mail.receivedAt)).toBeGreaterThan(Date.now() - 60_000);
    const raw = await (await get(`/messages/${mail.id}/raw`)).text();
    expect(raw).toContain('List-Unsubscribe: <https://u.example/u/1>');
    expect(raw.length).toBe(mail.sizeBytes);
    const file = await get(`/messages/${mail.id}/attachments/0`);
    expect(await file.text()).toBe('%PDF');
    expect(file.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''Rechnung%20%C3%BC.pdf");
    expect((await get(`/messages/${mail.id}/attachments/1`)).status).toBe(404);
    expect(await (await get(`/messages/${mail.id}`)).json()).toEqual(mail);
  });

  it.each([
    ['jo@acme.example', 'delivered', ['Send', 'Delivery']],
    ['success@ours.example', 'delivered', ['Send', 'Delivery']],
    ['bounce+x@ours.example', 'bounced', ['Send', 'Bounce']],
    ['complaint@simulator.amazonses.com', 'complained', ['Send', 'Delivery', 'Complaint']],
    ['suppressionlist@simulator.amazonses.com', 'suppressed', ['Send', 'Bounce']],
    ['ooto@simulator.amazonses.com', 'outOfOffice', ['Send', 'Delivery']],
  ])('to %s is %s', async (to, outcome, types) => {
    await send({ to, subject: 'Outcome', from: 'crm@elsewhere.example' });
    expect((await theMail()).outcome).toBe(outcome);
    expect((await events(types.length)).map(({ eventType }) => eventType)).toEqual(types);
  });

  it('is told of as SES tells it: its id, its tags, its headers', async () => {
    await send({
      to: ['jo@acme.example', 'bounce@ours.example'],
      subject: 'Tagged',
      messageId: '<0107-1@eu-central-1.amazonses.com>',
      headers: { 'X-SES-CONFIGURATION-SET': 'Transactional', 'X-SES-MESSAGE-TAGS': 'mail=msg_1, template=quote' },
    });
    const [sent, delivered, bounced] = await events(3);
    expect(sent).toMatchObject({
      eventType: 'Send',
      send: {},
      mail: {
        source: 'Stepwise <crm@ours.example>',
        sourceArn: 'arn:aws:ses:eu-central-1:000000000000:identity/ours.example',
        messageId: '0107-1',
        destination: ['jo@acme.example', 'bounce@ours.example'],
        headersTruncated: false,
        commonHeaders: { from: ['Stepwise <crm@ours.example>'], subject: 'Tagged' },
        tags: {
          'ses:configuration-set': ['Transactional'],
          'ses:from-domain': ['ours.example'],
          mail: ['msg_1'],
          template: ['quote'],
        },
      },
    });
    expect(sent!['mail'].headers).toContainEqual({ name: 'Subject', value: 'Tagged' });
    expect(delivered!['delivery'].recipients).toEqual(['jo@acme.example']);
    expect(bounced).toMatchObject({
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [{ emailAddress: 'bounce@ours.example', action: 'failed', status: '5.1.1' }],
      },
      mail: sent!['mail'],
    });
  });

  it('to a suppressed address bounces for that reason, a complaint says how', async () => {
    await send({ to: ['suppressionlist@ours.example', 'complaint@ours.example'] });
    const [, bounced, , complained] = await events(4);
    expect(bounced!['bounce']).toMatchObject({ bounceType: 'Permanent', bounceSubType: 'Suppressed' });
    expect(complained!['complaint']).toMatchObject({
      complaintFeedbackType: 'abuse',
      complainedRecipients: [{ emailAddress: 'complaint@ours.example' }],
    });
  });

  it('is told of though the topic fails for a moment', async () => {
    aws.failNext(2);
    await send({ to: 'jo@acme.example' });
    expect(await events(2)).toHaveLength(2);
  });

  it('has its headers cut in events at 10 kB', async () => {
    await send({ to: 'jo@acme.example', headers: { 'X-Long': 'long '.repeat(3_000).trim(), 'X-Short': 'short' } });
    const [{ mail } = { mail: {} }] = await events(2);
    expect(mail.headersTruncated).toBe(true);
    expect(JSON.stringify(mail.headers).length).toBeLessThan(11_000);
  });
});

describe('inbound mail', () => {
  it('lies in the intake bucket as SES would have put it, and in the mailbox', async () => {
    await send({ from: 'Jo <jo@acme.example>', to: 'support@ours.example', subject: 'It hums' });
    const [[key, object]] = (await objects()) as [[string, string]];
    const mail = await theMail();
    expect(mail).toMatchObject({ outcome: 'inbound', subject: 'It hums', to: ['support@ours.example'] });
    expect(key).toBe(`/intake/inbound/${mail.id}`);
    expect(object).toMatch(
      /^Return-Path: <jo@acme\.example>\r\nReceived: from .*\r\n by inbound-smtp\.eu-central-1\.amazonaws\.com /,
    );
    expect(object).toContain('\r\nX-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n');
    expect(object).toMatch(
      /\r\nAuthentication-Results: amazonses\.com;\r\n spf=pass .*\r\n dkim=none;\r\n dmarc=pass /,
    );
    const raw = await (await get(`/messages/${mail.id}/raw`)).text();
    expect(object.endsWith(raw)).toBe(true);
    expect(aws.published).toEqual([]);
  });

  it.each([
    ['from another domain than the envelope says', 'mallory@evil.example', 'Jo <jo@acme.example>', 'fail'],
    ['from two at once', 'jo@acme.example', ['jo@acme.example', 'al@acme.example'], 'fail'],
    ['with an empty sender', '', 'jo@acme.example', 'fail'],
    ['in other letters', 'jo@ACME.example', 'Jo <jo@acme.EXAMPLE>', 'pass'],
  ])('%s has DMARC checked against the envelope', async (_, mailFrom, from, verdict) => {
    await send({
      from,
      to: 'support@ours.example',
      headers: { 'Authentication-Results': 'amazonses.com; dmarc=pass header.from=acme.example' },
      envelope: { from: mailFrom, to: ['support@ours.example'] },
    });
    const [[, object]] = (await objects()) as [[string, string]];
    const [verdicts] = object.match(/Authentication-Results: amazonses\.com;\r\n(?: .*\r\n)+/) ?? [''];
    expect(verdicts).toContain(`dmarc=${verdict} `);
    expect(object.indexOf(verdicts!)).toBeLessThan(object.indexOf('dmarc=pass header.from=acme.example'));
  });

  it('with the sample of spam or of a virus has that verdict', async () => {
    await send({
      from: 'jo@acme.example',
      to: 'support@ours.example',
      text: 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X',
      attachments: [{ filename: 'x.com', content: '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!', encoding: 'utf8' }],
    });
    const [[, object]] = (await objects()) as [[string, string]];
    expect(object).toContain('X-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: FAIL');
  });

  it('goes its own way when the same mail has other recipients', async () => {
    await send({ to: ['support@ours.example', 'jo@acme.example'] });
    await objects();
    const [sent] = await events(2);
    expect(sent!['mail'].destination).toEqual(['jo@acme.example']);
    expect((await theMail()).outcome).toBe('inbound');
  });

  it('is what somebody away answers: automatic, in the thread, by nobody and signed', async () => {
    await send({
      to: 'ooto+jo@simulator.amazonses.com',
      replyTo: 'r+abc@ours.example',
      subject: 'Your case',
      messageId: '<0107-2@eu-central-1.amazonses.com>',
    });
    const [[, object]] = (await objects()) as [[string, string]];
    expect(object).toMatch(/^Return-Path: <>\r\n/);
    expect(object).toContain('dkim=pass header.i=@simulator.amazonses.com');
    expect(object).toContain('dmarc=pass');
    const { data } = await list('?to=r%2Babc@ours.example');
    expect(data).toMatchObject([
      { outcome: 'inbound', from: 'ooto+jo@simulator.amazonses.com', subject: 'Automatic reply: Your case' },
    ]);
    expect(data[0]!.headers).toMatchObject({
      'auto-submitted': 'auto-replied',
      'in-reply-to': '<0107-2@eu-central-1.amazonses.com>',
    });
  });
});

describe('the list', () => {
  it('filters and pages, oldest first', async () => {
    for (const n of [1, 2, 3, 4, 5])
      await send({ to: n % 2 ? 'Odd@Acme.example' : 'even@acme.example', subject: `No. ${n}` });
    const subjects = async (query: string) => (await list(query)).data.map(({ subject }) => subject);
    expect(await subjects('?to=odd@acme.example')).toEqual(['No. 1', 'No. 3', 'No. 5']);
    expect(await subjects('?to=dd@acme.example')).toEqual([]);
    expect(await subjects('?subject=no.%203')).toEqual(['No. 3']);
    const first = await list('?limit=2');
    expect(first.data.map(({ subject }) => subject)).toEqual(['No. 1', 'No. 2']);
    const second = await list(`?limit=2&after=${first.nextCursor}`);
    expect(second.data.map(({ subject }) => subject)).toEqual(['No. 3', 'No. 4']);
    const last = await list(`?limit=1000&after=${second.nextCursor}`);
    expect(last).toMatchObject({ data: [{ subject: 'No. 5' }], nextCursor: null });
    expect(await list(`?after=${last.data[0]!.id}`)).toEqual({ data: [], nextCursor: null });
    expect((await fetch(`${mailbox.url}/messages`, { method: 'DELETE' })).status).toBe(204);
    expect(await list()).toEqual({ data: [], nextCursor: null });
  });

  it.each([
    ['GET', '/messages?limit=0', 400, 'request.invalid'],
    ['GET', '/messages?limit=x', 400, 'request.invalid'],
    ['GET', '/messages?form=a', 400, 'query.notIndexed'],
    ['GET', '/messages/none', 404, 'record.notFound'],
    ['GET', '/messages/../../etc/passwd', 404, 'route.notFound'],
    ['GET', '/messages/%2e%2e%2f', 404, 'record.notFound'],
    ['GET', '/%E0%A4%A', 400, 'request.invalid'],
    ['GET', '/elsewhere', 404, 'route.notFound'],
    ['PUT', '/messages', 405, 'method.notAllowed'],
    ['GET', '/pay/inv_1?amount=1.5&currency=EUR', 400, 'request.invalid'],
    ['GET', '/pay/inv_1?amount=100&currency=Euro', 400, 'request.invalid'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    const answer = await fetch(mailbox.url + path, { method });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
  });
});

/** `fetch` does not let a Host be chosen. */
const statusOf = (method: string, path: string, headers: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    const { port } = new URL(mailbox.url);
    request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('a page of another site', () => {
  it.each([
    ['GET', '/messages', { host: 'evil.example' }, 403],
    ['GET', '/messages', { host: '127.0.0.1.evil.example' }, 403],
    ['GET', '/messages', { host: 'localhost:8025' }, 200],
    ['GET', '/messages', { host: '[::1]:8025' }, 200],
    ['DELETE', '/messages', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['DELETE', '/messages', { host: 'localhost', origin: 'https://evil.example' }, 403],
    ['DELETE', '/messages', { host: 'localhost', origin: 'null' }, 403],
    ['DELETE', '/messages', { host: 'localhost:1', origin: 'http://localhost:2' }, 403],
    ['DELETE', '/messages', { host: 'localhost:1', origin: 'http://localhost:1' }, 204],
    ['DELETE', '/messages', { host: 'localhost' }, 204],
    ['POST', '/pay/inv_1?amount=1&currency=EUR', { host: 'localhost', origin: 'http://evil.example' }, 403],
  ])('%s %s with %j is answered %i', async (method, path, headers, status) => {
    expect(await statusOf(method, path, headers)).toBe(status);
  });
});

describe('a page', () => {
  const hostile = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';

  it('shows what a hostile mail says, and runs nothing of it', async () => {
    await send({ from: 'jo@acme.example', to: 'al@acme.example', subject: hostile, text: hostile, html: hostile });
    const mail = await theMail();
    for (const path of ['/', `/messages/${mail.id}`, `/?to=${encodeURIComponent(hostile)}`]) {
      const answer = await get(path, 'text/html,*/*');
      const page = await answer.text();
      expect(page).not.toMatch(/<script|<img/i);
      expect(page).toContain('&#60;script&#62;');
      const policy = answer.headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('script-src');
    }
    const page = await (await get(`/messages/${mail.id}`, 'text/html')).text();
    expect(page).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
    const part = await get(`/messages/${mail.id}/html`);
    expect((await part.text()).trim()).toBe(`<base target="_blank">${hostile}`);
    expect(part.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*sandbox allow-popups/);
  });

  it('shows images that came along, from here and from nowhere else', async () => {
    await send({
      to: 'al@acme.example',
      html: '<html><head></head><body><img src="cid:logo@x"><img src="cid:none"></body></html>',
      attachments: [{ filename: 'logo.png', content: Buffer.from('PNG'), cid: 'logo@x' }],
    });
    const { id } = await theMail();
    const part = await get(`/messages/${id}/html`);
    expect((await part.text()).trim()).toBe(
      '<html><head><base target="_blank"></head><body>' +
        `<img src="/messages/${id}/attachments/0"><img src="cid:none"></body></html>`,
    );
    expect(part.headers.get('content-security-policy')).toContain("img-src 'self' data:;");
  });

  it('lists the newest first, looks again by itself, and shows who got mail', async () => {
    await send({ to: 'a@acme.example', subject: 'First' });
    await send({ to: 'b@acme.example', subject: 'Second' });
    const page = await (await get('/', 'text/html')).text();
    expect(page.indexOf('Second')).toBeLessThan(page.indexOf('First'));
    expect(page).toContain('<meta http-equiv="refresh" content="5">');
    const hers = await (await get('/?to=b@acme.example', 'text/html')).text();
    expect(hers).toContain('Second');
    expect(hers).not.toContain('First');
  });
});

describe('the payment stand-in', () => {
  const path = '/pay/inv_1?amount=130900&currency=EUR&invoice=2026-000001&return=http%3A%2F%2F127.0.0.1%2Fq%2F1';

  it('shows what is to be paid, and tells the webhook once the button is pressed', async () => {
    const page = await (await get(path, 'text/html')).text();
    expect(page).toContain('Invoice 2026-000001');
    expect(page).toContain('€1,309.00');
    const session = /name="session" value="(\w+)"/.exec(page)?.[1] ?? '';
    const press = () =>
      fetch(mailbox.url + path, {
        method: 'POST',
        headers: { accept: 'text/html', origin: mailbox.url },
        body: new URLSearchParams({ session }),
      });
    const answer = await press();
    expect(answer.status).toBe(200);
    const paid = await answer.text();
    expect(paid).toContain('&#60;b&#62;noted');
    expect(paid).toContain('href="http://127.0.0.1/q/1"');
    await press();
    const [first, second] = aws.webhooks.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(first).toMatchObject({
      type: 'checkout.session.completed',
      data: {
        object: {
          id: session,
          client_reference_id: 'inv_1',
          amount_total: 130900,
          currency: 'eur',
          payment_status: 'paid',
          metadata: { invoice: '2026-000001' },
        },
      },
    });
    expect(second!['data']).toEqual(first!['data']);
    expect(second!['id']).not.toBe(first!['id']);
  });

  it('signs as Stripe does', async () => {
    await fetch(mailbox.url + path, { method: 'POST' });
    const [{ signature, body }] = aws.webhooks as [{ signature: string; body: string }];
    const [, at = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(v1).toBe(createHmac('sha256', secret).update(`${at}.${body}`).digest('hex'));
    expect(Math.abs(Number(at) * 1_000 - Date.now())).toBeLessThan(10_000);
  });

  it('says when the webhook refuses, and never leads to a script', async () => {
    aws.webhookStatus = 400;
    const answer = await fetch(`${mailbox.url}/pay/inv_1?amount=1&currency=JPY&return=javascript:alert(1)`, {
      method: 'POST',
      headers: { accept: 'text/html' },
    });
    expect(answer.status).toBe(502);
    const page = await answer.text();
    expect(page).toMatch(/did not take the notice\s\(400\)/);
    expect(page).toContain('¥1');
    expect(page).not.toContain('javascript:');
  });

  it('says that nobody would be told as long as no webhook is connected', async () => {
    const other = await startMailbox();
    try {
      expect(await (await fetch(other.url + path)).text()).toContain('No payment webhook is connected');
      const answer = await fetch(other.url + path, { method: 'POST' });
      expect(await answer.json()).toMatchObject({ status: 409, code: 'payment.notConnected' });
    } finally {
      await other.stop();
    }
  });
});

describe('a mailbox', () => {
  it('keeps mails and its address between starts', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'mailbox-test-'));
    const first = await startMailbox({ stateDir });
    await send({ to: 'jo@acme.example', subject: 'Kept' }, first);
    await first.stop();
    const second = await startMailbox({ stateDir });
    expect(second.url).toBe(first.url);
    const kept = (await (await fetch(`${second.url}/messages`)).json()) as { data: Message[] };
    expect(kept.data).toMatchObject([{ subject: 'Kept' }]);
    await second.stop();
    await rm(stateDir, { recursive: true });
  });

  it('refuses to start on a port that is taken', async () => {
    await expect(startMailbox({ httpPort: Number(new URL(mailbox.url).port) })).rejects.toThrow('EADDRINUSE');
    await expect(startMailbox({ smtpPort: mailbox.smtp.port })).rejects.toThrow('EADDRINUSE');
  });

  it('says how much it takes, refuses more, and lives on', async () => {
    await expect(send({ to: 'jo@acme.example', text: 'x'.repeat(41 * 1024 * 1024) })).rejects.toThrow('552');
    await send({ to: 'jo@acme.example', subject: 'After it' });
    expect((await list()).data.map(({ subject }) => subject)).toEqual(['After it']);
  });

  it.each([
    ['nothing', ''],
    ['no header', '\r\njust text'],
    ['bytes', '\u0000\u0001\u00ff\u00fe'.repeat(500)],
    [
      'parts without end',
      Array.from({ length: 600 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`).join(
        '',
      ),
    ],
    ['a header of 3 MB', `Subject: ${'x'.repeat(3 * 1024 * 1024)}\r\n\r\nhello`],
    ['a name that is none', '__proto__: 1\r\nconstructor: 2\r\nFrom: <>,,;<"\r\nSubject: =?x?q?=FF?=\r\n\r\nhello'],
  ])('keeps a mail of %s', async (_, raw) => {
    await send({ raw, envelope: { from: 'jo@acme.example', to: ['support@ours.example'] } });
    const mail = await theMail();
    expect(mail).toMatchObject({ to: ['support@ours.example'], outcome: 'inbound' });
    expect((await get(`/messages/${mail.id}/raw`)).status).toBe(200);
    expect((await get(`/messages/${mail.id}`, 'text/html')).status).toBe(200);
    await objects();
  });

  it('lives on when a client hangs up in the middle', async () => {
    const socket = connect(mailbox.smtp.port, mailbox.smtp.host);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write('EHLO x\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\nSubject: half');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await send({ to: 'jo@acme.example', subject: 'Whole' });
    expect((await list()).data.map(({ subject }) => subject)).toEqual(['Whole']);
  });
});
