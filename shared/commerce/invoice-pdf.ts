import * as z from 'zod';
import { Address } from '../core/contact-points.ts';
import { exponentOf, Money } from '../core/money.ts';
import { type InvoiceLabels, invoiceLabels } from './invoice-labels.ts';
import { type Ink, Paper } from './paper.ts';
import { Tax, TaxCategory } from './tax.ts';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

/** Everything that stands on an invoice or a credit note, as it was when it was issued. */
export const InvoiceDocument = z
  .object({
    kind: z.enum(['invoice', 'creditNote']),
    number: z.string().min(1),
    issuedOn: z.iso.date(),
    dueOn: z.iso.date().optional(),
    currency: z.string(),
    language: z.string(),
    seller: z.object({
      name: z.string(),
      address: Address,
      taxId: z.string().optional(),
      email: z.string().optional(),
      iban: z.string().optional(),
    }),
    buyer: z.object({ name: z.string(), address: Address.optional(), taxId: z.string().optional() }),
    reference: z.string().optional(),
    lines: z.array(
      z.object({
        position: z.int(),
        description: z.string(),
        quantity: decimal,
        unit: z.string().optional(),
        unitPrice: Money,
        discountPercent: decimal.optional(),
        net: Money,
        taxCategory: TaxCategory,
        taxRate: decimal,
      }),
    ),
    taxes: z.array(Tax),
    totals: z.object({ net: Money, tax: Money, gross: Money }),
    reason: z.string().optional(),
    invoiceNumber: z.string().optional(),
    notes: z.string().optional(),
  })
  .refine(({ kind, invoiceNumber }) => kind === 'invoice' || invoiceNumber !== undefined, {
    path: ['invoiceNumber'],
    error: 'A credit note names its invoice',
  })
  .refine(
    ({ currency, lines, taxes, totals }) =>
      [
        ...lines.flatMap(({ unitPrice, net }) => [unitPrice, net]),
        ...taxes.flatMap(({ taxable, tax }) => [taxable, tax]),
        ...Object.values(totals),
      ].every((money) => money.currency === currency),
    { path: ['currency'], error: 'All amounts are of the currency of the document' },
  )
  .meta({ id: 'InvoiceDocument' });
export type InvoiceDocument = z.infer<typeof InvoiceDocument>;

/**
 * The invoice or credit note as a PDF (A4, as many sheets as it takes), in the words and formats of its language. The
 * same document makes the same bytes. Writing that the font does not have (neither Latin, Greek nor Cyrillic) shows as
 * boxes. Throws a ZodError where the document is none.
 */
export const invoicePdf = async (given: InvoiceDocument): Promise<Uint8Array> => {
  const document = InvoiceDocument.parse(given);
  const says = wording(document);
  const paper = new Paper({
    title: says.title,
    author: document.seller.name,
    language: document.language,
    writtenOn: document.issuedOn,
  });
  writeHead(paper, document, says);
  writeLines(paper, document, says);
  writeTotals(paper, document, says);
  writeClosing(paper, document, says);
  return await paper.finish((sheet, of) => writeFoot(paper, document, says.labels.page(sheet, of)));
};

/** The words of this document: labels, and figures and dates as its reader writes them. */
interface Wording {
  labels: InvoiceLabels;
  title: string;
  /** With the currency's code, which every font has. */
  money: (money: Money) => string;
  /** Without the currency. */
  amount: (money: Money) => string;
  number: (decimal: string) => string;
  date: (on: string) => string;
  country: (code: string) => string;
}

const wording = ({ language, currency, seller, kind, number }: InvoiceDocument): Wording => {
  const labels = invoiceLabels(language);
  const digits = exponentOf(currency);
  const exactly = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const withCode = new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: 'code',
    ...exactly,
  });
  const plain = new Intl.NumberFormat(language, exactly);
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });
  const dates = new Intl.DateTimeFormat(localeOf(language, seller.address.country), {
    dateStyle: 'medium',
    timeZone: 'UTC',
  });
  const countries = new Intl.DisplayNames(language, { type: 'region' });
  const exact = ({ amount }: Money) => `${amount}E-${digits}` as Intl.StringNumericLiteral;
  return {
    labels,
    title: `${labels[kind]} ${number}`,
    money: (money) => withCode.format(exact(money)),
    amount: (money) => plain.format(exact(money)),
    number: (decimal) => numbers.format(decimal as Intl.StringNumericLiteral),
    date: (on) => dates.format(new Date(`${on}T00:00:00Z`)),
    country: (code) => countries.of(code.toUpperCase()) ?? code,
  };
};

/** Dates: the language as the seller's country writes it, unless it names one. (For figures CLDR mixes two habits.) */
const localeOf = (language: string, country: string | undefined): Intl.Locale => {
  const named = new Intl.Locale(language);
  return named.region || !country ? named : new Intl.Locale(language, { region: country });
};

const soft = '#4b5563';
const small: Ink = { size: 8, color: soft };

/** Seller and buyer, where a window envelope looks for the buyer; title; the facts to file it by. */
const writeHead = (paper: Paper, document: InvoiceDocument, { labels, title, date, country }: Wording): void => {
  const { seller, buyer } = document;
  const abroad = buyer.address?.country !== undefined && buyer.address.country !== seller.address.country;
  const addressOf = (address: Address) => postalLines(address, abroad ? country : undefined);
  const side = 350;

  paper.paragraph(seller.name, side, paper.right - side, { face: 'bold', size: 12 });
  paper.y += 3;
  for (const text of [
    ...addressOf(seller.address),
    ...(seller.email ? [seller.email] : []),
    ...(seller.taxId ? [`${labels.taxId}: ${seller.taxId}`] : []),
  ]) {
    paper.paragraph(text, side, paper.right - side, { size: 8.5, color: soft });
  }
  const belowSeller = paper.y;

  paper.y = 124;
  const sender = [seller.name, ...postalLines(seller.address)].join(' · ');
  paper.line(paper.wrap(sender, 270, { size: 7 })[0] ?? '', paper.left, 270, { size: 7, color: soft });
  paper.y += 14;
  paper.paragraph(buyer.name, paper.left, 270, { size: 10.5, face: 'bold' });
  for (const text of buyer.address ? addressOf(buyer.address) : [])
    paper.paragraph(text, paper.left, 270, { size: 10.5 });
  if (buyer.taxId) paper.paragraph(`${labels.taxId}: ${buyer.taxId}`, paper.left, 270, small);

  paper.y = Math.max(paper.y, belowSeller, 236) + 16;
  paper.paragraph(title, paper.left, paper.width, { face: 'bold', size: 18 });
  paper.y += 6;
  writeFacts(paper, [
    [labels.number, document.number],
    [labels.issuedOn, date(document.issuedOn)],
    [labels.dueOn, document.dueOn && date(document.dueOn)],
    [labels.invoiceNumber, document.invoiceNumber],
    [labels.reference, document.reference],
  ]);
  if (document.reason) paper.paragraph(`${labels.reason}: ${document.reason}`, paper.left, paper.width, { size: 9.5 });
  paper.y += 14;
  paper.onNewSheet = () => {
    paper.line(`${title} · ${seller.name}`, paper.left, paper.width, small);
    paper.y += 24;
  };
};

const writeFacts = (paper: Paper, all: [label: string, value: string | undefined][]): void => {
  const facts = all.flatMap(([label, value]) => (value ? [{ label, value }] : []));
  const width = paper.width / facts.length;
  const top = paper.y;
  let below = top;
  for (const [at, { label, value }] of facts.entries()) {
    paper.y = top;
    paper.paragraph(label, paper.left + at * width, width - 10, small);
    paper.paragraph(value, paper.left + at * width, width - 10, { size: 10 });
    below = Math.max(below, paper.y);
  }
  paper.y = below + 8;
};

interface TableColumn {
  label: string;
  x: number;
  width: number;
  align: 'start' | 'end';
}

const writeLines = (paper: Paper, { lines, currency }: InvoiceDocument, says: Wording): void => {
  const { labels, number, amount } = says;
  const discounted = lines.some(({ discountPercent }) => isSome(discountPercent));
  const rows = lines.map((line) => [
    String(line.position),
    line.description,
    `${number(line.quantity)}${line.unit ? ` ${line.unit}` : ''}`,
    amount(line.unitPrice),
    ...(discounted ? [isSome(line.discountPercent) ? percent(says, line.discountPercent) : ''] : []),
    percent(says, line.taxRate),
    amount(line.net),
  ]);
  const heads = [
    labels.position,
    labels.description,
    labels.quantity,
    labels.unitPrice,
    ...(discounted ? [labels.discount] : []),
    labels.tax,
    `${labels.net} ${currency}`,
  ];
  const columns = columnsFor(paper, heads, rows);

  const head = () => {
    for (const { label, x, width, align } of columns) paper.line(label, x, width, { ...small, align });
    paper.y += 15;
    paper.rule('#6b7280');
    paper.y += 5;
  };
  const atTop = paper.onNewSheet;
  paper.need(60);
  head();
  paper.onNewSheet = () => {
    atTop();
    head();
  };
  for (const row of rows) writeRow(paper, columns, row);
  paper.onNewSheet = atTop;
};

const isSome = (percent: string | undefined): percent is string => percent !== undefined && Number(percent) !== 0;
const percent = ({ number }: Wording, rate: string): string => `${number(rate)}\u00A0%`;

/** Every figure has the room that it needs (a quantity with its unit at most 90); the description takes the rest. */
const columnsFor = (paper: Paper, heads: readonly string[], rows: readonly (readonly string[])[]): TableColumn[] => {
  const gap = 12;
  const widths = heads.map((label, at) =>
    Math.max(paper.widthOf(label, small), ...rows.map((row) => paper.widthOf(row[at] ?? ''))),
  );
  widths[2] = Math.min(widths[2] ?? 0, 90);
  widths[1] = 0;
  widths[1] = paper.width - widths.reduce((sum, width) => sum + width, 0) - gap * (heads.length - 1);
  let x = paper.left;
  return heads.map((label, at) => {
    const width = widths[at] ?? 0;
    const column: TableColumn = { label, x, width, align: at < 2 ? 'start' : 'end' };
    x += width + gap;
    return column;
  });
};

/** A row stays on one sheet unless it is longer than ten lines. */
const writeRow = (paper: Paper, columns: readonly TableColumn[], row: readonly string[]): void => {
  const cells = columns.map(({ width }, at) => paper.wrap(row[at] ?? '', width));
  const count = Math.max(...cells.map((cell) => cell.length));
  paper.need(13 * Math.min(count, 10) + 8);
  for (let at = 0; at < count; at++) {
    paper.need(13);
    for (const [column, { x, width, align }] of columns.entries()) {
      const text = cells[column]?.[at];
      if (text) paper.line(text, x, width, { align });
    }
    paper.y += 13;
  }
  paper.y += 3;
  paper.rule('#e5e7eb');
  paper.y += 5;
};

const writeTotals = (paper: Paper, { taxes, totals, kind }: InvoiceDocument, says: Wording): void => {
  const { labels, money, amount } = says;
  const from = 290;
  const width = paper.right - from;
  const sum = (label: string, value: string, ink: Ink) => {
    const room = width - paper.widthOf(value, ink) - 10;
    const rows = paper.wrap(label, room, ink);
    for (const [at, text] of rows.entries()) {
      paper.line(text, from, room, ink);
      if (at === 0) paper.line(value, from, width, { ...ink, align: 'end' });
      paper.y += (ink.size ?? 9) * 1.4;
    }
    paper.y += 3;
  };
  paper.need(70 + taxes.length * 20);
  paper.y += 8;
  sum(labels.netTotal, amount(totals.net), {});
  for (const { category, rate, taxable, tax } of taxes) {
    const name = labels.categories[category];
    const at = Number(rate) === 0 ? '' : ` ${percent(says, rate)}`;
    sum(`${name}${at} ${labels.on(amount(taxable))}`, amount(tax), { color: soft });
  }
  paper.rule('#6b7280', from);
  paper.y += 6;
  sum(kind === 'invoice' ? labels.gross : labels.credited, money(totals.gross), { face: 'bold', size: 11.5 });
};

/** What the law wants said, how to pay, and the seller's own words. */
const writeClosing = (paper: Paper, document: InvoiceDocument, { labels, money, date }: Wording): void => {
  const { kind, totals, number, invoiceNumber, dueOn, seller, notes, taxes } = document;
  const gross = money(totals.gross);
  const remarks = [...new Set(taxes.flatMap(({ category }) => labels.remarks[category] ?? []))];
  const toDo =
    kind === 'invoice' ? labels.pay(gross, number, dueOn && date(dueOn)) : labels.credit(gross, invoiceNumber ?? '');
  const account = kind === 'invoice' && seller.iban ? [`${seller.name} · IBAN ${inFours(seller.iban)}`] : [];
  paper.y += 14;
  paper.need(60);
  for (const text of [
    ...remarks,
    ...(totals.gross.amount > 0 ? [toDo, ...account] : []),
    ...(notes ? ['', notes] : []),
  ]) {
    paper.paragraph(text, paper.left, paper.width, { size: 9.5 });
  }
};

const writeFoot = (paper: Paper, { seller }: InvoiceDocument, page: string): void => {
  const own = [seller.name, ...postalLines(seller.address), ...(seller.taxId ? [seller.taxId] : [])].join(' · ');
  const room = paper.width - paper.widthOf(page, small) - 16;
  paper.rule();
  paper.y += 6;
  paper.line(page, paper.left, paper.width, { ...small, align: 'end' });
  for (const text of paper.wrap(own, room, small).slice(0, 2)) {
    paper.line(text, paper.left, room, small);
    paper.y += 11;
  }
};

const inFours = (iban: string): string => iban.replaceAll(/\s/g, '').replaceAll(/(.{4})(?=.)/g, '$1\u00A0');

/** An address as its country writes it; with `country`, the name of the country as its last line. */
const postalLines = (address: Address, country?: (code: string) => string): string[] => {
  const { street, postalCode, city, region } = address;
  const places: Readonly<Record<string, (string | undefined)[]>> = {
    US: [joined(', ', city, joined(' ', region, postalCode))],
    CA: [joined(', ', city, joined(' ', region, postalCode))],
    AU: [joined(' ', city, region, postalCode)],
    GB: [city, postalCode],
    IE: [city, postalCode],
  };
  const place = places[address.country ?? ''] ?? [joined(' ', postalCode, city), region];
  const last = country && address.country ? country(address.country) : undefined;
  return [...(street?.split('\n') ?? []), ...place, last].filter((line): line is string => Boolean(line));
};

const joined = (separator: string, ...parts: (string | undefined)[]): string => parts.filter(Boolean).join(separator);
