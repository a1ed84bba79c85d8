import { type Dialect, delimiters, type SaidDialect } from './dialect.ts';
import { parseRecords } from './records.ts';

const sampledRecords = 50;

/** The dialect of a file by its first bytes; what was said of it holds. `whole`: there are no more bytes. */
export function dialectOf(sample: Uint8Array, whole: boolean, said: SaidDialect = {}): Dialect {
  const marked = markOf(sample);
  const encoding = said.encoding ?? marked.encoding;
  const begins = { encoding, from: marked.length, header: true };
  const [told, length] = toldDelimiter(sample.subarray(marked.length, marked.length + 32), encoding);
  const from = marked.length + length;
  const tried = delimiters.map((delimiter) => {
    const { records } = parseRecords(sample.subarray(from), { ...begins, delimiter }, whole);
    const sampled = records.slice(0, sampledRecords);
    return { delimiter, sampled, records: sampled.map(({ cells }) => cells) };
  });
  const best = tried.reduce((a, b) => (evenness(b.records) > evenness(a.records) ? b : a));
  const { delimiter, sampled, records } = tried.find(({ delimiter }) => delimiter === (said.delimiter ?? told)) ?? best;
  const titles = titlesOf(records);
  const header = said.header ?? hasHeader(records.slice(titles));
  // Without a header, only empty lines are sure to be no data.
  const before = header ? titles : records.findIndex((cells) => filledWidth(cells) > 0);
  return { encoding, delimiter, header, from: from + (sampled[before - 1]?.end ?? 0) };
}

/** How many cells a record has up to the last that is filled. */
const filledWidth = (cells: readonly string[]): number => cells.findLastIndex((cell) => cell.trim() !== '') + 1;

/** How many records stand above the header: empty lines, and titles, which fill half of the table's width at the most. */
function titlesOf(records: readonly string[][]): number {
  const widths = records.map(filledWidth);
  const filled = Map.groupBy(widths.filter(Boolean), (width) => width);
  const [usual] = [...filled].reduce((a, b) => (b[1].length > a[1].length ? b : a), [0, [] as number[]]);
  const at = widths.findIndex((width) => width > usual / 2);
  return at < 0 ? records.length : at;
}

/** The byte order mark; without one, every other byte of UTF-16 is zero in all western text. */
function markOf(sample: Uint8Array): { encoding: Dialect['encoding']; length: number } {
  const [a = -1, b = -1, c = -1] = sample;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', length: 2 };
  const zeros = [0, 0];
  for (const [at, byte] of sample.subarray(0, 1_000).entries()) if (byte === 0) zeros[at % 2]! += 1;
  const many = Math.min(sample.length, 1_000) / 4;
  if (zeros[1]! > many && zeros[0] === 0) return { encoding: 'utf-16le', length: 0 };
  if (zeros[0]! > many && zeros[1] === 0) return { encoding: 'utf-16be', length: 0 };
  return { encoding: 'utf-8', length: 0 };
}

/** Excel writes the delimiter into a line of its own. */
function toldDelimiter(
  start: Uint8Array,
  encoding: Dialect['encoding'],
): [delimiter: string | undefined, bytes: number] {
  const [line, delimiter] = /^sep=([,;\t|])(?:\r\n?|\n)/i.exec(new TextDecoder(encoding).decode(start)) ?? [];
  return line ? [delimiter, line.length * (encoding === 'utf-8' ? 1 : 2)] : [undefined, 0];
}

/** How much records look like a table: the share of those that are as wide as most, and, among equals, how wide that is. */
function evenness(records: readonly string[][]): number {
  const widths = Map.groupBy(records, ({ length }) => length);
  const [width = 0, most = []] = [...widths].reduce((a, b) => (b[1].length > a[1].length ? b : a), [0, []]);
  return width < 2 ? 0 : most.length / records.length + Math.min(width, 99) / 1_000;
}

const looksLikeAValue = (cell: string): boolean =>
  /^[-+]?[\d.,]+%?$|@.+\.|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/.test(cell.trim());

/** A first record names the columns unless it looks like those below it: it has numbers, dates or addresses, or says a word twice as they do. */
function hasHeader([first, ...others]: readonly string[][]): boolean {
  if (!first) return true;
  const names = first.map((cell) => cell.trim().toLowerCase());
  const below = (n: number) => others.map((cells) => cells[n]?.trim().toLowerCase() ?? '');
  return !names.some((name, n) => {
    if (looksLikeAValue(name)) return !isYear(name) || below(n).some(isYear);
    return name !== '' && names.indexOf(name) !== n && below(n).includes(name);
  });
}

/** Columns are named by years too. */
const isYear = (cell: string): boolean => /^(19|20)\d\d$/.test(cell);

/** The names of the columns: the header's, else `column1`...; a name that is empty or there already gets its position. */
export function columnNames(first: readonly string[], { header }: Pick<Dialect, 'header'>): string[] {
  const names = new Set<string>();
  for (const [n, cell] of first.entries()) {
    const name = header
      ? cell
          .replaceAll(/[\s\u200b\ufeff]+/g, ' ')
          .trim()
          .slice(0, 200)
      : '';
    let own = name || unnamed(n);
    for (let at = n + 1; names.has(own); at++) own = `${name || 'column'}${at}`;
    names.add(own);
  }
  return [...names];
}

const unnamed = (n: number): string => `column${n + 1}`;

/** How many cells a record needs: the last columns may go without a name, and then without a cell. */
export const fewestCells = (columns: readonly string[]): number =>
  columns.findLastIndex((name, n) => name !== unnamed(n)) + 1 || columns.length;
