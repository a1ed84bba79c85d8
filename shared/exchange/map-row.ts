import { isId } from '../core/ids.ts';
import type { Party } from '../sales/match-party.ts';
import { addressesIn, partsOf, readCell } from './cells.ts';
import type { Row } from './csv/table-file.ts';
import type { Field } from './fields.ts';
import { type Lookup, type ReadColumn, referred } from './mapping.ts';
import { CellFault, type Reading } from './reading.ts';

/** Why a row cannot be taken: which column, which rule, what stands there. */
export interface RowFault {
  row: number;
  column?: string | undefined;
  code: string;
  value?: string | undefined;
}

/** A record that a cell names, still to be found: its id goes where `path` leads. */
export interface Named {
  column: string;
  path: string;
  many: boolean;
  to: string;
  by: Lookup;
  text: string;
  source?: string | undefined;
  create: boolean;
  otherwise?: string | undefined;
}

export type Values = Record<string, unknown>;

/** What a row says. */
export interface ReadRow {
  row: number;
  cells: string[];
  values: Values;
  named: Named[];
  faults: RowFault[];
  /** Who it is of, as that is compared with the rows around it. */
  party?: Party | undefined;
  blocks?: readonly string[];
}

/** What holds for all rows: how the deployment writes, and how columns write dates and numbers. */
export interface Context {
  timeZone: string;
  ownCurrency: string;
  orders: ReadonlyMap<string, Reading['order']>;
}

const longestShown = 200;

/** A row as values by field, with all its faults. A pure function: what cells name is looked up afterwards. */
export function readRow({ row, cells, ragged }: Row, columns: readonly ReadColumn[], context: Context): ReadRow {
  const read: ReadRow = { row, cells, values: {}, named: [], faults: [] };
  if (ragged) {
    read.faults.push({ row, code: 'row.ragged', value: `${cells.length} cells` });
    return read;
  }
  for (const column of columns) {
    const cell = cells[column.at] ?? '';
    try {
      take(read, column, cell, { ...context, ...column.rule, order: context.orders.get(column.column) });
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      read.faults.push({ row, column: column.column, code: error.code, value: cell.slice(0, longestShown) });
    }
  }
  return read;
}

function take(read: ReadRow, { column, rule, field }: ReadColumn, cell: string, reading: Reading): void {
  const { field: path, lookup, source, create = false, default: otherwise } = rule;
  const to = referred(field);
  const many = field.as === 'list';
  const text = cell.trim() === '' ? '' : cell;
  if (to) {
    const parts = many ? partsOf(text) : [text.trim()].filter(Boolean);
    for (const part of parts.length ? parts : otherwise ? [''] : []) {
      const said = reading.values?.[part] ?? rule.aliases?.[part] ?? part;
      const name = lookup === 'email' ? (addressesIn(said)[0] ?? said) : said;
      if (isId(to, name)) put(read.values, path, name, many);
      else if (lookup) read.named.push({ column, path, many, to, by: lookup, text: name, source, create, otherwise });
      else throw new CellFault('reference.unknown', `It is the id of a ${to}, or the mapping says how to look it up`);
    }
    return;
  }
  const known = reading.values?.[text.trim()] !== undefined;
  const said = !known && isNothing(field, text) ? otherwise : text;
  if (!said) return;
  const value = readCell(field, said, reading);
  if (field.as === 'fullName') Object.assign(read.values, value);
  else if (field.as === 'externalId') put(read.values, 'externalIds', value, true);
  else if (many) for (const one of value as unknown[]) put(read.values, path, one, true);
  else put(read.values, path, value, false);
}

/** Whether a cell says nothing: it is empty, or as programs write nothing, where it is no text. */
const isNothing = (field: Field, text: string): boolean =>
  text === '' ||
  (!['text', 'fullName', 'boolean'].includes(field.as) && /^(null|\\n|#?n\/a|[-–—]+|0000-00-00.*)$/i.test(text.trim()));

/** Puts a value where a path leads: `billingAddress.city`; one more of a list. */
export function put(values: Values, path: string, value: unknown, many: boolean): void {
  const dot = path.indexOf('.');
  if (dot > 0) {
    const name = path.slice(0, dot);
    const inner = (values[name] ?? {}) as Values;
    values[name] = inner;
    put(inner, path.slice(dot + 1), value, many);
  } else values[path] = many ? [...((values[path] as unknown[] | undefined) ?? []), value] : value;
}
