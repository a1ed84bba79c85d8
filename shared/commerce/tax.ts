import * as z from 'zod';
import { Percent, percentOf, type Rounding } from '../core/decimal.ts';
import { Money, sum } from '../core/money.ts';

/** How a product is taxed; which rate that is, the tax policy says. */
export const TaxCategory = z
  .enum(['standard', 'reduced', 'zero', 'exempt', 'reverseCharge'])
  .meta({ id: 'TaxCategory' });
export type TaxCategory = z.infer<typeof TaxCategory>;

/** The rate of every category in percent. */
export const TaxRates = z.record(TaxCategory, Percent);
export type TaxRates = z.infer<typeof TaxRates>;
export const defaultTaxRates: TaxRates = { standard: '19', reduced: '7', zero: '0', exempt: '0', reverseCharge: '0' };

/** One line of a document's tax breakdown: what was taxable in a category, at which rate, and the tax on it. */
export const Tax = z
  .strictObject({ category: TaxCategory, rate: Percent, taxable: Money, tax: Money })
  .meta({ id: 'Tax' });
export type Tax = z.infer<typeof Tax>;

/**
 * The tax breakdown of lines: one entry per category that occurs, in the order of TaxCategory. The tax is rounded once
 * on the sum of a category (EN 16931, BR-CO-17), never line by line. Throws CurrencyMismatch where a line has another
 * currency.
 */
export const taxesOf = (
  currency: string,
  lines: readonly { taxCategory: TaxCategory; net: Money }[],
  rates: TaxRates,
  rounding: Rounding = 'halfUp',
): Tax[] =>
  TaxCategory.options.flatMap((category) => {
    const nets = lines.filter((line) => line.taxCategory === category).map(({ net }) => net);
    if (nets.length === 0) return [];
    const rate = rates[category];
    const taxable = sum(currency, nets);
    return [{ category, rate, taxable, tax: { amount: percentOf(taxable.amount, rate, rounding), currency } }];
  });
