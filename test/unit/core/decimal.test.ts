import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDecimals,
  compareDecimals,
  divideRounded,
  formatDecimal,
  multiplyRounded,
  Percent,
  PositiveQuantity,
  parseDecimal,
  percentOf,
  Quantity,
  subtractDecimals,
} from '../../../shared/core/decimal.ts';

describe.each([
  { schema: Quantity, good: ['0', '20', '2.5', '0.000001', '999999999999.999999'] },
  { schema: PositiveQuantity, good: ['1', '0.000001', '10.0'] },
  { schema: Percent, good: ['0', '7.5', '19', '99.9999', '100', '100.0000'] },
])('accepts', ({ schema, good }) => {
  it.each(good)('%s', (text) => expect(schema.safeParse(text).success).toBe(true));
});
describe.each([
  { schema: Quantity, bad: ['', '.5', '5.', '-1', '+1', '1e3', '1,5', ' 1', '0.0000001', '1000000000000', '1\n', 1] },
  { schema: PositiveQuantity, bad: ['0', '0.0', '000.000000', 'x1'] },
  { schema: Percent, bad: ['100.0001', '101', '-1', '1.00001', '019'] },
])('refuses', ({ schema, bad }) => {
  it.each(bad)('%j', (text) => expect(schema.safeParse(text).success).toBe(false));
});

it.each([
  ['20', '20'],
  ['20.000', '20'],
  ['2.50', '2.5'],
  ['-0.000001', '-0.000001'],
  ['-0', '0'],
  ['007.10', '7.1'],
])('%s is written %s', (text, canonical) => expect(formatDecimal(parseDecimal(text))).toBe(canonical));
it.each(['', '.', '1.2345678', '1e3', 'NaN', '--1'])('%j is no decimal', (text) =>
  expect(() => parseDecimal(text)).toThrow(RangeError),
);

it('computes exactly where floating point does not', () => {
  expect(addDecimals('0.1', '0.2')).toBe('0.3');
  expect(addDecimals()).toBe('0');
  expect(subtractDecimals('1', '1.000001')).toBe('-0.000001');
  expect(compareDecimals('2.50', '2.5')).toBe(0);
  expect(compareDecimals('10', '9')).toBe(1);
  expect(compareDecimals('-1', '0')).toBe(-1);
});

it.each<[bigint, bigint, bigint, bigint]>([
  // dividend, divisor, half up, half even
  [5n, 2n, 3n, 2n],
  [-5n, 2n, -3n, -2n],
  [7n, 2n, 4n, 4n],
  [5n, -2n, -3n, -2n],
  [4n, 3n, 1n, 1n],
  [-1n, 3n, 0n, 0n],
])('%s / %s', (dividend, divisor, halfUp, halfEven) => {
  expect(divideRounded(dividend, divisor)).toBe(halfUp);
  expect(divideRounded(dividend, divisor, 'halfEven')).toBe(halfEven);
});

it.each<[number, string, string, number]>([
  [55000, '20', '5', 1_045_000],
  [5, '0.5', '0', 3],
  [-5, '0.5', '0', -3],
  [1, '0.000001', '0', 0],
  [500_000, '0.000001', '0', 1],
  [100, '1', '100', 0],
  [999, '3', '33.3333', 1998],
])('%i x %s less %s %% is %i', (amount, quantity, percentOff, result) =>
  expect(multiplyRounded(amount, quantity, percentOff)).toBe(result),
);
it('rounds to even where the policy says so', () => {
  expect(multiplyRounded(5, '0.5', '0', 'halfEven')).toBe(2);
  expect(percentOf(50, '19', 'halfUp')).toBe(10);
  expect(percentOf(50, '1', 'halfEven')).toBe(0);
});
it('refuses a result that JSON would change', () =>
  expect(() => multiplyRounded(Number.MAX_SAFE_INTEGER, '2')).toThrow(RangeError));

const decimal = fc.bigInt(-(10n ** 18n), 10n ** 18n).map(formatDecimal);
it('reads what it writes, and adding is undone by subtracting', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      expect(formatDecimal(parseDecimal(a))).toBe(a);
      expect(subtractDecimals(addDecimals(a, b), b)).toBe(a);
    }),
  );
});
it('rounds to the nearest, the same for both signs', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(1n, 10n ** 12n), fc.constantFrom('halfUp', 'halfEven'), (n, d, rounding) => {
      const rounded = divideRounded(n, d, rounding);
      const error = (rounded * d - n) * 2n;
      expect(error <= d && error >= -d).toBe(true);
      expect(divideRounded(-n, d, rounding)).toBe(-rounded);
    }),
  );
});
