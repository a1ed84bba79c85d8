import { getStretch } from '../../store/bucket.ts';
import type { Dialect, SaidDialect } from './dialect.ts';
import { columnNames, dialectOf, fewestCells } from './guess-dialect.ts';
import { type CsvRecord, parseRecords } from './records.ts';
import { escapedColumn, unescapedCells } from './writer.ts';

/** A file of records in a bucket: which version of it, and how it is written. */
export interface TableFile {
  bucket: string;
  key: string;
  version?: string | undefined;
  dialect: Dialect;
  columns: string[];
}

/** A place in a file: the byte of the next record, and the number that it will have (data records are counted from 1). */
export interface Place {
  offset: number;
  row: number;
}
/** A record of the file: its number, its cells by column, and whether cells are missing or have no column. */
export interface Row {
  row: number;
  cells: string[];
  ragged: boolean;
}

const stretchBytes = 1_048_576;
const sampleBytes = 65_536;

/** What a file is: its version, size, dialect and columns; and where its first data record begins. Undefined if it is empty. */
export async function openTable(
  bucket: string,
  key: string,
  said: SaidDialect = {},
): Promise<{ file: TableFile; bytes: number; start: Place } | undefined> {
  const { bytes, total, version } = await getStretch(bucket, key, { from: 0, length: stretchBytes });
  const whole = bytes.byteLength >= total;
  const short = bytes.subarray(0, sampleBytes);
  const dialect = dialectOf(short, whole && short.byteLength === bytes.byteLength, said);
  const { records } = parseRecords(bytes.subarray(dialect.from), dialect, whole, 1);
  const [first] = records;
  if (!first || isEmpty(first)) return undefined;
  const columns = columnNames(first.cells, dialect);
  const offset = dialect.from + (dialect.header ? first.end : 0);
  return { file: { bucket, key, version, dialect, columns }, bytes: total, start: { offset, row: 1 } };
}

/** Reads a file on from a place, a megabyte at a time. */
export class TableReader {
  readonly #file: TableFile;
  #bytes: Uint8Array = new Uint8Array();
  #ended = false;
  /** Where the next row begins: reading may go on there at any time. Undefined behind the last one. */
  place: Place | undefined;

  constructor(file: TableFile, place: Place) {
    this.#file = file;
    this.place = place;
  }

  /** The next rows, `most` at the most; none behind the last. Empty lines are no rows. */
  async next(most: number): Promise<Row[]> {
    const rows: Row[] = [];
    while (this.place && rows.length < most) {
      const { records, taken } = parseRecords(this.#bytes, this.#file.dialect, this.#ended, most - rows.length);
      const { offset, row } = this.place;
      const filled = records.filter((record) => !isEmpty(record));
      rows.push(...filled.map(({ cells }, n) => rowOf(this.#file, row + n, cells)));
      this.place = { offset: offset + taken, row: row + filled.length };
      this.#bytes = this.#bytes.subarray(taken);
      if (records.length === 0 && !(await this.#more())) this.place = undefined;
    }
    if (this.#ended && this.#bytes.byteLength === 0) this.place = undefined;
    return rows;
  }

  /** Takes another megabyte in; false at the end of the file. */
  async #more(): Promise<boolean> {
    if (this.#ended || !this.place) return false;
    const { bucket, key, version } = this.#file;
    const from = this.place.offset + this.#bytes.byteLength;
    const { bytes, total } = await getStretch(bucket, key, { from, length: stretchBytes, version });
    this.#ended = from + bytes.byteLength >= total;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    return true;
  }
}

const isEmpty = ({ cells }: CsvRecord): boolean => cells.every((cell) => cell.trim() === '');

/** What a file of ours escaped is as it was before. Cells behind the last column that are empty say nothing. */
function rowOf({ columns }: TableFile, row: number, all: string[]): Row {
  const marks = columns.length - 1;
  const cells = all.slice(0, Math.max(columns.length, all.findLastIndex((cell) => cell.trim() !== '') + 1));
  const ragged = cells.length < fewestCells(columns) || cells.length > columns.length;
  const own = columns[marks] === escapedColumn && cells[marks];
  return { row, cells: own ? unescapedCells(columns, cells, own) : cells, ragged };
}
