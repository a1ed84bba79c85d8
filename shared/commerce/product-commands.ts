import type * as z from 'zod';
import type { Command } from '../store/command.ts';
import { archive, edit, restore } from '../store/edit.ts';
import {
  Product,
  ProductArchived,
  ProductCreated,
  ProductDetails,
  ProductRestored,
  ProductUpdated,
} from './product.ts';

/** Adds a product to the catalogue. 409 `record.duplicate` if its sku is taken. */
export const createProduct: Command<z.infer<typeof ProductDetails>, Product> = (crm, details) =>
  crm.commit([ProductCreated(undefined, { ...details, id: crm.newId('prd') })]);

export const editProduct = edit<Product>({ kind: Product, fields: ProductDetails, event: ProductUpdated });
export const archiveProduct = archive(Product, ProductArchived);
export const restoreProduct = restore(Product, ProductRestored);
