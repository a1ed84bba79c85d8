import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Pricing, QuoteTotals, quoteTotals } from '../../../shared/commerce/quote-totals.ts';
import { defaultTaxRates, TaxCategory, TaxRates } from '../../../shared/commerce/tax.ts';
import { CurrencyMismatch, type Money } from '../../../shared/core/money.ts';

const eur = (amount: number): Money => ({ amount, currency: 'EUR' });
type Line = Pricing['lines'][number];
const line = (quantity: string, price: number, more: Partial<Line> = {}): Line => ({
  quantity,
  unitPrice: eur(price),
  taxCategory: 'standard',
  ...more,
});
const price = (lines: Line[], more: Partial<Pricing> = {}) =>
  quoteTotals({ currency: 'EUR', lines, rates: defaultTaxRates, ...more });

it('the default rates name every category', () => expect(TaxRates.parse(defaultTaxRates)).toEqual(defaultTaxRates));

it('twenty pieces at 550.00, five percent off', () => {
  const { lines, totals } = price([line('20', 55000, { discountPercent: '5' })]);
  expect(lines).toEqual([{ net: eur(1_045_000), documentDiscount: eur(0), taxable: eur(1_045_000) }]);
  expect(totals).toEqual({
    net: eur(1_045_000),
    discount: eur(55_000),
    taxes: [{ category: 'standard', rate: '19', taxable: eur(1_045_000), tax: eur(198_550) }],
    gross: eur(1_243_550),
  });
  expect(QuoteTotals.parse(totals)).toEqual(totals);
});

it.each<[string, Line[], Partial<Pricing>, { net: number; discount: number; tax: number[]; gross: number }]>([
  ['an empty quote', [], {}, { net: 0, discount: 0, tax: [], gross: 0 }],
  ['an empty quote with a discount', [], { discountPercent: '10' }, { net: 0, discount: 0, tax: [], gross: 0 }],
  // Each line's own tax would be 0.0247 -> 0.02 and make 0.06: the category's is 0.0741 -> 0.07.
  [
    'tax once per category',
    [line('1', 13), line('1', 13), line('1', 13)],
    {},
    { net: 39, discount: 0, tax: [7], gross: 46 },
  ],
  ['half a cent goes up', [line('0.5', 1)], {}, { net: 1, discount: 0, tax: [0], gross: 1 }],
  [
    'or to even, as the policy says',
    [line('0.5', 1)],
    { rounding: 'halfEven' },
    { net: 0, discount: 0, tax: [0], gross: 0 },
  ],
  [
    'the discount of the document too',
    [line('1', 50)],
    { discountPercent: '1', rounding: 'halfEven' },
    { net: 50, discount: 0, tax: [10], gross: 60 },
  ],
  ['a millionth of something', [line('0.000001', 1_000_000)], {}, { net: 1, discount: 0, tax: [0], gross: 1 }],
  [
    'a rebate line',
    [line('1', 10_000), line('1', -2_500)],
    {},
    { net: 7_500, discount: 0, tax: [1_425], gross: 8_925 },
  ],
  ['a quote below zero', [line('1', -50)], {}, { net: -50, discount: 0, tax: [-10], gross: -60 }],
  [
    'everything for nothing',
    [line('3', 999)],
    { discountPercent: '100' },
    { net: 0, discount: 2997, tax: [0], gross: 0 },
  ],
  [
    'both discounts, one after the other',
    [line('1', 10_000, { discountPercent: '10' }), line('1', 1_000, { taxCategory: 'reduced' })],
    { discountPercent: '3' },
    // 9,000 + 1,000 less 300, of which 270 and 30.
    { net: 9_700, discount: 1_300, tax: [1_659, 68], gross: 11_427 },
  ],
  [
    'categories in their order',
    [line('1', 100, { taxCategory: 'reverseCharge' }), line('1', 100, { taxCategory: 'reduced' })],
    {},
    { net: 200, discount: 0, tax: [7, 0], gross: 207 },
  ],
])('%s', (_, lines, more, expected) => {
  const { totals } = price(lines, more);
  expect({
    net: totals.net.amount,
    discount: totals.discount.amount,
    tax: totals.taxes.map(({ tax }) => tax.amount),
    gross: totals.gross.amount,
  }).toEqual(expected);
});

it('spreads the discount of the document by largest remainder', () => {
  const { lines } = price([line('1', 100), line('1', 100), line('1', 100)], { discountPercent: '0.3333' });
  expect(lines.map(({ documentDiscount }) => documentDiscount.amount)).toEqual([1, 0, 0]);
});

it.each([
  ['JPY', 1500, 1785],
  ['KWD', 1005, 1196],
])('counts %s in its own minor unit', (currency, amount, gross) => {
  const { totals } = quoteTotals({
    currency,
    lines: [{ quantity: '1', unitPrice: { amount, currency }, taxCategory: 'standard' }],
    rates: defaultTaxRates,
  });
  expect(totals.gross).toEqual({ amount: gross, currency });
});

it('refuses a price in another currency and more than can be counted', () => {
  expect(() => price([line('1', 1), line('1', 0, { unitPrice: { amount: 0, currency: 'USD' } })])).toThrow(
    CurrencyMismatch,
  );
  expect(() => price([line('999999999999', Number.MAX_SAFE_INTEGER)])).toThrow(RangeError);
});

describe('200 lines of anything', () => {
  const hundredths = (max: number) => fc.integer({ min: 0, max }).map((n) => (n / 100).toFixed(2));
  const lines = fc.array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 10 ** 9 }).map((n) => (n / 10 ** 6).toFixed(6)),
      unitPrice: fc.integer({ min: -100_000, max: 10_000_000 }).map(eur),
      discountPercent: hundredths(10_000),
      taxCategory: fc.constantFrom(...TaxCategory.options),
    }),
    { maxLength: 200, size: 'max' },
  );
  it('balance to the cent', () => {
    fc.assert(
      fc.property(
        lines,
        hundredths(10_000),
        fc.constantFrom('halfUp', 'halfEven'),
        (given, discountPercent, rounding) => {
          const priced = price(given, { discountPercent, rounding });
          const { net, discount, taxes, gross } = priced.totals;
          const all = (amounts: number[]) => amounts.reduce((a, b) => a + b, 0);
          const list = price(
            given.map(({ discountPercent: _, ...rest }) => rest),
            { rounding },
          ).totals.net;
          expect(all(priced.lines.map(({ taxable }) => taxable.amount))).toBe(net.amount);
          expect(all(taxes.map(({ taxable }) => taxable.amount))).toBe(net.amount);
          expect(net.amount + all(taxes.map(({ tax }) => tax.amount))).toBe(gross.amount);
          expect(net.amount + discount.amount).toBe(list.amount);
          for (const { taxable, tax, rate } of taxes) {
            expect(Math.abs(tax.amount - (taxable.amount * Number(rate)) / 100)).toBeLessThanOrEqual(0.5 + 1e-6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
