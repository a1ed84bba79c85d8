import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decimalSign, readCell } from '../../../shared/exchange/cells.ts';
import { dateOrder } from '../../../shared/exchange/dates.ts';
import { type Field, fieldAt, fieldsOf } from '../../../shared/exchange/fields.ts';
import { objectNames } from '../../../shared/exchange/import.ts';
import { importables } from '../../../shared/exchange/importables.ts';
import { CellFault, type Reading } from '../../../shared/exchange/reading.ts';
import { writeCell } from '../../../shared/exchange/write-cell.ts';
import { AccountDetails } from '../../../shared/sales/account.ts';
import { NewOpportunity } from '../../../shared/sales/open-opportunity.ts';

const reading: Reading = { timeZone: 'Europe/Berlin', ownCurrency: 'EUR' };
const read = (field: Field, cell: string, more: Partial<Reading> = {}) => {
  try {
    return readCell(field, cell, { ...reading, ...more });
  } catch (error) {
    if (error instanceof CellFault) return error.code;
    throw error;
  }
};

describe('dates', () => {
  test.each<[string, Partial<Reading>, string]>([
    ['2017-03-01', {}, '2017-03-01'],
    ['2017/3/1', {}, '2017-03-01'],
    ['20170301', {}, '2017-03-01'],
    ['1.3.2017', {}, '2017-03-01'],
    ['31/12/2016', {}, '2016-12-31'],
    ['12/31/2016', {}, '2016-12-31'],
    ['03/03/2017', {}, '2017-03-03'],
    ['1 Mar 2017', {}, '2017-03-01'],
    ['March 1, 2017', {}, '2017-03-01'],
    ['2017-03-01T10:00:00Z', {}, '2017-03-01'],
    ['01/02/2017', {}, 'date.ambiguous'],
    ['01/02/2017', { order: 'dayFirst' }, '2017-02-01'],
    ['01/02/2017', { order: 'monthFirst' }, '2017-01-02'],
    ['01.02.2017', { order: 'monthFirst' }, '2017-02-01'],
    ['01/02/2017', { format: 'DD/MM/YYYY' }, '2017-02-01'],
    ['1/2/17', { format: 'M/D/YY' }, '2017-01-02'],
    ['01-Feb-2017', { format: 'DD-MMM-YYYY' }, '2017-02-01'],
    ['43101', {}, '2018-01-01'],
    ['1. März 2017', {}, '2017-03-01'],
    ['1 de marzo de 2017', {}, '2017-03-01'],
    ['12-ene-2017', {}, '2017-01-12'],
    ['01-MAR-17', {}, '2017-03-01'],
    ['1er août 2017', {}, '2017-08-01'],
    ['Wednesday, March 1st, 2017', {}, '2017-03-01'],
    ['junk 5, 2017', {}, 'date.invalid'],
    ['2017-03-01 at some time', {}, 'date.invalid'],
    ['2016-13-25', {}, 'date.invalid'],
    ['2017-02-29', {}, 'date.invalid'],
    ['soon', {}, 'date.invalid'],
  ])('%s %j', (cell, more, expected) => {
    expect(read({ as: 'date' }, cell, more)).toBe(expected);
  });

  test.each([
    ['2017-03-01T10:00:00+01:00', '2017-03-01T09:00:00.000Z'],
    ['2017-03-01 10:00:00+00:00', '2017-03-01T10:00:00.000Z'],
    ['2017-03-01 01:00 UTC', '2017-03-01T01:00:00.000Z'],
    ['2017-03-01 01:00:00 +0200', '2017-02-28T23:00:00.000Z'],
    ['Wed, 01 Mar 2017 10:00:00 -0500', '2017-03-01T15:00:00.000Z'],
    ['13.01.2017 um 14.30 Uhr', '2017-01-13T13:30:00.000Z'],
    ['43101.5', '2018-01-01T11:00:00.000Z'],
    ['1488326400000', '2017-03-01T00:00:00.000Z'],
    ['2017-03-01 25:00', 'date.invalid'],
    ['2017-07-01 10:30', '2017-07-01T08:30:00.000Z'],
    ['2017-01-01', '2016-12-31T23:00:00.000Z'],
    ['7/13/2017 1:05 PM', '2017-07-13T11:05:00.000Z'],
  ])('an instant: %s', (cell, expected) => {
    expect(read({ as: 'instant' }, cell)).toBe(expected);
  });

  test.each([
    ['25/02/2017', 'dayFirst'],
    ['02/25/2017 10:00', 'monthFirst'],
    ['01/02/2017', undefined],
    ['2017-02-25', undefined],
  ])('%s shows what comes first: %s', (cell, shown) => {
    expect(dateOrder(cell)).toBe(shown);
  });
});

describe('amounts', () => {
  test.each<[string, Partial<Reading>, unknown]>([
    ['1054', { currency: 'USD', unit: 'major' }, { amount: 105_400, currency: 'USD' }],
    ['1054', { currency: 'USD', unit: 'minor' }, { amount: 1_054, currency: 'USD' }],
    ['1,054.50', {}, { amount: 105_450, currency: 'EUR' }],
    ['€ 1.054,50', {}, { amount: 105_450, currency: 'EUR' }],
    ['$1,054', {}, { amount: 105_400, currency: 'USD' }],
    ['1 054,5', {}, { amount: 105_450, currency: 'EUR' }],
    ["1'054.50 CHF", {}, { amount: 105_450, currency: 'CHF' }],
    ['(12.00)', {}, { amount: -1_200, currency: 'EUR' }],
    ['500', { currency: 'JPY' }, { amount: 500, currency: 'JPY' }],
    ['1.054', { format: '1.234,56' }, { amount: 105_400, currency: 'EUR' }],
    ['0.29', {}, { amount: 29, currency: 'EUR' }],
    ['1.0055', {}, 'number.precision'],
    ['$1.2k', {}, { amount: 120_000, currency: 'USD' }],
    ['1,5 Mio. €', {}, { amount: 150_000_000, currency: 'EUR' }],
    ['1.5E+06', {}, { amount: 150_000_000, currency: 'EUR' }],
    ['12-', {}, { amount: -1_200, currency: 'EUR' }],
    ['5,-', {}, { amount: 500, currency: 'EUR' }],
    ['.5', {}, { amount: 50, currency: 'EUR' }],
    ['R$ 1.200,50', {}, { amount: 120_050, currency: 'BRL' }],
    ['kr 1 200', { currency: 'SEK' }, { amount: 120_000, currency: 'SEK' }],
    ['1,23,456.50', {}, { amount: 12_345_650, currency: 'EUR' }],
    ['1.500', {}, 'number.ambiguous'],
    ['1.500', { order: 'decimalComma' }, { amount: 150_000, currency: 'EUR' }],
    ['1.500', { order: 'decimalPoint' }, { amount: 150, currency: 'EUR' }],
    ['1,500', { order: 'decimalComma' }, { amount: 150, currency: 'EUR' }],
    ['1.500', { currency: 'JPY' }, { amount: 1_500, currency: 'JPY' }],
    ['1.500 KWD', {}, { amount: 1_500, currency: 'KWD' }],
    ['1.5', { format: '1.234,56' }, 'number.invalid'],
    ['50-100', {}, 'number.invalid'],
    ['--5', {}, 'number.invalid'],
    ['many', {}, 'number.invalid'],
    ['12 USD', { currency: 'EUR' }, 'currency.mismatch'],
  ])('%s %j', (cell, more, expected) => {
    expect(read({ as: 'money' }, cell, more)).toEqual(expected);
  });
});

test.each([
  ['12,50', 'decimalComma'],
  ['€ 1.234.567', 'decimalComma'],
  ['1 234,5', 'decimalComma'],
  ['1,234.50', 'decimalPoint'],
  ['0.125', 'decimalPoint'],
  ['1.500', undefined],
  ['2,000', undefined],
  ['Rs. 500', undefined],
  ['', undefined],
])('%s shows what parts a fraction: %s', (cell, shown) => {
  expect(decimalSign(cell)).toBe(shown);
});

describe('other cells', () => {
  test.each<[Field, string, Partial<Reading>, unknown]>([
    [{ as: 'integer' }, '1,200', {}, 1_200],
    [{ as: 'integer' }, '1.5', {}, 'number.invalid'],
    [{ as: 'integer' }, '2.000', {}, 2_000],
    [{ as: 'integer' }, '12.0', {}, 12],
    [{ as: 'integer' }, '50-100', {}, 'number.invalid'],
    [{ as: 'number' }, '52.520', {}, 52.52],
    [{ as: 'number' }, '1e+21', {}, 1e21],
    [{ as: 'number' }, '1.5e-7', {}, 1.5e-7],
    [{ as: 'number' }, '-52.52', {}, -52.52],
    [{ as: 'boolean' }, 'Yes', {}, true],
    [{ as: 'boolean' }, 'WAHR', {}, true],
    [{ as: 'boolean' }, 'faux', {}, false],
    [{ as: 'boolean' }, 'perhaps', {}, 'value.invalid'],
    [{ as: 'choice', of: ['prospect', 'customer'] }, 'Customer', {}, 'customer'],
    [{ as: 'choice', of: ['prospect', 'customer'] }, 'Client', { values: { Client: 'customer' } }, 'customer'],
    [{ as: 'choice', of: ['prospect'] }, 'Friend', {}, 'value.unknown'],
    [{ as: 'country' }, 'Germany', {}, 'DE'],
    [{ as: 'country' }, 'United States', {}, 'US'],
    [{ as: 'country' }, 'gb', {}, 'GB'],
    [{ as: 'country' }, 'Deutschland', {}, 'DE'],
    [{ as: 'country' }, 'Estados Unidos', {}, 'US'],
    [{ as: 'country' }, 'Korea, Republic of', {}, 'KR'],
    [{ as: 'country' }, 'Trinidad and Tobago', {}, 'TT'],
    [{ as: 'country' }, 'The Netherlands', {}, 'NL'],
    [{ as: 'country' }, 'DEU', {}, 'DE'],
    [{ as: 'country' }, 'Nowhere', {}, 'country.unknown'],
    [{ as: 'list', of: { as: 'text' } }, 'a; b;', {}, ['a', 'b']],
    [
      { as: 'list', of: { as: 'email' } },
      'Jo <mailto:jo@a.example>, al@a.example.',
      {},
      ['jo@a.example', 'al@a.example'],
    ],
    [{ as: 'email' }, ' jo @a.example. ', {}, 'jo@a.example'],
    [{ as: 'email' }, 'nobody', {}, 'nobody'],
    [{ as: 'list', of: { as: 'text' } }, '["a;b","c"]', {}, ['a;b', 'c']],
    [{ as: 'externalId' }, '17', { source: 'legacy' }, { source: 'legacy', id: '17' }],
    [{ as: 'externalId' }, 'legacy:1:7', {}, { source: 'legacy', id: '1:7' }],
    [{ as: 'externalId' }, '17', {}, 'externalId.sourceMissing'],
    [{ as: 'text' }, '=1+1', {}, '=1+1'],
  ])('%j %s', (field, cell, more, expected) => {
    expect(read(field, cell, more)).toEqual(expected);
  });
});

describe('fields follow from the schema', () => {
  it('by path, with parts of an address, money, references, fields of one’s own', () => {
    const fields = fieldsOf(AccountDetails);
    expect(fields).toMatchObject({
      name: { as: 'text' },
      kind: { as: 'choice', of: ['organization', 'person'] },
      size: { as: 'integer' },
      ownerId: { as: 'reference', to: 'usr' },
      'billingAddress.country': { as: 'country' },
      'location.lat': { as: 'number' },
      tags: { as: 'list', of: { as: 'text' } },
      externalId: { as: 'externalId' },
    });
    expect(fieldAt(fields, 'custom.colour')).toEqual({ as: 'text' });
    expect(fieldAt(fields, 'nothing')).toBeUndefined();
    expect(fieldsOf(NewOpportunity)).toMatchObject({
      amount: { as: 'money' },
      closeOn: { as: 'date' },
      products: { as: 'list', of: { as: 'reference', to: 'prd' } },
    });
  });

  it('every object has its fields', () => {
    for (const object of objectNames) expect(Object.keys(importables[object].fields).length, object).toBeGreaterThan(2);
    expect(fieldsOf(importables.activities.details)).toMatchObject({ occurredAt: { as: 'instant' } });
  });
});

it('what is written is read back as the same', () => {
  const money = fc.record({
    amount: fc.integer({ min: -1e12, max: 1e12 }),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD', 'USD'),
  });
  const texts = fc.array(
    fc.string({ minLength: 1 }).filter((text) => text.trim() === text),
    { minLength: 1 },
  );
  const list: Field = { as: 'list', of: { as: 'text' } };
  const json = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()));
  fc.assert(
    fc.property(money, texts, json, (amount, parts, object) => {
      expect(read({ as: 'money' }, writeCell({ as: 'money' }, amount))).toEqual(amount);
      expect(read(list, writeCell(list, parts))).toEqual(parts);
      expect(read({ as: 'json' }, writeCell({ as: 'json' }, object))).toEqual(JSON.parse(JSON.stringify(object)));
    }),
  );
});
