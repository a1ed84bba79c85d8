import { refuseField } from '../core/refusal.ts';
import type { Crm } from '../store/command.ts';
import { Invoicing } from './invoice-policies.ts';
import { Product } from './product.ts';
import type { QuoteLine, QuoteLineDetails } from './quote.ts';
import { type QuoteTotals, quoteTotals } from './quote-totals.ts';

export interface PricedQuote {
  lines: QuoteLine[];
  totals: QuoteTotals;
}

/**
 * Lines as they will stand in a document: what a product says of price, name and tax is taken from it now and kept. Refuses with the
 * line's pointer: 422 `reference.unknown`, `currency.mismatch`; 400 `request.invalid` where price or description is nowhere said, or the
 * sum is more than can be counted exactly.
 */
export async function priceLines(
  crm: Crm,
  lines: readonly QuoteLineDetails[],
  currency: string,
  discountPercent?: string,
): Promise<PricedQuote> {
  const { taxRates, rounding } = await crm.policy(Invoicing);
  const products = await productsOf(crm, lines);
  const said = lines.map((line, n) =>
    completed(line, n, line.productId ? products.get(line.productId) : undefined, currency),
  );
  const { lines: priced, totals } = counted(() =>
    quoteTotals({ currency, lines: said, discountPercent, rates: taxRates, rounding }),
  );
  return { lines: said.map((line, n) => ({ ...line, net: priced[n]!.taxable })), totals };
}

/** Sums beyond the safe integers are refused, never rounded. */
function counted<T>(count: () => T): T {
  try {
    return count();
  } catch (error) {
    if (error instanceof RangeError) throw refuseField('request.invalid', '#/lines', 'The sum is too large');
    throw error;
  }
}

async function productsOf(crm: Crm, lines: readonly QuoteLineDetails[]): Promise<Map<string, Product>> {
  const found = new Map<string, Product>();
  for (const [n, { productId }] of lines.entries()) {
    if (!productId || found.has(productId)) continue;
    const product = await crm.refer(Product, productId, `#/lines/${n}/productId`);
    if (!product.active)
      throw refuseField('reference.unknown', `#/lines/${n}/productId`, `${product.name} is not sold any more`);
    found.set(productId, product);
  }
  return found;
}

function completed(
  line: QuoteLineDetails,
  n: number,
  product: Product | undefined,
  currency: string,
): Omit<QuoteLine, 'net'> {
  const unitPrice = line.unitPrice ?? product?.price;
  const description = line.description ?? product?.name;
  if (!unitPrice)
    throw refuseField('request.invalid', `#/lines/${n}/unitPrice`, 'A line without a product needs a price');
  if (!description)
    throw refuseField('request.invalid', `#/lines/${n}/description`, 'A line without a product needs a description');
  if (unitPrice.currency !== currency)
    throw refuseField(
      'currency.mismatch',
      `#/lines/${n}/unitPrice`,
      `${unitPrice.currency} in a document of ${currency}`,
    );
  const { productId, quantity, discountPercent = '0', taxCategory = product?.taxCategory ?? 'standard' } = line;
  const listPrice = product?.price.currency === currency ? product.price : undefined;
  return { id: String(n + 1), productId, description, quantity, unitPrice, listPrice, discountPercent, taxCategory };
}
