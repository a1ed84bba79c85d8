import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Described, partyOf, registrable } from '../../../shared/sales/match-party.ts';
import { Matching, match } from '../../../shared/sales/match-rule.ts';
import { jaroWinkler, wordsInCommon } from '../../../shared/sales/match-similarity.ts';

test.each([
  ['MARTHA', 'MARHTA', 0.961],
  ['DIXON', 'DICKSONX', 0.813],
  ['DWAYNE', 'DUANE', 0.84],
  ['JONES', 'JOHNSON', 0.832],
  ['abc', 'xyz', 0],
  ['', '', 0],
  ['same', 'same', 1],
])('Jaro and Winkler of %s and %s', (a, b, expected) => {
  expect(jaroWinkler(a, b)).toBeCloseTo(expected, 3);
});

it('is the same both ways, between 0 and 1', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const found = jaroWinkler(a, b);
      expect(found).toBeGreaterThanOrEqual(0);
      expect(found).toBeLessThanOrEqual(1);
      expect(jaroWinkler(b, a)).toBeCloseTo(found, 10);
    }),
  );
});

test('words in common are weighed by their letters; one with a typing error counts', () => {
  expect(wordsInCommon(['acme', 'trading'], ['acme', 'trading', 'berlin'])).toBe(1);
  expect(wordsInCommon(['acme', 'tradnig'], ['acme', 'trading'])).toBe(1);
  expect(wordsInCommon(['acme'], ['beta'])).toBe(0);
});

test.each([
  ['shop.acme.example', 'acme.example'],
  ['shop.acme.co.uk', 'acme.co.uk'],
  ['acme.com', 'acme.com'],
  ['localhost', undefined],
])('what of %s somebody registered', (host, expected) => {
  expect(registrable(host)).toBe(expected);
});

describe('somebody is compared without ways of writing', () => {
  test.each([
    ['ACME Trading G.m.b.H.', 'acme trading'],
    ['Société Générale S.A.', 'societe generale'],
    ['The Co', 'the'],
    ['Inc', 'inc'],
  ])('%s', (name, expected) => {
    expect(partyOf({ name }).name).toBe(expected);
  });

  test.each([
    ['1 N. Ogden Ave., Suite 3', { number: '1', street: 'ogden', heading: 'n' }],
    ['1 North Ogden Avenue', { number: '1', street: 'ogden', heading: 'n' }],
    ['338 E 103RD ST', { number: '338', street: '103', heading: 'e' }],
    ['Hauptstraße 12a', { number: '12a', street: 'haupt', heading: '' }],
    ['Hauptstr. 12a', { number: '12a', street: 'haupt', heading: '' }],
    ['PO Box', undefined],
  ])('%s', (street, expected) => {
    expect(partyOf({ address: { street } }).place).toEqual(expected);
  });
});

const at = (street: string, postalCode = '') => ({ street, postalCode });

describe('who is the same', () => {
  test.each<[string, Described, Described, number]>([
    ['the same address', { name: 'A', email: 'Jo@acme.example' }, { name: 'B', email: 'jo@acme.example ' }, 100],
    ['the same tax number', { name: 'A', taxId: 'DE 123' }, { name: 'B', taxId: 'de123' }, 98],
    [
      'phone and place',
      { name: 'Whiz Kids', phone: '233-9445', address: at('518 W 103rd St') },
      { name: 'Booth House', phone: '2339445', address: at('518 West 103 St.') },
      97,
    ],
    [
      'place and a name with a word in common',
      { name: 'Jones Academy, Inc.', address: at('4344 S. Wentworth') },
      { name: 'Henry Booth House - Jones Academy', address: at('4344 S Wentworth Ave') },
      92,
    ],
    ['phone and name', { name: 'Acme Ltd', phone: '+34 612 345 678' }, { name: 'ACME', phone: '+34612345678' }, 90],
    [
      'domain and name',
      { name: 'Acme Trading GmbH', domain: 'acme.example' },
      { name: 'Acme Tradings', domain: 'www.acme.example' },
      85,
    ],
    ['a name of which nothing else is known', { name: 'Acme Ltd' }, { name: 'ACME, Inc.' }, 85],
    [
      'a name and a postal code',
      { name: 'Acme Tradings', address: at('', '10115') },
      { name: 'Acme Trading', address: at('', '10115') },
      80,
    ],
    ['a name at two domains', { name: 'Acme', domain: 'acme.example' }, { name: 'Acme', domain: 'acme.test' }, 0],
    [
      'a street with a typing error',
      { name: 'Acme Care', address: { street: '12 Kedzie Ave' } },
      { name: 'Acme', address: { street: '12 Kedize Ave' } },
      92,
    ],
    [
      'one switchboard at two places',
      { name: 'Acme North', phone: '2339445', address: at('1 Main St') },
      { name: 'Acme North', phone: '2339445', address: at('9 Oak St') },
      70,
    ],
    ['a free-mail domain', { name: 'Jo', domain: 'gmail.com' }, { name: 'Jo', domain: 'gmail.com' }, 85],
    ['nothing in common', { name: 'Acme' }, { name: 'Beta' }, 0],
    ['nothing known', {}, {}, 0],
  ])('%s', (_, a, b, score) => {
    expect(match(partyOf(a), partyOf(b), Matching.defaults).score).toBe(score);
    expect(match(partyOf(b), partyOf(a), Matching.defaults).score).toBe(score);
  });
});
