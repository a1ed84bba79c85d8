import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { actions, facts, lines, note, paragraph, quote } from '../../../shared/mail/layout.ts';
import { renderMail, template } from '../../../shared/mail/render.ts';

const frame = { company: 'Acme & Söhne', language: 'en', footer: ['1 Main Street, Springfield', 'VAT DE123456789'] };

const assignment = template(
  'leadAssigned',
  z.strictObject({
    to: z.string(),
    lead: z.object({ name: z.string(), company: z.string().optional(), message: z.string() }),
    dueAt: z.string(),
    acceptUrl: z.url(),
    declineUrl: z.url(),
  }),
  ({ to, lead, dueAt, acceptUrl, declineUrl }) => ({
    subject: `New lead: ${lead.name}`,
    preheader: 'Please answer today',
    blocks: [
      paragraph(`Hello ${to},\nthere is a new lead for you.`),
      facts({ Name: lead.name, Company: lead.company, 'Answer until': dueAt }),
      quote(lead.message, lead.name),
      actions({ label: 'Take it', href: acceptUrl }, { label: 'Pass it on', href: declineUrl }),
      note('The link is yours alone.'),
    ],
  }),
);

const reminder = template(
  'invoiceReminder',
  z.strictObject({ number: z.string(), lines: z.array(z.tuple([z.string(), z.string()])), open: z.string() }),
  ({ number, lines: rows, open }) => ({
    subject: `Rechnung ${number} ist offen`,
    blocks: [
      paragraph('Sehr geehrte Damen und Herren,'),
      lines([{ label: 'Leistung' }, { label: 'Netto', align: 'end' }], rows, [['Offen', open]]),
    ],
  }),
);

const lead = { name: 'Jo Ruiz', company: 'Ruiz Ltd', message: 'Please call me.' };
const given = {
  to: 'Kim',
  lead,
  dueAt: '24 Nov',
  acceptUrl: 'https://a.example/t/1',
  declineUrl: 'https://a.example/t/2',
};

describe('a template', () => {
  test('writes its letter from data that fits', () => {
    expect(assignment.write(given).subject).toBe('New lead: Jo Ruiz');
  });

  test('refuses data that does not fit', () => {
    expect(() => assignment.write({ ...given, acceptUrl: 'no address' })).toThrow(z.ZodError);
  });
});

describe('the text part', () => {
  test('holds every block in order', () => {
    expect(renderMail(assignment.write(given), frame).text).toBe(
      [
        'Hello Kim,\nthere is a new lead for you.',
        'Name: Jo Ruiz\nCompany: Ruiz Ltd\nAnswer until: 24 Nov',
        'Jo Ruiz:\n> Please call me.',
        'Take it:\nhttps://a.example/t/1\n\nPass it on:\nhttps://a.example/t/2',
        'The link is yours alone.',
        '-- \nAcme & Söhne\n1 Main Street, Springfield\nVAT DE123456789\n',
      ].join('\n\n'),
    );
  });

  test('aligns a table, figures to the right', () => {
    const { text } = renderMail(
      reminder.write({
        number: 'R-1',
        lines: [
          ['Beratung', '1.000,00'],
          ['Fahrt', '9,00'],
        ],
        open: '1.009,00',
      }),
      frame,
    );
    expect(text).toContain(
      [
        'Leistung     Netto',
        '------------------',
        'Beratung  1.000,00',
        'Fahrt         9,00',
        '------------------',
        'Offen     1.009,00',
      ].join('\n'),
    );
  });

  test('writes a table that is too wide row by row', () => {
    const long = 'A service with a very long description '.repeat(3).trim();
    const { text } = renderMail(reminder.write({ number: 'R-1', lines: [[long, '9,00']], open: '9,00' }), frame);
    expect(text).toContain(`Leistung: ${long}\nNetto: 9,00\n\nLeistung: Offen\nNetto: 9,00`);
  });
});

describe('the HTML part', () => {
  const { html } = renderMail(assignment.write(given), frame);

  test('is one readable document without anything remote', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('<title>New lead: Jo Ruiz</title>');
    expect(html).toContain('>Please answer today</div>');
    expect(html).toContain('Hello Kim,<br>there is a new lead for you.');
    expect(html).toContain('Acme &amp; Söhne');
    expect(html).not.toMatch(/<script|<img|<link|src=|url\(|@import/i);
  });

  test('labels its tables for a screen reader', () => {
    expect(html).toMatch(/<th scope="row"[^>]*>Company<\/th><td[^>]*>Ruiz Ltd<\/td>/);
    const table = renderMail(reminder.write({ number: 'R-1', lines: [['A', '1']], open: '1' }), frame).html;
    expect(table).toMatch(/<th scope="col"[^>]*text-align:end;">Netto<\/th>/);
    expect(table).toMatch(/<tfoot>\n<tr><td[^>]*font-weight:600;">Offen<\/td>/);
  });

  test('links to the actions and to nothing else', () => {
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([given.acceptUrl, given.declineUrl]);
  });

  test('leaves out a table of facts that has none', () => {
    expect(renderMail({ subject: 'x', blocks: [facts({ Name: undefined })] }, frame).html).not.toContain('scope="row"');
  });
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '/t/1', ''])(
  'an action never links to %j',
  (href) => {
    expect(() => renderMail({ subject: 'x', blocks: [actions({ label: 'x', href })] }, frame)).toThrow(TypeError);
  },
);

test('a link keeps its query and cannot leave its attribute', () => {
  const href = 'https://a.example/t?a=1&b="><script>';
  expect(renderMail({ subject: 'x', blocks: [actions({ label: 'x', href })] }, frame).html).toContain(
    'href="https://a.example/t?a=1&amp;b=&quot;&gt;&lt;script&gt;"',
  );
});

describe('words from outside', () => {
  const draw = (words: string) =>
    renderMail({ subject: 'x', blocks: [quote(words), facts({ Company: words })] }, frame);

  test.each([
    ['https://evil.example/login', 'https\u2060://evil\u2060.example/login'],
    ['see www.evil.example now', 'see www\u2060.evil\u2060.example now'],
    ['evil.example', 'evil\u2060.example'],
    ['www.evil.example@x', 'www\u2060.evil\u2060.example@x'],
    ['jo@acme.example/evil.example', 'jo@acme\u2060.example/evil\u2060.example'],
    ['пример.рф', 'пример\u2060.рф'],
  ])('%j is no link in any mail program', (words, written) => {
    expect(draw(words).text).toContain(`> ${written}\n`);
    expect(draw(words).html).toContain(`>${written}</td>`);
  });

  test.each(['jo.ruiz@acme.example', '1.190,00 EUR', 'Wait... what? 10:30', 'v1.2'])('%j stays as it is', (words) => {
    expect(draw(words).text).toContain(`> ${words}\n`);
  });

  test('lose marks that turn the direction of reading, and control characters', () => {
    expect(draw('a\u202Eb\u0000c\u0007d').text).toContain('> abcd\n');
  });

  test('of any kind become neither tag nor attribute nor header line', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom(
            '<',
            '>',
            '"',
            "'",
            '&',
            '\r',
            '\n',
            '\0',
            '<script>',
            '</td>',
            'Bcc: x@y.example',
            '-->',
            '://',
            '.a',
          ),
        )
        .map((all) => all.join('')),
    );
    const tags = (html: string) => html.match(/<[^>]*>/g);
    const plain = (words: string) =>
      renderMail(
        {
          subject: words,
          blocks: [
            paragraph(words),
            facts({ Words: words }),
            lines([{ label: words }], [[words]]),
            quote(words, words),
            note(words),
          ],
        },
        { company: words, language: 'en', footer: [words] },
      );
    const expected = tags(plain('x').html.replaceAll('<br>', ''));
    fc.assert(
      fc.property(hostile, (words) => {
        const { subject, html } = plain(words);
        expect(subject).not.toMatch(/\p{Cc}/u);
        expect(tags(html.replaceAll('<br>', ''))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('may be long: 200 kB are drawn at once', () => {
    const started = performance.now();
    for (const words of ['a'.repeat(200_000), 'a.'.repeat(100_000), 'a@'.repeat(100_000), '+'.repeat(200_000)])
      draw(words);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test('a subject is one line of at most 200 characters', () => {
  const { subject } = renderMail({ subject: `Hello\r\nBcc: a@b.example ${'x'.repeat(300)}`, blocks: [] }, frame);
  expect(subject).toMatch(/^Hello Bcc: a@b\.example x+…$/);
  expect([...subject]).toHaveLength(200);
});
