import { createHash } from 'node:crypto';

/**
 * What a mail looks like: a short list of blocks, each drawn once as text and once as HTML.
 * Nothing but an `actions` block is ever a link of ours, and nothing from outside can look like one.
 */

export type Block =
  /** The company's own words. Line breaks are kept. */
  | { kind: 'paragraph'; text: string }
  /** What there is to know, as label and value. Values may come from outside. */
  | { kind: 'facts'; rows: readonly (readonly [label: string, value: string])[] }
  /** A table; a column aligned `end` holds figures. `foot` rows are sums. Cells may come from outside. */
  | { kind: 'lines'; columns: readonly Column[]; rows: readonly Row[]; foot: readonly Row[] }
  /** Buttons; the first is the one we would press. */
  | { kind: 'actions'; actions: readonly Action[] }
  /** Words from outside: escaped, and no mail program makes a link of them. */
  | { kind: 'quote'; text: string; by: string | undefined }
  /** A picture of our own, in the mail itself; `alt` says in words what it shows. Pixels as it is drawn, at twice its size on screen. */
  | { kind: 'image'; content: Uint8Array; contentType: string; alt: string; width: number; height: number }
  /** Small print of the company. */
  | { kind: 'note'; text: string };

export interface Column {
  label: string;
  align?: 'start' | 'end';
}
export type Row = readonly string[];
export interface Action {
  label: string;
  /** Absolute, http(s) or mailto. */
  href: string;
}

export const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
export const facts = (rows: Readonly<Record<string, string | undefined>>): Block => ({
  kind: 'facts',
  rows: Object.entries(rows).flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])),
});
export const lines = (columns: readonly Column[], rows: readonly Row[], foot: readonly Row[] = []): Block => ({
  kind: 'lines',
  columns,
  rows,
  foot,
});
export const actions = (...list: readonly Action[]): Block => ({ kind: 'actions', actions: list });
export const quote = (text: string, by?: string): Block => ({ kind: 'quote', text, by });
export const image = (picture: Omit<Extract<Block, { kind: 'image' }>, 'kind'>): Block => ({
  kind: 'image',
  ...picture,
});
export const note = (text: string): Block => ({ kind: 'note', text });

/** By which the HTML names an image of the mail. */
export const cidOf = (content: Uint8Array): string =>
  `${createHash('sha256').update(content).digest('hex').slice(0, 32)}@image`;

/** What surrounds the blocks: who writes, in which language (BCP 47), and the lines at the foot. */
export interface Frame {
  company: string;
  language: string;
  footer: readonly string[];
}

/** One line, without control characters: what may stand in a subject or a preheader. */
export const oneLine = (text: string): string => clean(text).replaceAll(/\s+/g, ' ').trim();

/** The text part. */
export const asText = (blocks: readonly Block[], frame: Frame): string =>
  [...blocks.map(blockAsText), `-- \n${[frame.company, ...frame.footer].map(clean).join('\n')}`]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');

/**
 * The HTML part: one column of at most 600 px, inline styles, system fonts, no image from elsewhere, no script. `preheader` is the
 * line that a list of mails shows beside the subject.
 */
export const asHtml = (
  subject: string,
  preheader: string,
  blocks: readonly Block[],
  frame: Frame,
): string => `<!doctype html>
<html lang="${escaped(frame.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${escaped(subject)}</title>
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #111827 !important; }
  .card { background: #1f2937 !important; color: #f3f4f6 !important; }
  .soft { color: #9ca3af !important; }
  .rule { border-color: #4b5563 !important; }
  .plain { color: #93c5fd !important; border-color: #93c5fd !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:${paper};">
<div style="display:none;max-height:0;overflow:hidden;">${escaped(preheader)}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:${paper};">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" class="card" cellpadding="0" cellspacing="0" style="${style.card}">
<tr><td style="padding:28px 28px 12px;">
<p class="soft" style="${style.company}">${escaped(frame.company)}</p>
${blocks.map(blockAsHtml).filter(Boolean).join('\n')}
</td></tr>
<tr><td class="rule" style="padding:16px 28px 24px;border-top:1px solid ${rule};">
<p class="soft" style="${style.small}">${[frame.company, ...frame.footer].map(escaped).join('<br>')}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;

const blockAsText = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
    case 'note':
      return clean(block.text).trim();
    case 'facts':
      return block.rows
        .map(([label, value]) => `${oneLine(label)}: ${inert(value).replaceAll('\n', '\n  ')}`)
        .join('\n');
    case 'image':
      return clean(block.alt).trim();
    case 'lines':
      return tableAsText(block.columns, block.rows, block.foot);
    case 'actions':
      return block.actions.map(({ label, href }) => `${oneLine(label)}:\n${link(href)}`).join('\n\n');
    case 'quote': {
      const said = inert(block.text).trim().split('\n');
      const by = block.by === undefined ? [] : [`${oneLine(inert(block.by))}:`];
      return [...by, ...said.map((line) => `> ${line}`.trimEnd())].join('\n');
    }
  }
};

/** Aligned columns where they fit into a usual line, else one short paragraph a row. */
const tableAsText = (columns: readonly Column[], rows: readonly Row[], foot: readonly Row[]): string => {
  const cells = [columns.map(({ label }) => label), ...rows, ...foot].map((row) =>
    columns.map((_, at) => oneLine(inert(row[at] ?? ''))),
  );
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => [...(row[at] ?? '')].length)));
  if (widths.reduce((sum, width) => sum + width + 2, -2) > 76) {
    return [...rows, ...foot]
      .map((row) =>
        columns.flatMap(({ label }, at) => (row[at] ? [`${oneLine(label)}: ${oneLine(inert(row[at]))}`.trim()] : [])),
      )
      .map((record) => record.join('\n'))
      .join('\n\n');
  }
  const padded = cells.map((row) =>
    row
      .map((cell, at) => {
        const gap = ' '.repeat((widths[at] ?? 0) - [...cell].length);
        return columns[at]?.align === 'end' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
  const bar = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const [head = '', ...body] = padded;
  return [head, bar, ...body.slice(0, rows.length), ...(foot.length > 0 ? [bar] : []), ...body.slice(rows.length)].join(
    '\n',
  );
};

const blockAsHtml = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
      return `<p dir="auto" style="${style.paragraph}">${broken(block.text.trim())}</p>`;
    case 'note':
      return `<p dir="auto" class="soft" style="${style.small}margin:0 0 16px;">${broken(block.text.trim())}</p>`;
    case 'facts':
      return block.rows.length === 0
        ? ''
        : `<table cellpadding="0" cellspacing="0" style="${style.table}">
${block.rows
  .map(
    ([label, value]) =>
      `<tr><th scope="row" class="soft rule" style="${style.label}">${escaped(label)}</th>` +
      `<td dir="auto" class="rule" style="${style.cell}">${broken(inert(value))}</td></tr>`,
  )
  .join('\n')}
</table>`;
    case 'image':
      return (
        `<img src="cid:${cidOf(block.content)}" alt="${escaped(block.alt)}" width="${block.width / 2}" ` +
        `height="${block.height / 2}" style="${style.image}">`
      );
    case 'lines':
      return tableAsHtml(block.columns, block.rows, block.foot);
    case 'actions':
      return `<p style="margin:24px 0;">${block.actions
        .map(
          ({ label, href }, at) =>
            `<a href="${escaped(link(href))}"${at === 0 ? '' : ' class="plain"'} style="${at === 0 ? style.first : style.other}">${escaped(label)}</a>`,
        )
        .join('\n')}</p>`;
    case 'quote':
      return (
        (block.by === undefined
          ? ''
          : `<p dir="auto" class="soft" style="${style.small}margin:0 0 4px;">${escaped(inert(block.by))}:</p>\n`) +
        `<blockquote dir="auto" class="rule" style="${style.quote}">${broken(inert(block.text).trim())}</blockquote>`
      );
  }
};

const tableAsHtml = (columns: readonly Column[], rows: readonly Row[], foot: readonly Row[]): string => {
  const side = (at: number) => `text-align:${columns[at]?.align ?? 'start'};`;
  const row = (cells: Row, weight: string) =>
    `<tr>${columns
      .map(
        (_, at) =>
          `<td dir="auto" class="rule" style="${style.cell}${side(at)}${weight}">${broken(inert(cells[at] ?? ''))}</td>`,
      )
      .join('')}</tr>`;
  return `<table cellpadding="0" cellspacing="0" style="${style.table}">
<thead><tr>${columns
    .map(
      ({ label }, at) => `<th scope="col" class="soft rule" style="${style.label}${side(at)}">${escaped(label)}</th>`,
    )
    .join('')}</tr></thead>
<tbody>
${rows.map((cells) => row(cells, '')).join('\n')}
</tbody>${foot.length === 0 ? '' : `\n<tfoot>\n${foot.map((cells) => row(cells, 'font-weight:600;')).join('\n')}\n</tfoot>`}
</table>`;
};

/** A link that a mail may hold. Throws a TypeError on any other scheme: links are made by us, so this is a fault of ours. */
const link = (href: string): string => {
  const { protocol } = new URL(href);
  if (!['https:', 'http:', 'mailto:'].includes(protocol)) throw new TypeError(`A mail may not link to ${protocol}`);
  return href;
};

/**
 * Takes away what a reader cannot see: control characters but line feed and tab, and the marks that turn the direction
 * of reading (with which `gpj.exe` reads as `exe.jpg`).
 */
const clean = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu, (found) =>
      found === '\n' || found === '\t' ? found : '',
    );

const wordJoiner = '\u2060';
/**
 * Words from outside, made so that no mail program turns them into a link: an invisible joiner stands before `://` and
 * before a dot that a letter follows. An e-mail address stays as it is, so that it can be copied.
 */
const inert = (text: string): string =>
  clean(text).replaceAll(
    /(?<![\w.+-])(?!www\.)[\w+-][\w.+-]{0,63}@[\w-][\w.-]{0,253}(?![/:@\w])|:(?=\/\/)|\.(?=\p{L})/giu,
    (found) => (found.length === 1 ? wordJoiner + found : found),
  );

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => clean(text).replaceAll(/[&<>"']/g, (found) => entities[found] ?? '');
const broken = (text: string): string => escaped(text).replaceAll('\n', '<br>');

const paper = '#f3f4f6';
const rule = '#e5e7eb';
const blue = '#1d4ed8';
const font = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
const style = {
  card: `width:100%;max-width:600px;background:#ffffff;color:#111827;border-radius:8px;${font}`,
  company: `margin:0 0 20px;font-size:14px;font-weight:600;color:#4b5563;${font}`,
  paragraph: `margin:0 0 16px;font-size:16px;line-height:1.5;${font}`,
  small: `margin:0;font-size:13px;line-height:1.5;color:#4b5563;${font}`,
  image: `display:block;width:100%;max-width:100%;height:auto;margin:0 0 20px;border:0;font-size:13px;${font}`,
  table: 'width:100%;margin:0 0 20px;border-collapse:collapse;',
  label: `padding:6px 12px 6px 0;font-size:14px;font-weight:400;text-align:start;vertical-align:top;color:#4b5563;border-bottom:1px solid ${rule};${font}`,
  cell: `padding:6px 12px 6px 0;font-size:14px;line-height:1.45;vertical-align:top;border-bottom:1px solid ${rule};word-break:break-word;${font}`,
  quote: `margin:0 0 20px;padding:4px 0 4px 14px;border-inline-start:4px solid ${rule};font-size:15px;line-height:1.5;word-break:break-word;${font}`,
  first: `display:inline-block;margin:0 8px 8px 0;padding:12px 20px;background:${blue};color:#ffffff;border:1px solid ${blue};border-radius:6px;font-size:16px;font-weight:600;text-decoration:none;${font}`,
  other: `display:inline-block;margin:0 8px 8px 0;padding:12px 20px;color:${blue};border:1px solid ${blue};border-radius:6px;font-size:16px;font-weight:600;text-decoration:none;${font}`,
} as const;
