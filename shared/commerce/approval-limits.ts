import { divideRounded, formatDecimal, parseDecimal } from '../core/decimal.ts';
import { format, type Money } from '../core/money.ts';
import type { Quote, QuoteLine } from './quote.ts';
import type { QuoteApproval } from './quote-policies.ts';

type Limits = Pick<typeof QuoteApproval.defaults, 'maxLineDiscountPercent' | 'maxGross'>;

const hundred = parseDecimal('100');
const mostReasons = 20;

/**
 * What of a quote is beyond what may be offered without asking; nothing if nothing is. A line counts with all that was taken off: its own
 * discount, that on the whole, and a price below the product's. Exact, whatever was rounded. The limit of the sum is in `currency`, so
 * that a quote in another one is beyond it. Source: domain.md 6.
 */
export function beyondLimits(
  { lines, totals, discountPercent = '0' }: Pick<Quote, 'lines' | 'totals' | 'discountPercent'>,
  { maxLineDiscountPercent, maxGross }: Limits,
  currency: string,
): string[] {
  const limit: Money = { amount: maxGross, currency };
  const most = parseDecimal(maxLineDiscountPercent);
  const cheap = lines.flatMap((line) => {
    const { off, whole } = takenOff(line, discountPercent);
    if (off * hundred <= most * whole) return [];
    const percent = formatDecimal(divideRounded(off * hundred, whole));
    return [`Line ${line.id} is ${percent} % below its price; ${maxLineDiscountPercent} % are free`];
  });
  const others = cheap.length - mostReasons;
  return [
    ...(totals.gross.currency !== currency ? [`It is in ${totals.gross.currency}; the limit is in ${currency}`] : []),
    ...(totals.gross.currency === currency && totals.gross.amount > maxGross
      ? [`${format(totals.gross, 'en')} in all; ${format(limit, 'en')} are free`]
      : []),
    ...cheap.slice(0, mostReasons),
    ...(others > 0 ? [`So are ${others} more lines`] : []),
  ];
}

/** How much of a line's full price was taken off, as a fraction. The full price is the product's, or the line's own if that is more. */
function takenOff(
  { unitPrice, listPrice, discountPercent }: QuoteLine,
  onTheWhole: string,
): { off: bigint; whole: bigint } {
  const full = BigInt(Math.max(unitPrice.amount, listPrice?.amount ?? 0));
  const whole = full * hundred * hundred;
  const paid =
    BigInt(unitPrice.amount) * (hundred - parseDecimal(discountPercent)) * (hundred - parseDecimal(onTheWhole));
  return { off: whole - paid, whole };
}
