import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type InvoiceDocument, invoicePdf } from '../../../shared/commerce/invoice-pdf.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const line = (position: number, description = `Service ${position}`): InvoiceDocument['lines'][number] => ({
  position,
  description,
  quantity: '2.5',
  unit: 'h',
  unitPrice: eur(10_000),
  net: eur(25_000),
  taxCategory: 'standard',
  taxRate: '19',
});
const invoice: InvoiceDocument = {
  kind: 'invoice',
  number: '2026-000123',
  issuedOn: '2026-11-24',
  dueOn: '2026-12-08',
  currency: 'EUR',
  language: 'en',
  seller: {
    name: 'Acme GmbH',
    address: { street: 'Hauptstraße 1', postalCode: '10115', city: 'Berlin', country: 'DE' },
    taxId: 'DE123456789',
    email: 'billing@acme.example',
    iban: 'DE89370400440532013000',
  },
  buyer: {
    name: 'Ruiz Ltd',
    address: { street: '1 High Street', postalCode: 'SW1A 1AA', city: 'London', country: 'GB' },
    taxId: 'GB999999973',
  },
  reference: 'PO 4711',
  lines: [line(1), { ...line(2, 'Travel'), discountPercent: '7.5' }],
  taxes: [{ category: 'standard', rate: '19', taxable: eur(100_000), tax: eur(19_000) }],
  totals: { net: eur(100_000), tax: eur(19_000), gross: eur(119_000) },
  notes: 'Thank you.',
};

interface Sheet {
  /** What a reader can select and copy, in the order of writing. */
  texts: string[];
}

/** Reads a PDF of ours back: glyphs of the embedded fonts through their own ToUnicode maps. */
const read = (file: Uint8Array): Sheet[] => {
  const raw = Buffer.from(file).toString('latin1');
  const objects = new Map(
    [...raw.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map(([, id = '', body = '']) => [id, body]),
  );
  const streamOf = (id = ''): string => {
    const [, packed = ''] = /stream\n([\s\S]*?)\nendstream/.exec(objects.get(id) ?? '') ?? [];
    return inflateSync(Buffer.from(packed, 'latin1')).toString('latin1');
  };
  const utf16 = (hex: string) => Buffer.from(hex, 'hex').swap16().toString('utf16le');
  const glyphsOf = (font: string): string[] => {
    const [, map] = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font) ?? '') ?? [];
    const [, all = ''] = /beginbfrange\n[^[]*\[([^\]]*)\]/.exec(streamOf(map)) ?? [];
    return [...all.matchAll(/<([0-9a-f]*)>/g)].map(([, hex = '']) => utf16(hex.replaceAll(' ', '')));
  };
  return [...objects.values()]
    .filter((body) => /\/Type \/Page\b/.test(body))
    .map((page) => {
      const [, contents] = /\/Contents (\d+) 0 R/.exec(page) ?? [];
      const [, resources = ''] = /\/Resources (\d+) 0 R/.exec(page) ?? [];
      const fonts = new Map(
        [...(objects.get(resources) ?? '').matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', id = '']) => [
          name,
          glyphsOf(id),
        ]),
      );
      return {
        texts: [...streamOf(contents).matchAll(/\/(F\d+) [\d.]+ Tf[\s\S]*?\[(.*?)\] TJ/g)].map(
          ([, font = '', shown = '']) =>
            [...shown.matchAll(/<([0-9a-f]*)>/g)]
              .flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
              .map((glyph) => fonts.get(font)?.[Number.parseInt(glyph, 16)] ?? '\uFFFD')
              .join('')
              .replaceAll('\u00A0', ' ')
              .trim(),
        ),
      };
    });
};
const textsOf = async (document: InvoiceDocument) => read(await invoicePdf(document)).flatMap(({ texts }) => texts);

describe('an invoice', () => {
  test('says who owes whom how much, for what, until when', async () => {
    const [sheet, ...more] = read(await invoicePdf(invoice));
    expect(more).toEqual([]);
    expect(sheet?.texts).toEqual([
      'Acme GmbH',
      ...['Hauptstraße 1', '10115 Berlin', 'Germany', 'billing@acme.example', 'Tax ID: DE123456789'],
      'Acme GmbH · Hauptstraße 1 · 10115 Berlin',
      ...['Ruiz Ltd', '1 High Street', 'London', 'SW1A 1AA', 'United Kingdom', 'Tax ID: GB999999973'],
      'Invoice 2026-000123',
      ...[
        'Number',
        '2026-000123',
        'Date of issue',
        '24 Nov 2026',
        'Due date',
        '8 Dec 2026',
        'Your reference',
        'PO 4711',
      ],
      ...['Pos.', 'Description', 'Quantity', 'Unit price', 'Discount', 'Tax', 'Net EUR'],
      ...['1', 'Service 1', '2.5 h', '100.00', '19 %', '250.00'],
      ...['2', 'Travel', '2.5 h', '100.00', '7.5 %', '19 %', '250.00'],
      ...['Net total', '1,000.00', 'Tax 19 % on 1,000.00', '190.00', 'Total due', 'EUR 1,190.00'],
      'Please pay EUR 1,190.00 by 8 Dec 2026, with the reference 2026-000123.',
      'Acme GmbH · IBAN DE89 3704 0044 0532 0130 00',
      'Thank you.',
      ...['Page 1 of 1', 'Acme GmbH · Hauptstraße 1 · 10115 Berlin · DE123456789'],
    ]);
  });

  test('speaks German', async () => {
    const texts = await textsOf({ ...invoice, language: 'de' });
    expect(texts).toEqual(
      expect.arrayContaining(['Rechnung 2026-000123', 'Fällig am', '08.12.2026', 'Vereinigtes Königreich']),
    );
    expect(texts).toContain('Umsatzsteuer 19 % auf 1.000,00');
    expect(texts).toContain('1.190,00 EUR');
    expect(texts).toContain('Bitte zahlen Sie 1.190,00 EUR bis zum 08.12.2026 mit dem Verwendungszweck 2026-000123.');
    expect(texts).toContain('Seite 1 von 1');
  });

  test('has no column for discounts where there are none, and no country within one country', async () => {
    const buyer = { name: 'Ruiz GmbH', address: { city: 'Köln', country: 'DE' } };
    const texts = await textsOf({ ...invoice, buyer, lines: [line(1), { ...line(2), discountPercent: '0' }] });
    expect(texts).not.toContain('Discount');
    expect(texts).not.toContain('Germany');
  });

  test.each([
    ['JPY', 119_000, 'JPY 119,000'],
    ['KWD', 119_000, 'KWD 119.000'],
    ['UAH', 119_000, 'UAH 1,190.00'],
    ['EUR', Number.MAX_SAFE_INTEGER, 'EUR 90,071,992,547,409.91'],
  ])('counts %s in its own minor units', async (currency, amount, shown) => {
    const money = { amount, currency };
    const texts = await textsOf({
      ...invoice,
      currency,
      lines: [{ ...line(1), unitPrice: money, net: money }],
      taxes: [{ category: 'reverseCharge', rate: '0', taxable: money, tax: { amount: 0, currency } }],
      totals: { net: money, tax: { amount: 0, currency }, gross: money },
    });
    expect(texts).toContain(shown);
    expect(texts).toContain('Reverse charge: the recipient is liable for the tax.');
  });

  test.each([
    ['Polish', 'Przedsiębiorstwo Łączności «Żółć» Źdźbło'],
    ['Greek', 'Ελληνική Εταιρεία Ιωάννης Παπαδόπουλος'],
    ['Cyrillic', 'ТОВ «Щедрик» Київ, ООО Ёлка, Ђорђе'],
    ['Vietnamese', 'Công ty Trách nhiệm hữu hạn Nguyễn'],
  ])('names a buyer in %s', async (_, name) => {
    const texts = await textsOf({ ...invoice, buyer: { name }, lines: [line(1, name)] });
    expect(texts.join(' ').split(name)).toHaveLength(3);
  });
});

describe('a credit note', () => {
  const { dueOn: _, ...rest } = invoice;
  const creditNote: InvoiceDocument = {
    ...rest,
    kind: 'creditNote',
    number: 'C-7',
    invoiceNumber: '2026-000123',
    reason: 'Damaged',
  };

  test('names its invoice and its reason, and asks for nothing', async () => {
    const texts = await textsOf(creditNote);
    expect(texts).toEqual(
      expect.arrayContaining(['Credit note C-7', 'For invoice', '2026-000123', 'Reason: Damaged', 'Total credited']),
    );
    expect(texts).toContain('We credit EUR 1,190.00 to you for invoice 2026-000123.');
    expect(texts.join(' ')).not.toMatch(/Please pay|IBAN|Due date/);
  });

  test('is none without an invoice', async () => {
    const { invoiceNumber: __, ...without } = creditNote;
    await expect(invoicePdf(without)).rejects.toThrow(z.ZodError);
  });
});

test('amounts of two currencies are refused', async () => {
  const totals = { ...invoice.totals, net: { amount: 1, currency: 'USD' } };
  await expect(invoicePdf({ ...invoice, totals })).rejects.toThrow(z.ZodError);
});

describe('many lines', () => {
  test('go on over sheets under repeated heads, each line once and in order', async () => {
    const lines = Array.from({ length: 200 }, (_, at) => line(at + 1));
    const sheets = read(await invoicePdf({ ...invoice, lines }));
    expect(sheets.length).toBeGreaterThan(5);
    for (const [at, { texts }] of sheets.entries()) {
      expect(texts).toContain(`Page ${at + 1} of ${sheets.length}`);
      if (at > 0) expect(texts[0]).toBe('Invoice 2026-000123 · Acme GmbH');
      if (texts.some((text) => /^Service/.test(text))) expect(texts).toContain('Description');
    }
    const written = sheets.flatMap(({ texts }) => texts.filter((text) => /^Service/.test(text)));
    expect(written).toEqual(lines.map(({ description }) => description));
    expect(sheets.at(-1)?.texts).toContain('EUR 1,190.00');
  });

  test('of any length lose no word', async () => {
    const words = Array.from({ length: 3_000 }, (_, at) => `word${at}`);
    const sheets = read(
      await invoicePdf({ ...invoice, lines: [line(1, `${words.join(' ')}\n${'x'.repeat(500)}`), line(2, 'after')] }),
    );
    expect(sheets.length).toBeGreaterThan(3);
    const all = sheets.flatMap(({ texts }) => texts).join(' ');
    expect(all.match(/word\d+/g)).toEqual(words);
    expect(all.match(/x{20,}/g)?.join('')).toBe('x'.repeat(500));
    expect(all).toContain('after');
  });
});

test('the same document makes the same bytes, another makes others', async () => {
  const [one, two, other] = await Promise.all([
    invoicePdf(invoice),
    invoicePdf(structuredClone(invoice)),
    invoicePdf({ ...invoice, number: 'x' }),
  ]);
  expect(Buffer.compare(one, two)).toBe(0);
  expect(Buffer.compare(one, other)).not.toBe(0);
});
