import * as z from 'zod';
import {
  addDecimals,
  compareDecimals,
  divideRounded,
  parseDecimal,
  percentOf,
  Quantity,
  type Rounding,
  safeInteger,
  subtractDecimals,
} from '../core/decimal.ts';
import { add, format, Money, spread, subtract, sum } from '../core/money.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Tax, TaxCategory, type TaxRates, taxesOf } from './tax.ts';

/** The sums of an invoice or a credit note: gross is net plus tax, to the minor unit. */
export const InvoiceTotals = z.strictObject({ net: Money, tax: Money, gross: Money }).meta({ id: 'InvoiceTotals' });
export type InvoiceTotals = z.infer<typeof InvoiceTotals>;

const totalsOf = (currency: string, taxes: readonly Tax[]): InvoiceTotals => {
  const net = sum(
    currency,
    taxes.map(({ taxable }) => taxable),
  );
  const tax = sum(
    currency,
    taxes.map((each) => each.tax),
  );
  return { net, tax, gross: add(net, tax) };
};

/**
 * The tax breakdown and the sums of an invoice from its lines' nets, all discounts taken off (`taxable` of a priced
 * line). Tax is rounded once per category. Throws CurrencyMismatch where a line has another currency. Source:
 * domain.md 7; EN 16931.
 */
export const invoiceTotals = (
  currency: string,
  lines: readonly { taxCategory: TaxCategory; net: Money }[],
  rates: TaxRates,
  rounding: Rounding = 'halfUp',
): { taxes: Tax[]; totals: InvoiceTotals } => {
  const taxes = taxesOf(currency, lines, rates, rounding);
  return { taxes, totals: totalsOf(currency, taxes) };
};

/**
 * What a part of a line's quantity is worth, when `before` of it has been counted already: the value up to its end
 * less the value up to its start, so that all the parts of a line add up to exactly its net, however it is cut. For
 * partial invoices and partial credits.
 */
export const partOfLine = (
  line: { quantity: Quantity; net: Money },
  before: Quantity,
  part: Quantity,
  rounding: Rounding = 'halfUp',
): Money => {
  const whole = parseDecimal(line.quantity);
  const upTo = (quantity: bigint): bigint => divideRounded(BigInt(line.net.amount) * quantity, whole, rounding);
  const from = parseDecimal(before);
  return { ...line.net, amount: safeInteger(upTo(from + parseDecimal(part)) - upTo(from)) };
};

/** An issued invoice as a credit sees it: its own quantities, nets and rates, whatever the policies say by now. */
export interface Creditable {
  lines: readonly { id: string; quantity: Quantity; net: Money; taxCategory: TaxCategory }[];
  taxes: readonly Tax[];
  totals: InvoiceTotals;
}

/** What a credit note gives back, in positive amounts. A credit by amount names no lines. */
export const Credit = z.strictObject({
  lines: z.array(z.strictObject({ lineId: z.string(), quantity: Quantity, net: Money, taxCategory: TaxCategory })),
  taxes: z.array(Tax),
  totals: InvoiceTotals,
});
export type Credit = z.infer<typeof Credit>;

const clamp = (value: number, one: number, other: number): number =>
  Math.min(Math.max(value, Math.min(one, other)), Math.max(one, other));

/** Per category of the invoice: what has been credited so far, and what is left. */
const standing = (invoice: Creditable, earlier: readonly Credit[]) => {
  const currency = invoice.totals.gross.currency;
  return invoice.taxes.map((invoiced) => {
    const credits = earlier.flatMap(({ taxes }) => taxes.filter(({ category }) => category === invoiced.category));
    const taxable = sum(
      currency,
      credits.map((credit) => credit.taxable),
    );
    const tax = sum(
      currency,
      credits.map((credit) => credit.tax),
    );
    return {
      category: invoiced.category,
      rate: invoiced.rate,
      credited: { taxable, tax },
      left: { taxable: subtract(invoiced.taxable, taxable), tax: subtract(invoiced.tax, tax) },
    };
  });
};
type Standing = ReturnType<typeof standing>[number];

/** What is left to be credited of an invoice, net, tax and gross, after all its earlier credits. */
export const creditable = (invoice: Creditable, earlier: readonly Credit[]): InvoiceTotals =>
  totalsOf(
    invoice.totals.gross.currency,
    standing(invoice, earlier).map(({ category, rate, left }) => ({ category, rate, ...left })),
  );

/**
 * The tax that goes with crediting some net of a category, at the invoice's own rate: counted from the first credit
 * on, so that roundings do not pile up; whoever credits the last of the net takes the last of the tax.
 */
const taxOfNet = ({ rate, credited, left }: Standing, net: Money, rounding: Rounding): Money => {
  if (net.amount === left.taxable.amount) return left.tax;
  const upTo = percentOf(add(credited.taxable, net).amount, rate, rounding);
  return { ...net, amount: clamp(upTo - credited.tax.amount, 0, left.tax.amount) };
};

/**
 * The tax that is inside a credited gross of a category: gross x rate / (100 + rate), counted from the first credit
 * on.
 */
const taxInGross = ({ rate, credited, left }: Standing, gross: Money, rounding: Rounding): Money => {
  const percent = parseDecimal(rate);
  const upTo = BigInt(sum(gross.currency, [credited.taxable, credited.tax, gross]).amount);
  const tax = safeInteger(divideRounded(upTo * percent, parseDecimal('100') + percent, rounding)) - credited.tax.amount;
  // Neither more tax nor more net than the category has left: the last part has no choice.
  const [least, most] = [gross.amount - left.taxable.amount, left.tax.amount].toSorted((a, b) => a - b);
  return { ...gross, amount: clamp(clamp(tax, 0, gross.amount), least ?? 0, most ?? 0) };
};

/**
 * Credits quantities of an invoice's lines at the original prices and rates. `earlier` are all credits of the invoice
 * so far: parts that credit everything in the end add up to exactly its net and tax per category. Refuses
 * `reference.unknown` (no such line) and `invoice.exceedsCreditable` (more than is left of the line or, after credits
 * by amount, of its category).
 */
export const creditByLines = (
  invoice: Creditable,
  earlier: readonly Credit[],
  lines: readonly { lineId: string; quantity: Quantity }[],
  rounding: Rounding = 'halfUp',
): Credit => {
  const currency = invoice.totals.gross.currency;
  const done = new Map<string, Quantity>();
  const count = (lineId: string, quantity: Quantity): unknown =>
    done.set(lineId, addDecimals(done.get(lineId) ?? '0', quantity));
  for (const { lineId, quantity } of earlier.flatMap((credit) => credit.lines)) count(lineId, quantity);

  const credited = lines.map(({ lineId, quantity }, index) => {
    const line = invoice.lines.find(({ id }) => id === lineId);
    if (!line) throw refuseField('reference.unknown', `#/lines/${index}/lineId`, `The invoice has no line ${lineId}`);
    const before = done.get(lineId) ?? '0';
    const left = subtractDecimals(line.quantity, before);
    if (compareDecimals(quantity, left) > 0) {
      throw refuseField('invoice.exceedsCreditable', `#/lines/${index}/quantity`, `${left} can still be credited`);
    }
    count(lineId, quantity);
    return { lineId, quantity, net: partOfLine(line, before, quantity, rounding), taxCategory: line.taxCategory };
  });

  const taxes = standing(invoice, earlier).flatMap((state): Tax[] => {
    const nets = credited.filter(({ taxCategory }) => taxCategory === state.category).map(({ net }) => net);
    if (nets.length === 0) return [];
    const taxable = sum(currency, nets);
    if (clamp(taxable.amount, 0, state.left.taxable.amount) !== taxable.amount) {
      const left = format(state.left.taxable, 'en');
      throw new Refusal('invoice.exceedsCreditable', `${left} net is left to be credited at ${state.rate} %`);
    }
    return [{ category: state.category, rate: state.rate, taxable, tax: taxOfNet(state, taxable, rounding) }];
  });
  return { lines: credited, taxes, totals: totalsOf(currency, taxes) };
};

/**
 * Credits a gross amount, spread over the tax categories in proportion to what each has left, and split into net and
 * tax at the original rates. `earlier` are all credits of the invoice so far; the amount that is left at last takes
 * every remainder. Refuses `invoice.nothingToCredit` and `invoice.exceedsCreditable`; throws CurrencyMismatch, and
 * RangeError for an amount that is not above zero.
 */
export const creditByAmount = (
  invoice: Creditable,
  earlier: readonly Credit[],
  gross: Money,
  rounding: Rounding = 'halfUp',
): Credit => {
  const left = creditable(invoice, earlier).gross;
  const beyond = subtract(gross, left).amount > 0;
  if (gross.amount <= 0) throw new RangeError('A credit is above zero');
  if (left.amount <= 0) throw new Refusal('invoice.nothingToCredit', 'The invoice has been credited in full');
  if (beyond) {
    throw refuseField('invoice.exceedsCreditable', '#/amount', `${format(left, 'en')} can still be credited`);
  }
  const states = standing(invoice, earlier);
  const shares = spread(
    gross.amount,
    states.map((state) => BigInt(add(state.left.taxable, state.left.tax).amount)),
  );
  const taxes = states.flatMap((state, index): Tax[] => {
    const share = { ...gross, amount: shares[index] ?? 0 };
    if (share.amount === 0) return [];
    const tax = taxInGross(state, share, rounding);
    return [{ category: state.category, rate: state.rate, taxable: subtract(share, tax), tax }];
  });
  return { lines: [], taxes, totals: totalsOf(gross.currency, taxes) };
};
