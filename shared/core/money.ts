import * as z from 'zod';
import { isCurrency } from './codes.ts';
import { safeInteger } from './decimal.ts';

/** ISO 4217. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'three upper-case letters', abort: true })
  .refine(isCurrency, 'No currency of ISO 4217');

/** An amount in minor units (cents, yen, fils) of an ISO 4217 currency. Negative where something is given back. */
export const Money = z.strictObject({ amount: z.int(), currency: Currency }).meta({ id: 'Money' });
export type Money = z.infer<typeof Money>;

/** An amount above zero: what somebody pays. */
export const PositiveMoney = Money.extend({ amount: z.int().positive() }).meta({ id: 'PositiveMoney' });

/** Two currencies met in one sum: a programming error, the caller checks currencies before it computes. */
export class CurrencyMismatch extends Error {
  override readonly name = 'CurrencyMismatch';
  constructor(expected: string, found: string) {
    super(`${found} cannot be counted together with ${expected}`);
  }
}

/**
 * The sum of a list in the given currency; of none, zero. Throws CurrencyMismatch, RangeError beyond the safe
 * integers.
 */
export const sum = (currency: string, list: readonly Money[]): Money => {
  let total = 0n;
  for (const money of list) {
    if (money.currency !== currency) throw new CurrencyMismatch(currency, money.currency);
    total += BigInt(money.amount);
  }
  return { amount: safeInteger(total), currency };
};

/** The same amount with the other sign; zero stays zero (never -0). */
export const negate = ({ amount, currency }: Money): Money => ({ amount: safeInteger(-BigInt(amount)), currency });

/** `a + b`. Throws CurrencyMismatch, RangeError beyond the safe integers. */
export const add = (a: Money, b: Money): Money => sum(a.currency, [a, b]);

/** `a - b`. Throws CurrencyMismatch, RangeError beyond the safe integers. */
export const subtract = (a: Money, b: Money): Money => sum(a.currency, [a, negate(b)]);

/** The lesser of two amounts. Throws CurrencyMismatch. */
export const least = (a: Money, b: Money): Money => (subtract(a, b).amount <= 0 ? a : b);

export const isZero = ({ amount }: Money): boolean => amount === 0;

/** ISO 4217's own table; `Intl` follows the habits of daily life instead (no fils for the Iraqi dinar). */
const exponents = new Map<string, number>([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((c) => [c, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((c) => [c, 3] as const),
  ...'CLF UYW'.split(' ').map((c) => [c, 4] as const),
]);

/** How many decimal places a currency's minor unit has: JPY 0, EUR 2, KWD 3. */
export const exponentOf = (currency: string): number => exponents.get(currency) ?? 2;

/** An amount of 0 or more in major units, as machines read it: 12900 cents are `129.00`, 129 yen `129`. */
export const decimalOf = ({ amount, currency }: Money): string => {
  const digits = exponentOf(currency);
  const text = String(amount).padStart(digits + 1, '0');
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
};

/**
 * Money as people of a language (BCP 47) read it, every minor unit shown. Throws RangeError on a malformed language.
 */
export const format = ({ amount, currency }: Money, language: string): string => {
  const digits = exponentOf(currency);
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    // An exact decimal, not a division: 2^53 - 1 cents keep their last cent.
  }).format(`${amount}E-${digits}` as Intl.StringNumericLiteral);
};

/**
 * Spreads a total over weights in proportion, by largest remainder: the parts are integers and add up to exactly the
 * total. A weight of zero gets nothing; among equal remainders the earlier wins; a negative total is spread like its
 * opposite. Weights that cancel out to zero say nothing about proportion: each gets the same. Throws RangeError for a
 * total other than zero over no weights.
 */
export const spread = (total: bigint | number, weights: readonly bigint[]): number[] => {
  const whole = BigInt(total);
  if (whole === 0n) return weights.map(() => 0);
  if (weights.length === 0) throw new RangeError(`${whole} cannot be spread over nothing`);
  const balance = weights.reduce((a, b) => a + b, 0n);
  if (balance === 0n) {
    return spread(
      whole,
      weights.map(() => 1n),
    );
  }
  if (whole < 0n) return spread(-whole, weights).map((part) => 0 - part);
  const divisor = balance < 0n ? -balance : balance;
  const shares = weights.map((weight, index) => {
    const exact = whole * (balance < 0n ? -weight : weight);
    // The remainder of a floor, never negative, also where single weights have the other sign.
    const remainder = ((exact % divisor) + divisor) % divisor;
    return { index, remainder, part: (exact - remainder) / divisor };
  });
  let left = whole - shares.reduce((a, { part }) => a + part, 0n);
  for (const share of shares.toSorted(
    (a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder),
  )) {
    if (left === 0n) break;
    share.part += 1n;
    left -= 1n;
  }
  return shares.map(({ part }) => safeInteger(part));
};
