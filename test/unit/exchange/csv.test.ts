import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { columnNames, dialectOf, fewestCells } from '../../../shared/exchange/csv/guess-dialect.ts';
import { parseRecords } from '../../../shared/exchange/csv/records.ts';
import { csvFile, escapedCells, escapedColumn, unescapedCells } from '../../../shared/exchange/csv/writer.ts';

const bytes = (text: string) => Buffer.from(text);
const cellsOf = (text: string, delimiter: ',' | ';' | '\t' | '|' = ',') =>
  parseRecords(bytes(text), { encoding: 'utf-8', delimiter }, true).records.map(({ cells }) => cells);

describe('a dialect is told by the first bytes', () => {
  test.each([
    ['comma', 'a,b\n1,2\n3,4\n', { delimiter: ',', header: true, encoding: 'utf-8', from: 0 }],
    ['semicolon with decimal commas', 'name;price\nx;1,50\ny;2,75\n', { delimiter: ';', header: true }],
    ['tab', 'a\tb\n1\t2\n', { delimiter: '\t', header: true }],
    ['pipe', 'a|b\r\n1|2\r\n', { delimiter: '|', header: true }],
    ['one column', 'name\nAcme, Inc\nBeta\n', { delimiter: ',', header: true }],
    ['quoted delimiters', '"a;b";"c"\n"1,2,3";"d"\n"1,2";"e"\n', { delimiter: ';' }],
    ['a byte order mark', '\ufeffa,b\n1,2\n', { delimiter: ',', from: 3 }],
    ['a line of Excel', 'sep=;\r\na;b\r\n1;2\r\n', { delimiter: ';', from: 7 }],
    ['no header', 'Acme,12,2020-01-01\nBeta,13,2020-01-02\n', { header: false }],
    ['an address in the first record', 'jo@acme.example,Jo\nal@acme.example,Al\n', { header: false }],
    ['a repeated name', 'name,email,email\nA,a@x.example,b@x.example\n', { header: true }],
    ['years for names', 'name,2019,2020\nA,5,6\n', { header: true }],
    ['empty lines first', '\r\n\r\na,b\r\n1,2\r\n', { header: true, from: 4 }],
    ['titles first', 'All accounts\nas of 2024-01-01\n\nname,city,phone\nA,B,1\nC,D,2\n', { header: true, from: 31 }],
    [
      'titles of a spreadsheet',
      'All accounts;;\n;;\nname;city;phone\nA;B;1\n',
      { header: true, delimiter: ';', from: 18 },
    ],
    ['the line of Excel, and CR', 'sep=;\ra;b\r1;2\r', { delimiter: ';', from: 6 }],
    ['quotes all over', '"age";"job"\n30;"un;employed"\n', { delimiter: ';', header: true }],
  ])('%s', (_, text, expected) => {
    expect(dialectOf(bytes(text), true)).toMatchObject(expected);
  });

  it('UTF-16, with a mark and without', () => {
    const text = 'name;city\r\nMüller;Köln\r\n';
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const [file, encoding, from] of [
      [little, 'utf-16le', 2],
      [big, 'utf-16be', 2],
      [little.subarray(2), 'utf-16le', 0],
    ] as const) {
      const dialect = dialectOf(file, true);
      expect(dialect).toEqual({ encoding, from, delimiter: ';', header: true });
      const { records } = parseRecords(file.subarray(from), dialect, true);
      expect(records.map(({ cells }) => cells)).toEqual([
        ['name', 'city'],
        ['Müller', 'Köln'],
      ]);
    }
  });

  it('what a person says holds', () => {
    expect(dialectOf(bytes('a,b;c\n1,2;3\n'), true, { delimiter: ';', header: false })).toMatchObject({
      delimiter: ';',
      header: false,
    });
  });
});

describe('records', () => {
  test.each([
    ['an empty file', '', []],
    ['no line end at the end', 'a,b', [['a', 'b']]],
    ['CR, LF and CRLF', 'a\rb\nc\r\nd', [['a'], ['b'], ['c'], ['d']]],
    [
      'empty cells',
      ',\n,',
      [
        ['', ''],
        ['', ''],
      ],
    ],
    ['quotes, doubled quotes, line breaks', '"a ""b"" c","d\r\ne"\n', [['a "b" c', 'd\r\ne']]],
    ['a quote within a cell is itself', 'a 5" pipe,b\n', [['a 5" pipe', 'b']]],
    ['text behind a closing quote', '"a"b,c\n', [['ab', 'c']]],
    [
      'a quote that nobody closes costs its record alone',
      'a,"b\nc,d\n',
      [
        ['a', '"b'],
        ['c', 'd'],
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(cellsOf(text)).toEqual(expected);
  });

  it('a cell that is no UTF-8 is Windows-1252, its neighbours stay UTF-8', () => {
    const file = Buffer.concat([Buffer.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72, 0x2c, 0x80, 0x2c]), bytes('Köln\n')]);
    const { records } = parseRecords(file, { encoding: 'utf-8', delimiter: ',' }, true);
    expect(records[0]?.cells).toEqual(['Müller', '€', 'Köln']);
  });

  it('reads as another reader does, and may go on at the end of any record', () => {
    const cell = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed());
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), fc.nat(), (records, line, cut) => {
        const text = records.map((cells) => cells.map(quoted).join(',')).join(line) + line;
        expect(cellsOf(text)).toEqual(parse(text, { bom: false }));
        const file = bytes(text);
        const at = cut % file.length;
        const dialect = { encoding: 'utf-8', delimiter: ',' } as const;
        const first = parseRecords(file.subarray(0, at), dialect, false);
        const rest = parseRecords(file.subarray(first.taken), dialect, true);
        expect([...first.records, ...rest.records].map(({ cells }) => cells)).toEqual(records);
      }),
      { numRuns: 300 },
    );
  });
});

test('columns are named by the header; an empty or repeated name gets its position', () => {
  expect(columnNames(['Name', '', 'Name', ' a  b '], { header: true })).toEqual(['Name', 'column2', 'Name3', 'a b']);
  expect(columnNames(['Name3', 'Name', 'Name', '\u200b'], { header: true })).toEqual([
    'Name3',
    'Name',
    'Name4',
    'column4',
  ]);
  expect(columnNames(['x', 'y'], { header: false })).toEqual(['column1', 'column2']);
});

test('the last columns may go without a name, and then without a cell', () => {
  expect(fewestCells(['a', 'column2', 'c', 'column4', 'column5'])).toBe(3);
  expect(fewestCells(['column1', 'column2'])).toBe(2);
});

describe('what a spreadsheet would run', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\u0000=1', '＝1', '＋1', '－1', '＠1', "'=1"])(
    'gets an apostrophe: %j',
    (cell) => {
      expect(escapedCells([cell])).toEqual({ cells: [`'${cell}`], escaped: [0] });
    },
  );

  test.each(['Acme', "O'Neill", "'quoted'", ' 1', '', '1-2', 'a=b'])('and nothing else: %j', (cell) => {
    expect(escapedCells([cell])).toEqual({ cells: [cell], escaped: [] });
  });

  it('comes back as it was, whatever the cells are; a file without such a cell has no column of escapes', () => {
    const columns = ['id', 'a b', '=x'];
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('=1', "'=1", "''+", '-5', '+49 1', '\t', '"', '\r\n'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
        const records = rows.map((cells) => cells.map((one) => one.toWellFormed()));
        const [header = [], ...lines] = cellsOf(csvFile(columns, records));
        const marked = header.at(-1) === escapedColumn;
        expect(marked).toBe(records.flat().some((one) => escapedCells([one]).escaped.length > 0));
        const back = lines.map((cells) =>
          marked ? unescapedCells(columns, cells, cells.at(-1)!).slice(0, -1) : cells,
        );
        expect(back).toEqual(records);
        for (const line of lines)
          for (const one of line.slice(0, 3)) expect(one).not.toMatch(/^[=+\-@\t\r\n\0＝＋－＠]/);
      }),
      { numRuns: 300 },
    );
  });
});
