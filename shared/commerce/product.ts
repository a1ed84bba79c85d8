import * as z from 'zod';
import { Money } from '../core/money.ts';
import { Code, Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { type Kind, record } from '../store/record.ts';
import { TaxCategory } from './tax.ts';

/** What something costs: nothing or more. */
export const Price = Money.extend({ amount: z.int().nonnegative() }).meta({ id: 'Price' });

/** What can be said of a product. */
export const ProductDetails = z.strictObject({
  sku: Code.min(1).max(100),
  name: Line.min(1).max(200),
  description: Prose.max(4_000).optional(),
  category: Line.max(100).optional(),
  unit: Line.max(40).optional(),
  price: Price,
  cost: Price.optional(),
  taxCategory: TaxCategory.default('standard'),
  active: z.boolean().default(true),
  consumable: z.boolean().optional(),
});
const ProductRecord = z.object({ ...record('prd'), ...ProductDetails.shape }).meta({ id: 'Product' });
export type Product = z.infer<typeof ProductRecord>;

export const skuKey = (sku: string): string => `sku#${sku}`;

/** What we sell: a line of the catalogue. */
export const Product: Kind<Product> = {
  name: 'product',
  prefix: 'prd',
  schema: ProductRecord,
  unique: ({ sku, archivedAt }) => (archivedAt ? [] : [skuKey(sku)]),
};

const event = eventsOf(
  Product,
  ProductRecord.pick({ sku: true, name: true, category: true, price: true, active: true }),
);
export const ProductCreated = event('created');
export const ProductUpdated = event('updated');
export const ProductArchived = event('archived');
export const ProductRestored = event('restored');
