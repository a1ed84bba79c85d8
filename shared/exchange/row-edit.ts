import type { Values } from './map-row.ts';

/** An edit of a record by a row: what of it an edit may change, and all that the row says. */
export interface RowEdit {
  id: string;
  patch: Values;
}
