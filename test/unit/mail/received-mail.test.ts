import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { automaticIn } from '../../../shared/mail/automatic.ts';
import { bounceIn } from '../../../shared/mail/bounce.ts';
import { messageIdOf, sesIdIn } from '../../../shared/mail/message-id.ts';
import { parseReceived } from '../../../shared/mail/received-mail.ts';
import { recordOfAddress, replyAddress } from '../../../shared/mail/reply-address.ts';
import { isAuthenticated } from '../../../shared/mail/verdicts.ts';

const ses = (dmarc: string, author = 'acme.example') =>
  `Return-Path: <jo@acme.example>
Received: from mx.acme.example (mx.acme.example [192.0.2.1])
 by inbound-smtp.eu-central-1.amazonaws.com with SMTP id x1
 for support@ours.example;
 Thu, 08 Jan 2026 10:00:00 +0000 (UTC)
X-SES-Spam-Verdict: PASS
X-SES-Virus-Verdict: PASS
Received-SPF: pass (spfCheck: domain designates it) client-ip=192.0.2.1;
Authentication-Results: amazonses.com;
 spf=pass (spfCheck: domain designates it) client-ip=192.0.2.1; envelope-from=jo@acme.example; helo=mx;
 dkim=pass header.i=@acme.example;
 dmarc=${dmarc} header.from=${author};
`.replaceAll('\n', '\r\n');
const message = 'From: Jo <Jo@Acme.example>\r\nTo: Us <crm@ours.example>\r\nSubject: It\r\n hums\r\n\r\nHello\r\n';
const parse = (raw: string) => parseReceived(Buffer.from(raw));

describe('a received mail', () => {
  it.each<[string, string, Buffer]>([
    ['UTF-8 that says it is ASCII', 'text/plain; charset=us-ascii', Buffer.from('Grüße – Привет')],
    ['UTF-8 of an unknown name', 'text/plain; charset=x-unknown', Buffer.from('Grüße – Привет')],
    ['HTML of an unknown name', 'text/html; charset=unknown-8bit', Buffer.from('<p>Grüße – Привет</p>')],
    ['Windows-1252 as it is', 'text/plain; charset=windows-1252', Buffer.from('Gr\xfc\xdfe \x96 \x80', 'latin1')],
    ['Windows-1252 without a name', 'text/plain', Buffer.from('Gr\xfc\xdfe \x96 \x80', 'latin1')],
    ['Windows-1252 that says it is UTF-8', 'text/plain; charset=utf-8', Buffer.from('Gr\xfc\xdfe \x96 \x80', 'latin1')],
    ['KOI8-R', 'text/plain; charset=koi8-r', Buffer.from('f0d2c9d7c5d4', 'hex')],
  ])('is read: %s', async (_, type, text) => {
    const { text: read } = await parseReceived(
      Buffer.concat([Buffer.from(`From: jo@acme.example\r\nContent-Type: ${type}\r\n\r\n`), text]),
    );
    expect(['Grüße – Привет', 'Grüße – €', 'Привет']).toContain(read.trim());
  });

  it('with a subject in Windows-1252 is read', async () => {
    expect((await parseReceived(Buffer.from('Subject: Gr\xfc\xdfe\r\n\r\nHi', 'latin1'))).subject).toBe('Grüße');
  });

  it.each(['multipart/mixed; boundary=b', 'multipart/alternative', 'multipart/related; boundary=""'])(
    'of parts that nothing separates is read as it stands: %s',
    async (type) => {
      expect((await parse(`Content-Type: ${type}\r\n\r\nIt hums.\r\nPlease come.\r\n`)).text.trim()).toBe(
        'It hums.\r\nPlease come.',
      );
    },
  );

  it.each([
    ['<ceo@bank.example> <jo@acme.example>', undefined],
    ['<ceo@bank.example <jo@acme.example>>', undefined],
    ['"<ceo@bank.example>" <jo@acme.example>', 'jo@acme.example'],
    ['Jo (<ceo@bank.example>) <jo@acme.example>', 'jo@acme.example'],
  ])('is of one author, or of none: %s', async (from, expected) => {
    expect((await parse(`From: ${from}\r\n\r\nHi`)).from?.email).toBe(expected);
  });

  it('says who wrote it, to whom, and what SES found out', async () => {
    const mail = await parse(ses('pass') + message);
    expect(mail).toMatchObject({
      from: { name: 'Jo', email: 'jo@acme.example' },
      recipients: ['support@ours.example', 'crm@ours.example'],
      returnPath: 'jo@acme.example',
      subject: 'It hums',
      verdicts: { spam: 'pass', virus: 'pass', spf: 'pass', dkim: 'pass', dmarc: 'pass', author: 'acme.example' },
    });
    expect(isAuthenticated(mail.verdicts, 'jo@acme.example')).toBe(true);
    expect(isAuthenticated(mail.verdicts, 'jo@evil.example')).toBe(false);
  });

  it.each([
    [
      'forged verdicts below those of SES',
      `${ses('fail')}Authentication-Results: amazonses.com; dmarc=pass header.from=acme.example;\r\nX-SES-Virus-Verdict: PASS\r\n`,
    ],
    ['no verdict of SES', 'Authentication-Results: mx.evil.example; dmarc=pass header.from=acme.example;\r\n'],
    [
      'a verdict in what the sender calls itself',
      ses('fail').replace('helo=mx;', 'helo=mx; dmarc=pass header.from=acme.example;'),
    ],
    ['a verdict in a comment', ses('fail').replace('(spfCheck:', '(dmarc=pass; spfCheck:')],
    ['another domain', ses('pass', 'evil.example')],
    ['none', ''],
  ])('proves nobody by %s', async (_, headers) => {
    const { verdicts } = await parse(headers + message);
    expect(isAuthenticated(verdicts, 'jo@acme.example')).toBe(false);
  });

  it('has no author where it names two, or none', async () => {
    expect((await parse(`From: a@a.example, b@b.example\r\n\r\n`)).from).toBeUndefined();
    expect((await parse(`From: a@a.example\r\nFrom: b@b.example\r\n\r\n`)).from).toBeUndefined();
    expect((await parse(`Subject: x\r\n\r\n`)).from).toBeUndefined();
  });

  it('reads HTML as text, and says what it answers, the nearest first', async () => {
    const raw = `From: a@a.example\r\nIn-Reply-To: <3@x>\r\nReferences: <1@x> <2@x>\r\n <3@x>\r\nContent-Type: text/html\r\n\r\n<p>Hello</p><p>there</p>`;
    expect(await parse(raw)).toMatchObject({ text: 'Hello\n\nthere', answers: ['3@x', '2@x', '1@x'] });
  });

  it('that is nested too deep or has endless headers is unreadable, and says from whom', async () => {
    const deep = Array.from(
      { length: 60 },
      (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
    ).join('');
    expect(await parse(`From: a@a.example\r\n${deep}`)).toMatchObject({
      from: { email: 'a@a.example' },
      unreadable: expect.any(String) as string,
    });
    expect((await parse(`From: a@a.example\r\nX-Long: ${'x'.repeat(400_000)}\r\n\r\n`)).unreadable).toBeDefined();
  });
});

const data = join(import.meta.dirname, '../../../../shared/data');
const samples = existsSync(data) ? globSync('{inbound-email,bounces}/**/*.eml', { cwd: data }) : [];

it('is read whatever its bytes are: cut, changed or made up', { timeout: 120_000 }, async () => {
  const raws = samples.map((file) => readFileSync(join(data, file)));
  const seeds = raws.length ? raws : [Buffer.from(ses('pass') + message)];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.nat(),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 30 }),
      async (seed, cut, changes) => {
        const raw = Buffer.from(seed.subarray(0, cut % (seed.length + 1)));
        for (const [at, byte] of changes) if (raw.length) raw[at % raw.length] = byte;
        const mail = await parseReceived(raw);
        bounceIn(mail);
        automaticIn(mail, 'ours.example');
        expect(mail.subject).not.toMatch(/[\r\n]/);
      },
    ),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (raw) => {
      bounceIn(await parseReceived(raw));
    }),
    { numRuns: 200 },
  );
});

describe('who a machine is', () => {
  const of = async (headers: string, more = '') =>
    automaticIn(
      await parse(`Return-Path: <a@a.example>\r\nFrom: ${more || 'a@a.example'}\r\n${headers}\r\n\r\nx`),
      'ours.example',
    );
  it.each([
    ['Auto-Submitted: auto-generated', ''],
    ['Auto-Submitted: auto-replied (vacation)', ''],
    ['Precedence: junk', ''],
    ['List-Unsubscribe: <mailto:x@a.example>', ''],
    ['X-Autoreply: yes', ''],
    ['X: y', 'MAILER-DAEMON@a.example'],
    ['X: y', 'no-reply@a.example'],
    ['X: y', 'crm@OURS.example'],
    ['Subject: Out of office: Hello', ''],
    ['Subject: Automatische Antwort: Hallo', ''],
  ])('%s %s', async (headers, from) => {
    expect((await of(headers, from)).reasons).not.toEqual([]);
  });
  it('is nobody who just writes', async () => {
    expect((await of('Auto-Submitted: no\r\nSubject: Re: the office')).reasons).toEqual([]);
    expect(automaticIn(await parse('Return-Path: <>\r\nFrom: a@a.example\r\n\r\n'), 'x').reasons).toHaveLength(1);
  });
});

describe('the addresses and ids that we give out', () => {
  const id = `cas_${'0123456789abcdefghjkmnpqrs'}${'0123456789abcd'}`;
  it('lead back to their record, in any case, under either secret, and no other way', () => {
    const address = replyAddress(id, 'ours.example', 'secret');
    expect(address.split('@')[0]?.length).toBeLessThanOrEqual(64);
    expect(recordOfAddress(address.toUpperCase(), 'Ours.example', ['new', 'secret'])).toBe(id);
    expect(recordOfAddress(address, 'other.example', ['secret'])).toBeUndefined();
    expect(recordOfAddress(address, 'ours.example', ['other'])).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(60), fc.constantFrom(...'abc234xyz'), (at, letter) => {
        const changed = address.slice(0, at) + letter + address.slice(at + 1);
        return changed === address || recordOfAddress(changed, 'ours.example', ['secret']) !== id;
      }),
    );
  });

  it('are those of SES for its region', () => {
    const ours = '010701-0a1b2c3d-000000';
    expect(messageIdOf(ours, 'us-east-1')).toBe(`<${ours}@email.amazonses.com>`);
    expect(messageIdOf(ours, 'eu-central-1')).toBe(`<${ours}@eu-central-1.amazonses.com>`);
    for (const domain of ['email', 'eu-central-1', 'us-gov-west-1'])
      expect(sesIdIn(`${ours}@${domain}.amazonses.com`)).toBe(ours);
    expect(sesIdIn(`${ours}@evil.example`)).toBeUndefined();
  });
});
