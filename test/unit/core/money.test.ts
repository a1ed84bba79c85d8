import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  CurrencyMismatch,
  exponentOf,
  format,
  isZero,
  Money,
  negate,
  spread,
  subtract,
  sum,
} from '../../../shared/core/money.ts';

const eur = (amount: number): Money => ({ amount, currency: 'EUR' });
const total = (parts: readonly number[]): bigint => parts.reduce((a, b) => a + BigInt(b), 0n);
const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

it.each([
  [{ amount: 1, currency: 'EUR' }, true],
  [{ amount: -1, currency: 'JPY' }, true],
  [{ amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' }, true],
  [{ amount: Number.MAX_SAFE_INTEGER + 1, currency: 'EUR' }, false],
  [{ amount: 1.5, currency: 'EUR' }, false],
  [{ amount: Number.NaN, currency: 'EUR' }, false],
  [{ amount: '1', currency: 'EUR' }, false],
  [{ amount: 1, currency: 'eur' }, false],
  [{ amount: 1, currency: 'EURO' }, false],
  [{ amount: 1, currency: 'EUR', note: '' }, false],
])('%j is money: %s', (value, valid) => expect(Money.safeParse(value).success).toBe(valid));

describe('sums', () => {
  it('adds, subtracts, negates', () => {
    expect(add(eur(10), eur(-3))).toEqual(eur(7));
    expect(subtract(eur(10), eur(13))).toEqual(eur(-3));
    expect(sum('EUR', [])).toEqual(eur(0));
    expect(isZero(subtract(eur(5), eur(5)))).toBe(true);
  });
  it('knows no negative zero', () => expect(Object.is(negate(eur(0)).amount, 0)).toBe(true));
  it('never mixes currencies', () => {
    expect(() => add(eur(1), { amount: 1, currency: 'USD' })).toThrow(CurrencyMismatch);
    expect(() => subtract(eur(1), { amount: 1, currency: 'USD' })).toThrow(CurrencyMismatch);
    expect(() => sum('USD', [eur(0)])).toThrow(CurrencyMismatch);
  });
  it('refuses what JSON would change, and passes through it on the way', () => {
    expect(() => add(eur(Number.MAX_SAFE_INTEGER), eur(1))).toThrow(RangeError);
    expect(sum('EUR', [eur(Number.MAX_SAFE_INTEGER), eur(1), eur(-1)])).toEqual(eur(Number.MAX_SAFE_INTEGER));
  });
});

it.each([
  ['JPY', 0],
  ['EUR', 2],
  ['KWD', 3],
  ['IQD', 3],
  ['ISK', 0],
  ['CLF', 4],
])('%s has %i places', (currency, exponent) => expect(exponentOf(currency)).toBe(exponent));

it.each([
  [eur(129900), 'de', '1.299,00 €'],
  [eur(-5), 'en', '-€0.05'],
  [eur(Number.MAX_SAFE_INTEGER), 'en', '€90,071,992,547,409.91'],
  [{ amount: 1234, currency: 'JPY' }, 'en', '¥1,234'],
  [{ amount: 1234, currency: 'KWD' }, 'en', 'KWD 1.234'],
])('%j in %s reads %s', (money, language, text) => expect(format(money, language).replaceAll(/\s/g, ' ')).toBe(text));

describe('spread', () => {
  it.each<[number, bigint[], number[]]>([
    [100, [1n, 1n, 1n], [34, 33, 33]],
    [-100, [1n, 1n, 1n], [-34, -33, -33]],
    [5, [0n, 1n, 0n, 1n], [0, 3, 0, 2]],
    [5, [0n, 0n], [3, 2]],
    [0, [], []],
    [7, [5n], [7]],
    [1, [1n, 2n, 3n], [0, 0, 1]],
    [10, [300n, -100n], [15, -5]],
    [10, [-300n, 100n], [15, -5]],
  ])('%i over %s', (whole, weights, parts) => expect(spread(whole, weights)).toEqual(parts));

  it('cannot spread something over nothing', () => expect(() => spread(1, [])).toThrow(RangeError));

  const weights = fc.array(fc.bigInt(0n, 10n ** 15n), { minLength: 1, maxLength: 200 });
  it('loses and makes nothing', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), weights, (whole, w) => {
        expect(total(spread(whole, w))).toBe(BigInt(whole));
      }),
    );
  });
  it('gives everyone their share to within one unit, and nothing to a weight of zero', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), weights, (whole, w) => {
        const all = w.reduce((a, b) => a + b, 0n);
        fc.pre(all > 0n);
        spread(whole, w).forEach((part, i) => {
          const weight = w[i] ?? 0n;
          expect(magnitude(BigInt(part) * all - BigInt(whole) * weight) < all).toBe(true);
          if (weight === 0n) expect(part).toBe(0);
        });
      }),
    );
  });
  it('spreads a negative total like its opposite', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), weights, (whole, w) => {
        expect(spread(0 - whole, w)).toEqual(spread(whole, w).map((part) => 0 - part));
      }),
    );
  });
  it('adds up also where weights have both signs', () => {
    const signed = fc.array(fc.bigInt(-1000n, 1000n), { minLength: 1 });
    fc.assert(
      fc.property(fc.integer(), signed, (whole, w) => {
        expect(total(spread(whole, w))).toBe(BigInt(whole));
      }),
    );
  });
});
