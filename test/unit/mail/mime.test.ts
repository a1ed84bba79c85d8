import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
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

describe('a mail that could break out of a header is refused', () => {
  const breaks = ['a\r\nBcc: evil@b.example', 'a\nb', 'a\rb', 'a\0b'];
  const places: [string, (value: string) => Partial<MimeMail>][] = [
    ['subject', (subject) => ({ subject })],
    ['from', (name) => ({ from: { name, address: 'a@b.example' } })],
    ['to', (name) => ({ to: { name, address: 'a@b.example' } })],
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

  test('to nobody, or with a tag that SES would not take', async () => {
    await expect(toMime({ ...mail, to: [] })).rejects.toThrow(UnsendableMail);
    expect(() => transactionalHeaders({ tags: { a: 'b, c=d' } })).toThrow(UnsendableMail);
  });
});
