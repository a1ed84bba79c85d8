import type { Dialect } from './dialect.ts';

/** A record of a file, and the byte behind it, from where the text was taken. */
export interface CsvRecord {
  cells: string[];
  end: number;
}
export interface Records {
  records: CsvRecord[];
  /** The bytes that these records took: what follows is the beginning of another one. */
  taken: number;
}

/** More than a record of ours can hold: a quote that nobody closed, as a rule. */
const longestRecord = 1_000_000;

/**
 * The records of a stretch of a file (RFC 4180, and what programs make of it: CR, LF or CRLF; a quote within an unquoted cell is itself;
 * text behind a closing quote belongs to the cell). Text is scanned in units of a fixed width, bytes or the two of UTF-16, so that every
 * record knows its byte and reading can go on there. The last record counts only if it is whole, or if the file is `ended`. A quote that
 * is not closed within a megabyte, or at all, is taken for a character of its cell, so that it costs its own record alone.
 */
export function parseRecords(
  bytes: Uint8Array,
  { encoding, delimiter }: Pick<Dialect, 'encoding' | 'delimiter'>,
  ended: boolean,
  most = Number.POSITIVE_INFINITY,
): Records {
  const { text, width, decode } = unitsOf(bytes, encoding);
  const records: CsvRecord[] = [];
  let at = 0;
  while (at < text.length && records.length < most) {
    const record =
      recordAt(text, at, delimiter, ended) ??
      (isUnclosed(text, at, ended) ? lineAt(text, at, delimiter, ended) : undefined);
    if (!record) break;
    records.push({ cells: record.cells.map(decode), end: record.end * width });
    at = record.end;
  }
  return { records, taken: at * width };
}

interface Units {
  text: string;
  /** Bytes a unit. */
  width: number;
  decode: (cell: string) => string;
}

function unitsOf(bytes: Uint8Array, encoding: Dialect['encoding']): Units {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'utf-8') return { text: buffer.toString('latin1'), width: 1, decode: decoded };
  const even = Buffer.from(buffer.subarray(0, buffer.length - (buffer.length % 2)));
  const text = (encoding === 'utf-16be' ? even.swap16() : even).toString('utf16le');
  return { text, width: 2, decode: (cell) => cell.toWellFormed() };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder('windows-1252');

/** A cell of bytes: UTF-8, or else Windows-1252, whose first half is the same. */
function decoded(cell: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: whatever is ASCII means itself
  if (/^[\x00-\x7f]*$/.test(cell)) return cell;
  const bytes = Buffer.from(cell, 'latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    return windows1252.decode(bytes);
  }
}

interface Found {
  cells: string[];
  end: number;
}

/** The record that begins at a position; undefined where the text ends before it does. */
function recordAt(text: string, start: number, delimiter: string, ended: boolean): Found | undefined {
  const cells: string[] = [];
  for (let at = start; ; ) {
    let cell = '';
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close < 0 || close - start > longestRecord) return undefined;
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    }
    const stop = endOfCell(text, at, delimiter);
    cells.push(cell + text.slice(at, stop));
    if (text[stop] === delimiter) {
      at = stop + 1;
      continue;
    }
    return lineEnd(text, stop, cells, ended);
  }
}

/** A line end may be two characters: a CR at the end of the text may have its LF behind it. */
function lineEnd(text: string, stop: number, cells: string[], ended: boolean): Found | undefined {
  if (stop >= text.length) return ended ? { cells, end: stop } : undefined;
  if (text[stop] === '\r' && stop + 1 >= text.length && !ended) return undefined;
  return { cells, end: stop + (text[stop] === '\r' && text[stop + 1] === '\n' ? 2 : 1) };
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return -1;
}

function endOfCell(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at++) {
    const unit = text[at];
    if (unit === delimiter || unit === '\n' || unit === '\r') return at;
  }
  return text.length;
}

const isUnclosed = (text: string, at: number, ended: boolean): boolean => ended || text.length - at > longestRecord;

/** A record whose quotes do not close: its first line, each quote for what it is. */
function lineAt(text: string, start: number, delimiter: string, ended: boolean): Found | undefined {
  const cells: string[] = [];
  for (let at = start; ; ) {
    const stop = endOfCell(text, at, delimiter);
    cells.push(text.slice(at, stop));
    if (text[stop] !== delimiter) return lineEnd(text, stop, cells, ended);
    at = stop + 1;
  }
}
