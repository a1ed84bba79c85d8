import { tried } from '../../../shared/exchange/decide-row.ts';
import type { ImportOptions, ObjectName } from '../../../shared/exchange/import.ts';
import { contextOf, planOf } from '../../../shared/exchange/import-plan.ts';
import { importables } from '../../../shared/exchange/importables.ts';
import { proposals, proposedMapping } from '../../../shared/exchange/propose.ts';
import type { Outcome } from '../../../shared/exchange/row-receipt.ts';
import { Crm } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

export const now = new Date('2026-06-30T10:00:00.000Z');
export const stamps = {
  version: 1,
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
  createdBy: 'usr_test',
};

/** What a preview says of each row of a file, over a table that holds these items. The mapping is the one that it proposes. */
export async function lookedAt(
  object: ObjectName,
  items: readonly Record<string, unknown>[],
  [columns, ...rows]: [string[], ...string[][]],
  onDuplicate: ImportOptions['onDuplicate'] = 'update',
): Promise<Outcome[]> {
  const table = new TableInMemory();
  for (const item of items) table.put(item);
  const { store, policies } = table.around(() => now);
  const crm = new Crm(store, policies, { now, actor: { kind: 'system', id: 'test' }, correlationId: 'test' });
  const to = importables[object];
  const lines = rows.map((cells, n) => ({ row: n + 1, cells, ragged: false }));
  const mapping = proposedMapping(columns, to.fields, proposals(columns, to, lines, await contextOf(crm, {})));
  const plan = await planOf(
    crm,
    {
      ...stamps,
      id: `imp_${'0'.repeat(26)}`,
      object,
      options: { runWorkflows: false, onDuplicate },
      status: 'ready',
      counts: { rows: 0, created: 0, updated: 0, skipped: 0, failed: 0 },
      mapping,
      file: {
        bytes: 1,
        dialect: { delimiter: ',', header: true, encoding: 'utf-8' },
        columns,
        orders: {},
        start: { offset: 0, row: 0 },
      },
    } as Parameters<typeof planOf>[1],
    'bucket',
  );
  return (await tried(plan.importing, crm, lines.map(plan.read))).map(({ outcome }) => outcome);
}
