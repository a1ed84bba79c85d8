import { describe, expect, it, test } from 'vitest';
import { fieldsOf } from '../../../shared/exchange/fields.ts';
import { importables } from '../../../shared/exchange/importables.ts';
import { type Context, readRow } from '../../../shared/exchange/map-row.ts';
import { type Mapping, readColumns } from '../../../shared/exchange/mapping.ts';
import { proposals, proposedMapping } from '../../../shared/exchange/propose.ts';
import { OpportunityDetails } from '../../../shared/sales/opportunity.ts';

const context: Context = { timeZone: 'UTC', ownCurrency: 'EUR', orders: new Map() };
const proposed = (object: keyof typeof importables, ...columns: string[]) => proposedFor(object, columns);
const proposedFor = (object: keyof typeof importables, columns: string[], ...rows: string[][]) => {
  const to = importables[object];
  const found = proposals(
    columns,
    to,
    rows.map((cells) => ({ cells })),
    context,
  );
  return proposedMapping(columns, to.fields, found);
};

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
      { 'First Name': 'firstName', 'Last Name': 'lastName', 'E-Mail': 'emails', 'Email 2': 'emails', Mobile: 'phones' },
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

  test.each<[keyof typeof importables, string, Record<string, unknown>]>([
    [
      'accounts',
      'Company name|Company owner|Phone Number|Country/Region|Postal Code|Street Address|Company Domain Name',
      {
        'Company name': 'name',
        'Company owner': { field: 'ownerId', lookup: 'name', default: '' },
        'Phone Number': 'phone',
        'Country/Region': 'billingAddress.country',
        'Postal Code': 'billingAddress.postalCode',
        'Street Address': 'billingAddress.street',
        'Company Domain Name': 'domain',
      },
    ],
    [
      'accounts',
      'Account Name|Billing State/Province|Shipping City|Address 1: ZIP/Postal Code|Main Phone|Parent Account',
      {
        'Account Name': 'name',
        'Billing State/Province': 'billingAddress.region',
        'Shipping City': 'shippingAddress.city',
        'Address 1: ZIP/Postal Code': 'billingAddress.postalCode',
        'Main Phone': 'phone',
      },
    ],
    [
      'accounts',
      'Firma|Straße|PLZ|Ort|Land|Telefon|USt-IdNr.',
      {
        Firma: 'name',
        Straße: 'billingAddress.street',
        PLZ: 'billingAddress.postalCode',
        Ort: 'billingAddress.city',
        Land: 'billingAddress.country',
        Telefon: 'phone',
        'USt-IdNr.': 'taxId',
      },
    ],
    [
      'accounts',
      'Nombre|Código postal|País',
      { Nombre: 'name', 'Código postal': 'billingAddress.postalCode', País: 'billingAddress.country' },
    ],
    [
      'contacts',
      'Nombre|Apellidos|Correo electrónico',
      { Nombre: 'firstName', Apellidos: 'lastName', 'Correo electrónico': 'emails' },
    ],
    ['contacts', 'Nom|Prénom|Téléphone', { Nom: 'lastName', Prénom: 'firstName', Téléphone: 'phones' }],
    ['contacts', 'Full Name|First Name|Last Name', { 'First Name': 'firstName', 'Last Name': 'lastName' }],
    ['contacts', 'Person - Name|Person - Email - Work', { 'Person - Name': 'name', 'Person - Email - Work': 'emails' }],
    [
      'opportunities',
      'Deal - Title|Deal - Value|Deal created',
      { 'Deal - Title': 'name', 'Deal - Value': 'amount', 'Deal created': 'openedOn' },
    ],
  ])('%s, as others export them: %s', (object, columns, expected) => {
    expect(proposed(object, ...columns.split('|'))).toEqual(expected);
  });

  it('ids of another system are external ids, and say what a record belongs to', () => {
    const columns = ['Id', 'Name', 'AccountId', 'OwnerId', 'Lead Source'];
    expect(proposedFor('opportunities', columns, ['0063A', 'A deal', '0013B', '0053C', 'Web'])).toEqual({
      Id: { field: 'externalId', source: 'import' },
      Name: 'name',
      AccountId: { field: 'accountId', lookup: 'externalId', source: 'import' },
    });
    const own = `acc_${'0'.repeat(26)}`;
    expect(proposedFor('accounts', ['Id', 'Name'], [own, 'Acme'])).toMatchObject({ Id: 'id' });
    expect(proposedFor('accounts', ['Id', 'Name'], ['0', 'Acme'], ['1', 'Beta'])).toEqual({ Name: 'name' });
    expect(proposedFor('leads', ['Email', 'Lead Source'], ['a@x.example', 'Web'], ['b@x.example', 'Fair'])).toEqual({
      Email: 'email',
    });
  });

  it('lists of ours are lists, however they are parted', () => {
    const ids = (kind: string, length: number) => ['0', '1'].map((digit) => `${kind}_${digit.repeat(length)}`);
    const columns = ['Deal', 'Account Name', 'Products', 'Contact IDs'];
    for (const written of [(all: string[]) => all.join(';'), (all: string[]) => JSON.stringify(all)]) {
      const row = ['T', 'Acme', written(ids('prd', 26)), written(ids('con', 40))];
      expect(proposedFor('opportunities', columns, row)).toMatchObject({
        Products: { field: 'products', lookup: 'name' },
        'Contact IDs': 'contactIds',
      });
      const [, ...own] = row;
      expect(proposedFor('opportunities', ['accountId', 'products', 'contactIds'], own)).toMatchObject({
        products: 'products',
        contactIds: 'contactIds',
      });
    }
    expect(proposedFor('opportunities', columns, ['T', 'Acme', '', '0031A;0031B'])).toMatchObject({
      'Contact IDs': { field: 'contactIds', lookup: 'externalId', source: 'import' },
    });
  });

  it('an external id of an exported file says itself of which source it is', () => {
    const own = `acc_${'0'.repeat(26)}`;
    expect(proposedFor('accounts', ['id', 'externalId'], [own, 'x:1'])).toMatchObject({ externalId: 'externalId' });
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

  it('takes what programs write for nothing as nothing, and a whole name apart', () => {
    const { fields: of } = importables.contacts;
    const mapped = readColumns(
      { a: 'name', b: 'emails', c: { field: 'accountId', lookup: 'name', default: '' } },
      ['a', 'b', 'c'],
      of,
    );
    const contact = (...cells: string[]) => readRow({ row: 1, cells, ragged: false }, mapped, context);
    expect(contact('Jo Ann Doe', 'N/A', '')).toMatchObject({
      values: { firstName: 'Jo Ann', lastName: 'Doe' },
      named: [],
      faults: [],
    });
    expect(contact('Doe, Jo Ann', '', '').values).toEqual({ firstName: 'Jo Ann', lastName: 'Doe' });
    expect(read('NULL', '', '', '', 'NULL', '0000-00-00')).toMatchObject({ values: { name: 'NULL' }, faults: [] });
  });

  it('leaves out what is empty, and keeps a formula as it is', () => {
    expect(read('=1+1', 'Acme', '', '', '', '').values).toEqual({ name: '=1+1' });
  });
});
