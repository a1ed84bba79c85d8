/**
 * What a spreadsheet would run: a cell that begins like a formula, also behind a tab or a line break that it skips, a NUL, or in full
 * width. Quotes before it are looked through, so that what was escaped once more comes back as it was. Source: OWASP ASVS 1.2.10.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const formula = /^'*[=+\-@\t\r\n\u0000\uff1d\uff0b\uff0d\uff20]/;

/** The column of a file of ours that names, in each record, the columns whose cell got an apostrophe. */
export const escapedColumn = '_escaped';

const isFormula = (cell: string): boolean => formula.test(cell);

/** The cells that no spreadsheet runs, and which of them got an apostrophe for it. */
export function escapedCells(cells: readonly string[]): { cells: string[]; escaped: number[] } {
  const escaped = cells.flatMap((cell, n) => (isFormula(cell) ? [n] : []));
  return { cells: cells.map((cell) => (isFormula(cell) ? `'${cell}` : cell)), escaped };
}

/** Takes away the one apostrophe that a file of ours added: `names` is what its column of escapes says of this record. */
export const unescapedCells = (columns: readonly string[], cells: readonly string[], names: string): string[] => {
  const escaped = new Set(names.split(' '));
  return cells.map((cell, n) => (escaped.has(wordOf(columns[n] ?? '')) && cell.startsWith("'") ? cell.slice(1) : cell));
};

const wordOf = (column: string): string => encodeURIComponent(column);

/** A line of a CSV file: RFC 4180, CRLF. */
export const csvLine = (cells: readonly string[]): string =>
  `${cells.length === 1 && cells[0] === '' ? '""' : cells.map(quoted).join(',')}\r\n`;

const quoted = (cell: string): string => (/[",;\t|\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/**
 * A CSV file for people and spreadsheets. The column of escapes is there only if something was escaped: `import` takes exactly these
 * apostrophes away again, so that what went out comes back byte by byte.
 */
export function csvFile(columns: readonly string[], records: Iterable<readonly string[]>): string {
  const lines: { cells: string[]; escaped: number[] }[] = Array.from(records, escapedCells);
  const header = escapedCells(columns).cells;
  if (lines.every(({ escaped }) => escaped.length === 0))
    return [header, ...lines.map(({ cells }) => cells)].map(csvLine).join('');
  const marked = lines.map(({ cells, escaped }) => [...cells, escaped.map((n) => wordOf(columns[n]!)).join(' ')]);
  return [[...header, escapedColumn], ...marked].map(csvLine).join('');
}
