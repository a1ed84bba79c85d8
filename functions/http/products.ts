import * as z from 'zod';
import { Product, ProductDetails, skuKey } from '../../shared/commerce/product.ts';
import { archiveProduct, createProduct, editProduct, restoreProduct } from '../../shared/commerce/product-commands.ts';
import { id } from '../../shared/core/ids.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { serve } from '../serve.ts';

const one = { may: 'products:write', params: z.strictObject({ id: id('prd') }), answer: Product.schema } as const;

export const endpoints = [
  endpoint('POST /v1/products', {
    summary: 'Add a product',
    may: 'products:write',
    body: ProductDetails,
    status: 201,
    answer: Product.schema,
    refuses: ['record.duplicate'],
    does: createProduct,
  }),
  listOf('GET /v1/products', {
    summary: 'List products',
    kind: Product,
    may: 'products:read',
    all: by.directory('prd'),
    filters: { sku: by.key('sku#', skuKey) },
  }),
  endpoint('GET /v1/products/{id}', {
    ...one,
    may: 'products:read',
    summary: 'Read a product',
    does: (crm, { id }) => crm.load(Product, id),
  }),
  explains('products', Product),
  endpoint('PATCH /v1/products/{id}', {
    ...one,
    summary: 'Edit a product',
    patch: ProductDetails,
    refuses: ['record.duplicate'],
    does: editProduct,
  }),
  endpoint('DELETE /v1/products/{id}', { ...one, summary: 'Archive a product', does: archiveProduct }),
  endpoint('POST /v1/products/{id}/restore', { ...one, summary: 'Bring a product back', does: restoreProduct }),
];

export const handler = serve(endpoints);
