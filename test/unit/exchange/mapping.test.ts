import { describe, expect, it, test } from 'vitest';
import { fieldsOf } from '../../../shared/exchange/fields.ts';
import { importables } from '../../../shared/exchange/importables.ts';
import { type Context, readRow } from '../../../shared/exchange/map-row.ts';
import { type Mapping, proposedMapping, readColumns } from '../../../shared/exchange/mapping.ts';
import { OpportunityDetails } from '../../../shared/sales/opportunity.ts';

const context: Context = { timeZone: 'UTC', ownCurrency: 'EUR', orders: new Map() };
const proposed = (object: keyof typeof importables, ...columns: string[]) =>
  proposedMapping(columns, importables[object].fields, importables[object].also);

describe('a mapping is proposed from the headers', () => {
  test.each([
    [
      'accounts',
      ['Account Name', 'Web Site', 'Website', 'ZIP', 'custom.colour'],
      {
        'Account Name': 'name',
        'Web Site': 'domain',
        ZIP: 'billingAddress.postalCode',
        'custom.colour': 'custom.colour',
      },
    ],
    [
      'contacts',
      ['First Name', 'Last Name', 'E-Mail', 'Email 2', 'Mobile'],
      { 'First Name': 'firstName', 'Last Name': 'lastName', 'E-Mail': 'emails', Mobile: 'phones' },
    ],
    [
      'leads',
      ['email', 'first_name', 'Company', 'Notes'],
      { email: 'email', first_name: 'firstName', Company: 'company', Notes: 'message' },
    ],
    ['products', ['product', 'series', 'sales_price'], { product: 'name', series: 'category', sales_price: 'price' }],
    [
      'opportunities',
      ['id', 'name', 'closeOn', 'amount'],
      { id: 'id', name: 'name', closeOn: 'closeOn', amount: 'amount' },
    ],
  ] as const)('%s', (object, columns, expected) => {
    expect(proposed(object, ...columns)).toEqual(expected);
  });

  it('also of another system’s words', () => {
    const columns = [
      'opportunity_id',
      'sales_agent',
      'product',
      'account',
      'deal_stage',
      'engage_date',
      'close_date',
      'close_value',
    ];
    expect(proposed('opportunities', ...columns)).toMatchObject({
      opportunity_id: { field: 'externalId', source: 'import' },
      sales_agent: { field: 'ownerId', lookup: 'name' },
      product: { field: 'products', lookup: 'name' },
      account: { field: 'accountId', lookup: 'name', create: true },
      deal_stage: 'stage',
      engage_date: 'openedOn',
      close_date: 'closeOn',
      close_value: 'amount',
    });
  });
});

describe('a mapping that does not fit is refused, with a pointer each', () => {
  const fields = fieldsOf(OpportunityDetails);
  test.each<[Mapping, string]>([
    [{ x: 'name' }, 'The file has no column x'],
    [{ a: 'nothing' }, 'There is no field nothing'],
    [{ a: 'name', b: 'name' }, 'Two columns cannot both be name'],
    [{ a: { field: 'ownerId', lookup: 'sku' } }, 'ownerId can be looked up by name, email'],
    [{ a: { field: 'name', lookup: 'name' } }, 'name refers to nothing that could be looked up'],
    [{ a: { field: 'ownerId', lookup: 'name', create: true } }, 'What ownerId refers to cannot be made of a name'],
    [{ a: { field: 'ownerId', create: true } }, 'What is made has to be looked up first: say lookup'],
  ])('%j', (mapping, detail) => {
    expect(() => readColumns(mapping, ['a', 'b'], fields)).toThrow(detail);
  });
});

describe('a row', () => {
  const { fields } = importables.opportunities;
  const columns = ['deal', 'who', 'what', 'stage', 'value', 'on'];
  const read = (...cells: string[]) =>
    readRow(
      { row: 7, cells, ragged: cells.length !== columns.length },
      readColumns(
        {
          deal: 'name',
          who: { field: 'accountId', lookup: 'name', default: '(no account)' },
          what: { field: 'products', lookup: 'name', aliases: { GTXPro: 'GTX Pro' } },
          stage: { field: 'stage', values: { Engaging: 'discovery' } },
          value: { field: 'amount', currency: 'USD' },
          on: 'closeOn',
        },
        columns,
        fields,
      ),
      context,
    );

  it('says its values and what is to be looked up', () => {
    const { values, named, faults } = read('A deal', '', 'GTXPro; MG', 'Engaging', '1054', '2017-03-01');
    expect(faults).toEqual([]);
    expect(values).toEqual({
      name: 'A deal',
      stage: 'discovery',
      amount: { amount: 105_400, currency: 'USD' },
      closeOn: '2017-03-01',
    });
    expect(named.map(({ path, text, otherwise }) => [path, text, otherwise])).toEqual([
      ['accountId', '', '(no account)'],
      ['products', 'GTX Pro', undefined],
      ['products', 'MG', undefined],
    ]);
  });

  it('says all its faults at once', () => {
    expect(read('A deal', '', '', '', 'much', '2017-02-30').faults).toEqual([
      { row: 7, column: 'value', code: 'number.invalid', value: 'much' },
      { row: 7, column: 'on', code: 'date.invalid', value: '2017-02-30' },
    ]);
    expect(read('too', 'few').faults).toEqual([{ row: 7, code: 'row.ragged', value: '2 cells' }]);
  });

  it('leaves out what is empty, and keeps a formula as it is', () => {
    expect(read('=1+1', 'Acme', '', '', '', '').values).toEqual({ name: '=1+1' });
  });
});
