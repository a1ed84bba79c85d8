import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { oneLine } from '../../../shared/core/text.ts';
import { type MimeMail, toMime, transactionalHeaders, UnsendableMail } from '../../../shared/mail/mime.ts';

const mail: MimeMail = {
  from: { name: 'Müller & Söhne, "Vertrieb"', address: 'sales@acme.example' },
  to: { name: 'Jo Ruiz', address: 'jo@ruiz.example' },
  subject: 'Angebot für Ελλάδα: 20 % Rabatt auf alles, was wir im Herbst für Sie zusammenstellen konnten',
  text: 'Grüße\n',
  html: '<p>Grüße</p>',
  headers: {},
  date: new Date('2026-11-24T07:00:00Z'),
};
const parse = async (more: Partial<MimeMail> = {}) => await PostalMime.parse(await toMime({ ...mail, ...more }));
const header = (parsed: Awaited<ReturnType<typeof parse>>, key: string) =>
  parsed.headers.filter((one) => one.key === key).map(({ value }) => value);

describe('a raw mail', () => {
  test('holds both parts, names and subject as they were', async () => {
    const parsed = await parse();
    expect(parsed.from).toMatchObject(mail.from);
    expect(parsed.to).toMatchObject([mail.to]);
    expect(parsed.subject).toBe(mail.subject);
    expect(parsed.text?.trim()).toBe('Grüße');
    expect(parsed.html?.trim()).toBe('<p>Grüße</p>');
    expect(header(parsed, 'date')).toEqual(['Tue, 24 Nov 2026 07:00:00 +0000']);
    expect(header(parsed, 'content-type')[0]).toMatch(/^multipart\/alternative;/);
  });

  test('is 7 bit with CRLF and short lines, whatever it says', async () => {
    const long = `https://a.example/${'x'.repeat(1_500)}`;
    const raw = (
      await toMime({
        ...mail,
        text: `${'Ж'.repeat(3_000)} ${long}`,
        html: `<p>${long}</p>`,
        headers: { 'List-Id': '<news.acme.example>' },
      })
    ).toString('latin1');
    expect(raw).not.toMatch(/[^\r]\n|\r[^\n]|[\u0080-\u00FF]/);
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect((await PostalMime.parse(raw)).text).toContain('Ж'.repeat(3_000));
  });

  test('carries its attachments in a mixed part', async () => {
    const content = new Uint8Array([0, 1, 2, 253, 254, 255]);
    const parsed = await parse({
      attachments: [{ filename: 'Rechnung Müller.pdf', contentType: 'application/pdf', content }],
    });
    expect(header(parsed, 'content-type')[0]).toMatch(/^multipart\/mixed;/);
    expect(parsed.attachments).toMatchObject([
      { filename: 'Rechnung Müller.pdf', mimeType: 'application/pdf', disposition: 'attachment' },
    ]);
    expect(new Uint8Array(parsed.attachments[0]?.content as ArrayBuffer)).toEqual(content);
    expect(parsed.text?.trim()).toBe('Grüße');
  });

  test('belongs to its thread', async () => {
    const parsed = await parse({
      replyTo: { address: 'r+abc@in.acme.example' },
      messageId: '<m1@acme.example>',
      inReplyTo: '<m0@ruiz.example>',
      references: ['<m-1@ruiz.example>', '<m0@ruiz.example>'],
    });
    expect(parsed).toMatchObject({ messageId: '<m1@acme.example>', inReplyTo: '<m0@ruiz.example>' });
    expect(parsed.references).toBe('<m-1@ruiz.example> <m0@ruiz.example>');
    expect(parsed.replyTo).toMatchObject([{ address: 'r+abc@in.acme.example' }]);
  });

  test('of a step of ours is not answered by machines and is counted by SES', async () => {
    const parsed = await parse({
      headers: transactionalHeaders({
        configurationSet: 'stepwise-transactional',
        tags: { mail: 'mai_01k', kind: 'quote' },
      }),
    });
    expect(header(parsed, 'auto-submitted')).toEqual(['auto-generated']);
    expect(header(parsed, 'x-ses-configuration-set')).toEqual(['stepwise-transactional']);
    expect(header(parsed, 'x-ses-message-tags')).toEqual(['mail=mai_01k, kind=quote']);
  });

  test('keeps a long unsubscribe link whole', async () => {
    const link = `<https://a.example/u/${'t'.repeat(400)}>`;
    expect(header(await parse({ headers: { 'List-Unsubscribe': link } }), 'list-unsubscribe')).toEqual([link]);
  });

  test('reaches several, and international domains', async () => {
    const parsed = await parse({
      to: [{ address: 'a@bücher.example' }, { name: 'Žofie', address: "o'neil+x@b.example" }],
    });
    expect(parsed.to?.map(({ address }) => address)).toEqual(['a@xn--bcher-kva.example', "o'neil+x@b.example"]);
    expect(parsed.to?.[1]?.name).toBe('Žofie');
  });
});

test.each(['Jo\nRuiz', 'Jo\r\nBcc: x@y.example', 'Jo\0', '\n', '\ud800', 'a\u202eb'])(
  'goes out to %j',
  async (name) => {
    const parsed = await parse({ from: { name, address: 'a@b.example' }, to: [{ name, address: 'c@d.example' }] });
    expect(parsed.to?.map(({ address }) => address)).toEqual(['c@d.example']);
    expect(parsed.to?.[0]?.name ?? '').not.toMatch(/[\p{Cc}\ud800]/u);
    expect(parsed.headers.some(({ key }) => key === 'bcc')).toBe(false);
  },
);

describe('whatever a mail says', () => {
  /** Text without what is refused (line breaks, NUL) and without half characters, which no encoding has. */
  const line = (limit: number) =>
    fc.string({ unit: 'grapheme', maxLength: limit }).map((text) => text.replaceAll(/[\r\n\0]/g, '').toWellFormed());
  const body = fc.string({ unit: 'grapheme', maxLength: 2_000 }).map((text) => text.toWellFormed());
  const filename = line(200).filter((name) => name.trim() !== '' && !/[\p{Cc}/\\]/u.test(name));
  const attachment = fc.record({
    filename,
    contentType: fc.constantFrom('application/pdf', 'text/csv; charset=utf-8', 'application/octet-stream'),
    content: fc.uint8Array({ maxLength: 500 }),
  });
  const messageId = fc.stringMatching(/^[a-z0-9.]{1,300}$/).map((id) => `<${id}@a.example>`);
  const asRead = (text = '') => text.replaceAll(/\r\n|\r/g, '\n').replace(/\n$/, '');

  test('a reader reads it back, from lines that any relay passes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        line(300),
        line(100),
        body,
        body,
        fc.array(attachment, { maxLength: 3 }),
        fc.array(messageId, { minLength: 1, maxLength: 12 }),
        async (subject, name, text, html, attachments, references) => {
          const more = { subject, to: { name, address: 'jo@ruiz.example' }, text, html, attachments, references };
          const raw = (await toMime({ ...mail, ...more })).toString('latin1');
          expect(raw).not.toMatch(/[^\r]\n|\r[^\n]|[\0\u0080-\u00FF]/);
          expect(Math.max(...raw.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(998);
          const [head = ''] = raw.split('\r\n\r\n');
          for (const each of head.split('\r\n')) if (each.includes('=?')) expect(each.length).toBeLessThanOrEqual(76);

          const parsed = await PostalMime.parse(raw);
          expect(parsed.subject ?? '').toBe(subject);
          expect(parsed.to).toEqual([{ name: oneLine(name), address: 'jo@ruiz.example' }]);
          expect(asRead(parsed.text)).toBe(asRead(text));
          expect(asRead(parsed.html)).toBe(asRead(html));
          expect(parsed.references).toBe(references.join(' '));
          expect(
            parsed.attachments.map((one) => ({
              filename: one.filename,
              contentType: one.mimeType,
              content: new Uint8Array(one.content as ArrayBuffer),
            })),
          ).toEqual(
            attachments.map((one) => ({
              ...one,
              contentType: one.contentType.replace(/;.*/, ''),
              filename: one.filename,
            })),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  test('200 kB of text, of HTML and of a file come through', async () => {
    const text = 'Ελλάδα и всё остальное\n'.repeat(6_000);
    const content = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 31) % 256);
    const parsed = await parse({
      text,
      html: `<p>${'ü'.repeat(100_000)}</p>`,
      attachments: [{ filename: `${'Счёт '.repeat(40)}.pdf`, contentType: 'application/pdf', content }],
    });
    expect(asRead(parsed.text)).toBe(asRead(text));
    expect(parsed.html).toContain('ü'.repeat(100_000));
    expect(parsed.attachments[0]?.filename).toBe(`${'Счёт '.repeat(40)}.pdf`);
    expect(new Uint8Array(parsed.attachments[0]?.content as ArrayBuffer)).toEqual(content);
  });

  test.each([
    ['looks like an encoded word', '=?UTF-8?Q?=41?='],
    ['has spaces that folding would lose', ' two  spaces '],
    ['is one word longer than a line', 'x'.repeat(1_200)],
  ])('a subject that %s comes through', async (_, subject) => {
    expect((await parse({ subject })).subject).toBe(subject);
  });

  test('a name is a name, with quotes, commas, backslashes and brackets', async () => {
    const name = 'Ruiz, "Jo" \\ <ceo@evil.example>, (x)';
    expect((await parse({ to: { name, address: 'jo@ruiz.example' } })).to).toEqual([
      { name, address: 'jo@ruiz.example' },
    ]);
  });

  test('a file name beyond ASCII has only the characters of RFC 2231', async () => {
    const attachments = [{ filename: "Ré(1)*'.pdf", contentType: 'application/pdf', content: new Uint8Array() }];
    expect((await toMime({ ...mail, attachments })).toString()).toContain(
      "attachment; filename*0*=UTF-8''R%C3%A9%281%29%2A%27.pdf",
    );
  });

  test('a mail has an id of its own where none is given', async () => {
    const ids = await Promise.all([parse(), parse()]);
    for (const { messageId } of ids) expect(messageId).toMatch(/^<[0-9a-f-]{36}@acme\.example>$/);
    expect(ids[0].messageId).not.toBe(ids[1].messageId);
  });
});

describe('a mail that could break out of a header is refused', () => {
  const breaks = ['a\r\nBcc: evil@b.example', 'a\nb', 'a\rb', 'a\0b'];
  const places: [string, (value: string) => Partial<MimeMail>][] = [
    ['subject', (subject) => ({ subject })],
    ['to', (address) => ({ to: { address: `${address}@b.example` } })],
    ['replyTo', (address) => ({ replyTo: { address: `a@${address}` } })],
    ['X-Any', (value) => ({ headers: { 'X-Any': value } })],
    ['headers', (name) => ({ headers: { [name]: 'x' } })],
    ['messageId', (id) => ({ messageId: `<${id}@b>` })],
    ['inReplyTo', (id) => ({ inReplyTo: `<${id}@b>` })],
    ['references', (id) => ({ references: ['<a@b>', `<${id}@b>`] })],
    [
      'attachments',
      (filename) => ({ attachments: [{ filename, contentType: 'text/csv', content: new Uint8Array() }] }),
    ],
    [
      'attachments',
      (type) => ({ attachments: [{ filename: 'a', contentType: `text/csv; a=${type}`, content: new Uint8Array() }] }),
    ],
  ];
  test.each(places.flatMap(([field, place]) => breaks.map((value) => [field, value, place(value)] as const)))(
    '%s with %j',
    async (field, _, more) => {
      const fault = await toMime({ ...mail, ...more }).catch((thrown: unknown) => thrown);
      expect(fault).toBeInstanceOf(UnsendableMail);
      expect(fault).toMatchObject({ field });
    },
  );

  test.each([
    '',
    'jo',
    '@b.example',
    'jo@',
    'a@b@c.example',
    'a b@c.example',
    'a,b@c.example',
    '<a@b.example>',
    'a@b.example, c@d.example',
    'jö@b.example',
  ])('to %j', async (address) => {
    await expect(toMime({ ...mail, to: { address } })).rejects.toThrow(UnsendableMail);
  });

  test.each(['Bcc', 'from', 'Content-Type', 'MIME-Version', 'Subject'])('a second %s', async (name) => {
    await expect(toMime({ ...mail, headers: { [name]: 'x' } })).rejects.toThrow(UnsendableMail);
  });

  test.each(['message/rfc822', 'Multipart/mixed', 'pdf', `text/${'x'.repeat(300)}`])(
    'a file of type %s',
    async (type) => {
      const attachments = [{ filename: 'a', contentType: type, content: new Uint8Array() }];
      await expect(toMime({ ...mail, attachments })).rejects.toMatchObject({ field: 'attachments' });
    },
  );

  test('a header with a word longer than a line', async () => {
    const headers = { 'List-Unsubscribe': `<https://a.example/${'t'.repeat(1_000)}>` };
    await expect(toMime({ ...mail, headers })).rejects.toMatchObject({ field: 'List-Unsubscribe' });
  });

  test('to nobody, or with a tag that SES would not take', async () => {
    await expect(toMime({ ...mail, to: [] })).rejects.toThrow(UnsendableMail);
    expect(() => transactionalHeaders({ tags: { a: 'b, c=d' } })).toThrow(UnsendableMail);
  });
});
