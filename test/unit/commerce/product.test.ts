import { describe, expect, it } from 'vitest';
import { Product, ProductDetails, skuKey } from '../../../shared/commerce/product.ts';
import { newId } from '../../../shared/core/ids.ts';

const said = { sku: ' GTX-1 ', name: 'GTX Basic', unit: 'piece', price: { amount: 55_000, currency: 'EUR' } };

describe('a product', () => {
  it('is sold at the standard rate unless said otherwise', () => {
    expect(ProductDetails.parse(said)).toMatchObject({ sku: 'GTX-1', taxCategory: 'standard', active: true });
  });

  it.each([
    ['a negative price', { price: { amount: -1, currency: 'EUR' } }],
    ['half a cent', { price: { amount: 0.5, currency: 'EUR' } }],
    ['no currency', { price: { amount: 1 } }],
    ['a negative cost', { cost: { amount: -1, currency: 'EUR' } }],
    ['an empty sku', { sku: ' ' }],
    ['a tax that there is not', { taxCategory: 'luxury' }],
    ['a field that there is not', { colour: 'red' }],
  ])('is refused with %s', (_, more) => {
    expect(ProductDetails.safeParse({ ...said, ...more }).success).toBe(false);
  });

  it('gives its sku free when it is archived', () => {
    const product = { ...ProductDetails.parse(said), id: newId('prd', new Date()) };
    expect(Product.unique?.(product)).toEqual([skuKey('GTX-1')]);
    expect(Product.unique?.({ ...product, archivedAt: '2026-11-24T09:00:00.000Z' })).toEqual([]);
  });
});
