import * as z from 'zod';
import { multiplyRounded, type Percent, percentOf, type Quantity, type Rounding } from '../core/decimal.ts';
import { add, Money, spread, subtract, sum } from '../core/money.ts';
import { Tax, type TaxCategory, type TaxRates, taxesOf } from './tax.ts';

/**
 * The sums of a quote: after all discounts, what those took off the list price, tax by category, and what the customer
 * pays.
 */
export const QuoteTotals = z
  .strictObject({ net: Money, discount: Money, taxes: z.array(Tax), gross: Money })
  .meta({ id: 'QuoteTotals' });
export type QuoteTotals = z.infer<typeof QuoteTotals>;

/** What a line costs: after its own discount, its share of the document's discount, and what is left to be taxed. */
export interface PricedLine {
  net: Money;
  documentDiscount: Money;
  taxable: Money;
}

/** What the sums of a quote depend on; discounts in percent. */
export interface Pricing {
  currency: string;
  lines: readonly {
    quantity: Quantity;
    unitPrice: Money;
    discountPercent?: Percent | undefined;
    taxCategory: TaxCategory;
  }[];
  discountPercent?: Percent | undefined;
  rates: TaxRates;
  rounding?: Rounding;
}

/**
 * Prices the lines of a quote and sums them up. A line's net is quantity x price less its discount, rounded once; the
 * document's discount is taken off the sum of those and spread over the lines by largest remainder; tax is rounded
 * once per category; gross is net plus tax. Throws CurrencyMismatch where a price is in another currency, RangeError
 * beyond the safe integers: check both before. Source: domain.md 6, 7; EN 16931.
 */
export const quoteTotals = (pricing: Pricing): { lines: PricedLine[]; totals: QuoteTotals } => {
  const { currency, discountPercent = '0', rates, rounding = 'halfUp' } = pricing;
  const money = (amount: number): Money => ({ amount, currency });
  // Summed for its check alone: every price is in the quote's currency.
  sum(
    currency,
    pricing.lines.map(({ unitPrice }) => ({ ...unitPrice, amount: 0 })),
  );

  const listed = pricing.lines.map((line) => multiplyRounded(line.unitPrice.amount, line.quantity, '0', rounding));
  const nets = pricing.lines.map((line) =>
    multiplyRounded(line.unitPrice.amount, line.quantity, line.discountPercent, rounding),
  );
  const beforeDiscount = sum(currency, nets.map(money));
  const shares = spread(percentOf(beforeDiscount.amount, discountPercent, rounding), nets.map(BigInt));
  const lines = nets.map((net, index) => {
    const documentDiscount = money(shares[index] ?? 0);
    return { net: money(net), documentDiscount, taxable: subtract(money(net), documentDiscount) };
  });

  const net = sum(
    currency,
    lines.map(({ taxable }) => taxable),
  );
  const taxes = taxesOf(
    currency,
    pricing.lines.map(({ taxCategory }, index) => ({ taxCategory, net: lines[index]?.taxable ?? money(0) })),
    rates,
    rounding,
  );
  const discount = subtract(sum(currency, listed.map(money)), net);
  return {
    lines,
    totals: {
      net,
      discount,
      taxes,
      gross: add(
        net,
        sum(
          currency,
          taxes.map(({ tax }) => tax),
        ),
      ),
    },
  };
};
