import * as z from 'zod';

/**
 * Six places: what a quantity may have. A decimal in computation is a bigint of millionths, so nothing is ever lost.
 */
const places = 6;
const one = 10n ** BigInt(places);
const hundred = 100n * one;

/** A decimal string of up to 12 digits and 6 places, zero included: a quantity that has been fulfilled, is left, ... */
export const Quantity = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,6})?$/, 'a decimal of up to 12 digits and 6 places')
  .meta({ id: 'Quantity' });
export type Quantity = z.infer<typeof Quantity>;

/** A quantity above zero: what somebody orders. */
export const PositiveQuantity = z
  .string()
  .regex(/^(?=.*[1-9])\d{1,12}(\.\d{1,6})?$/, 'a decimal above zero of up to 12 digits and 6 places')
  .meta({ id: 'PositiveQuantity' });

/** Percent as a decimal string, "0" to "100" with up to 4 places: a discount, a tax rate ("19", "7.5"). */
export const Percent = z
  .string()
  .regex(/^(\d{1,2}(\.\d{1,4})?|100(\.0{1,4})?)$/, 'percent from 0 to 100 with up to 4 places')
  .meta({ id: 'Percent' });
export type Percent = z.infer<typeof Percent>;

/** What happens to exactly a half: away from zero, or to the even neighbour. */
export const Rounding = z.enum(['halfUp', 'halfEven']);
export type Rounding = z.infer<typeof Rounding>;

/** A decimal string as a bigint of millionths ("2.5" is 2500000n). Throws RangeError on anything else. */
export const parseDecimal = (text: string): bigint => {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`${JSON.stringify(text)} is not a decimal of up to ${places} places`);
  const magnitude = BigInt(whole) * one + BigInt(fraction.padEnd(places, '0'));
  return sign === '-' ? -magnitude : magnitude;
};

/** Millionths as the shortest decimal string: "20", "2.5", "-0.000001". */
export const formatDecimal = (millionths: bigint): string => {
  const magnitude = millionths < 0n ? -millionths : millionths;
  const fraction = String(magnitude % one)
    .padStart(places, '0')
    .replace(/0+$/, '');
  return `${millionths < 0n ? '-' : ''}${magnitude / one}${fraction && `.${fraction}`}`;
};

/** Negative, zero or positive, as `Array.prototype.sort` wants it: "2.50" equals "2.5". */
export const compareDecimals = (a: string, b: string): number => {
  const difference = parseDecimal(a) - parseDecimal(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** The sum of decimal strings, exact and canonical; of none, "0". */
export const addDecimals = (...terms: string[]): string =>
  formatDecimal(terms.reduce((total, term) => total + parseDecimal(term), 0n));

/** `a - b`, exact and canonical; below zero where b is more. */
export const subtractDecimals = (a: string, b: string): string => formatDecimal(parseDecimal(a) - parseDecimal(b));

/** The quotient as an integer; a half goes where `rounding` says. Throws RangeError on division by zero. */
export const divideRounded = (dividend: bigint, divisor: bigint, rounding: Rounding = 'halfUp'): bigint => {
  const negative = dividend < 0n !== divisor < 0n;
  const n = dividend < 0n ? -dividend : dividend;
  const d = divisor < 0n ? -divisor : divisor;
  const down = n / d;
  const twice = (n % d) * 2n;
  const up = twice > d || (twice === d && (rounding === 'halfUp' || down % 2n === 1n));
  const magnitude = up ? down + 1n : down;
  return negative ? -magnitude : magnitude;
};

/** A bigint as a number. Throws RangeError beyond ±(2^53 - 1), where JSON would change it silently. */
export const safeInteger = (value: bigint): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond the safe integers`);
  return number;
};

/**
 * `amount x quantity x (1 - percentOff / 100)` in minor units, rounded once at the end. Throws RangeError if too
 * large.
 */
export const multiplyRounded = (
  amount: number,
  quantity: Quantity,
  percentOff: Percent = '0',
  rounding: Rounding = 'halfUp',
): number =>
  safeInteger(
    divideRounded(
      BigInt(amount) * parseDecimal(quantity) * (hundred - parseDecimal(percentOff)),
      one * hundred,
      rounding,
    ),
  );

/** `amount x percent / 100` in minor units, rounded. */
export const percentOf = (amount: number, percent: Percent, rounding: Rounding = 'halfUp'): number =>
  safeInteger(divideRounded(BigInt(amount) * parseDecimal(percent), hundred, rounding));
