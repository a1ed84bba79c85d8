import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { blocksOf } from '../sales/match-blocks.ts';
import type { Crm } from '../store/command.ts';
import type { Row, TableFile } from './csv/table-file.ts';
import type { Importing } from './decide-row.ts';
import { type Import, sourceKey } from './import.ts';
import type { Importable } from './importable.ts';
import { importables } from './importables.ts';
import { type Context, type ReadRow, readRow } from './map-row.ts';
import { type ReadColumn, readColumns } from './mapping.ts';
import { NamedRecords } from './named-records.ts';
import { rowCommands } from './row-commands.ts';

/** How the rows of an import are read and decided. */
export interface Plan {
  file: TableFile;
  columns: readonly ReadColumn[];
  importing: Importing;
  read: (row: Row) => ReadRow;
}

export const importableOf = (object: Import['object']): Importable => importables[object];

/** How the deployment and the file write. */
export async function contextOf(crm: Crm, orders: NonNullable<Import['file']>['orders']): Promise<Context> {
  const { timeZone, currency: ownCurrency } = await crm.policy(Settings);
  return { timeZone, ownCurrency, orders: new Map(Object.entries(orders)) };
}

/** The plan of an import whose file was looked at. 409 for one that was not; 400 for a mapping that does not fit. */
export async function planOf(crm: Crm, given: Import, bucket: string): Promise<Plan> {
  const { file, mapping, id: importId, options, object } = given;
  if (!file || !mapping) throw new Refusal('record.wrongState', 'Look at the file first: POST /preview');
  const to = importableOf(object);
  const columns = readColumns(mapping, file.columns, to.fields);
  const context = await contextOf(crm, file.orders);
  return {
    file: { bucket, key: sourceKey(importId), version: file.version, dialect: file.dialect, columns: file.columns },
    columns,
    importing: {
      importId,
      options,
      to,
      commands: rowCommands[object],
      known: new NamedRecords(),
      columnOf: columnFinder(columns),
    },
    read: (row) => {
      const read = readRow(row, columns, context);
      if (read.faults.length || read.values['externalIds']) return read;
      const party = to.party(to.complete(read.values, new Map()));
      return party ? { ...read, party, blocks: blocksOf(party) } : read;
    },
  };
}

/** The column that became a field, or a part of it. */
function columnFinder(columns: readonly ReadColumn[]): Importing['columnOf'] {
  const fits = (field: string, path: string) => path === field || path.startsWith(`${field}.`);
  const alias = (path: string) => (path.startsWith('externalIds') ? 'externalId' : path);
  return (path) => columns.find(({ rule }) => fits(rule.field, alias(path)))?.column;
}
