import type { Fact } from '../events/event.ts';
import type { Action, Item, Store } from '../store/store.ts';

/** What a row came to. */
export interface Outcome {
  kind: 'created' | 'updated' | 'skipped' | 'failed' | 'kept';
  id?: string | undefined;
  /** Why: of a skipped, failed or kept row. */
  code?: string | undefined;
  column?: string | undefined;
  detail?: string | undefined;
}

/** The trace of a row's effect, put in the same transaction: that it happened, and what an undo needs to know. */
export interface RowReceipt {
  kind: 'created' | 'updated';
  id: string;
  /** Records that were made beside the row's own: an account, a contact. */
  made: { id: string; version: number }[];
  /** Old and new values of an update, by field. */
  changes: Record<string, { old?: unknown; new?: unknown }>;
  undone?: boolean;
  /** Why an undo left it as it is. */
  kept?: { code: string; detail: string };
}

/** An import can be undone as long as its receipts are kept. */
export const undoableDays = 90;

/** The key of a row's receipt. */
export const rowKey = (importId: string, row: number): { pk: string; sk: string } => {
  const key = `import#${importId}#${row}`;
  return { pk: key, sk: key };
};

/** What facts come to for the row whose record the first of them is. */
export function receiptOf([main, ...others]: readonly [Fact, ...Fact[]]): RowReceipt {
  const made = others.filter(({ before }) => !before).map(({ after }) => ({ id: after.id, version: 1 }));
  return {
    kind: main.before ? 'updated' : 'created',
    id: main.after.id,
    made,
    changes: main.before ? changesBetween(main.before as unknown as Item, main.after as unknown as Item) : {},
  };
}

const stampedFields = new Set(['version', 'createdAt', 'updatedAt', 'createdBy', 'origin']);

function changesBetween(before: Item, after: Item): RowReceipt['changes'] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => !stampedFields.has(field),
  );
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(changed.map((field) => [field, { old: before[field], new: after[field] }]));
}

/** Puts a receipt, once. */
export const putReceipt = (store: Store, importId: string, row: number, receipt: RowReceipt, now: Date): Action =>
  store.put(
    { ...rowKey(importId, row), ...receipt, expiresAt: Math.floor(now.getTime() / 1_000) + undoableDays * 86_400 },
    { ConditionExpression: 'attribute_not_exists(pk)' },
  );

/** Marks a receipt as undone, once, and what was kept. */
export const markUndone = (store: Store, importId: string, row: number, kept?: RowReceipt['kept']): Action => ({
  Update: {
    TableName: store.table,
    Key: rowKey(importId, row),
    UpdateExpression: `SET undone = :true${kept ? ', kept = :kept' : ''}`,
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(undone)',
    ExpressionAttributeValues: { ':true': true, ...(kept && { ':kept': kept }) },
  },
});

/** The receipt of a row, if its effect has happened. */
export async function receiptFor(store: Store, importId: string, row: number): Promise<RowReceipt | undefined> {
  const { pk: _, sk: __, expiresAt: ___, ...receipt } = (await store.get(rowKey(importId, row))) ?? {};
  return 'kind' in receipt ? (receipt as unknown as RowReceipt) : undefined;
}
