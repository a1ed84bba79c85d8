import { isDeepStrictEqual } from 'node:util';
import { normalisedName } from '../core/contact-points.ts';
import { keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { faultsOf, refusalIn } from '../core/validation.ts';
import type { Fact } from '../events/event.ts';
import { Matching, match } from '../sales/match-rule.ts';
import type { Command, Crm } from '../store/command.ts';
import { mergePatch } from '../store/edit.ts';
import { GatheringStore } from '../store/gathering-store.ts';
import type { Occasion } from '../store/occasion.ts';
import type { Stamped } from '../store/record.ts';
import { type Item, stamped } from '../store/store.ts';
import type { ImportOptions } from './import.ts';
import type { Importable } from './importable.ts';
import { type Named, put, type ReadRow, type RowFault, type Values } from './map-row.ts';
import { madeId, type NamedRecords, named } from './named-records.ts';
import type { RowCommands } from './row-commands.ts';
import { type Outcome, putReceipt, receiptFor, receiptOf } from './row-receipt.ts';
import { type Decided, type Round, safely } from './work-rows.ts';

/** The view of the table that rows are tried on, and whether a row before this one becomes the record that it names. */
export interface Pretended {
  on: GatheringStore;
  becomes: (named: Named, row: number) => boolean;
}

/** What a row is decided by. */
export interface Importing {
  importId: string;
  options: ImportOptions;
  to: Importable;
  commands: RowCommands;
  known: NamedRecords;
  /** Only what would happen is asked: what would be made for the row's names is taken to be there. */
  pretend?: Pretended;
  /** By column, so that a fault of a field names the column that it came from. */
  columnOf: (path: string) => string | undefined;
}

const nothing = (outcome: Outcome): Decided => ({ outcome, facts: [], also: [] });
const failed = ({ column, code, value }: Omit<RowFault, 'row'>): Decided =>
  nothing({ kind: 'failed', code, column, detail: value });

/**
 * Decides a row of an import. One whose effect has happened already, in a turn that was lost, is what its receipt says. Else it is mapped
 * to a record that is there (by its id, its unique keys, or because it matches one) or to a new one, and the command of the API for that
 * is run; its facts are committed with the row's receipt.
 */
export async function decideRow(importing: Importing, crm: Crm, row: ReadRow, round: Round<ReadRow>): Promise<Decided> {
  const { importId, pretend } = importing;
  const before = pretend ? undefined : await receiptFor(crm.store, importId, row.row);
  if (before) return nothing({ kind: before.kind, id: before.id });
  const decided = await newRow(importing, crm, row, round);
  if (pretend || decided.waitsFor !== undefined || decided.facts.length) return decided;
  // What it found may be its own effect, by a turn that was given up and still went on.
  const since = await receiptFor(round.after.store, importId, row.row);
  return since ? nothing({ kind: since.kind, id: since.id }) : decided;
}

/** The names that rows become, and which is the first of each. */
export class NamesSoFar {
  readonly #rows = new Map<string, number>();

  add({ row, values }: ReadRow): void {
    for (const by of ['name', 'email'] as const) {
      const key = nameIn(by, values[by]);
      if (values[by] !== undefined && !this.#rows.has(key)) this.#rows.set(key, row);
    }
  }

  /** Whether another row, up to the end of its page, becomes what it names. */
  has({ by, text }: Named, row: number): boolean {
    return (this.#rows.get(nameIn(by, text)) ?? row) !== row;
  }
}

const nameIn = (by: string, said: unknown): string => `${by} ${normalisedName(String(said))}`;

/** What rows would come to, side by side on the table as it is now: nothing is written. */
export async function tried(
  importing: Importing,
  crm: Crm,
  rows: readonly ReadRow[],
  names = new NamesSoFar(),
): Promise<Decided[]> {
  for (const row of rows) names.add(row);
  const on = new GatheringStore(crm.store);
  const { importId, options } = importing;
  const here = crm.over(on, { ...crm.on, origin: { importId, runWorkflows: options.runWorkflows } });
  const trying = { ...importing, pretend: { on, becomes: (one: Named, row: number) => names.has(one, row) } };
  const round = { earlier: [], later: [], after: here };
  return Promise.all(rows.map((row) => safely((_, one) => decideRow(trying, here, one, round), here, row, round)));
}

/** What a row comes to that had no effect yet. */
async function newRow(
  importing: Importing,
  crm: Crm,
  row: ReadRow,
  { earlier, later }: Round<ReadRow>,
): Promise<Decided> {
  const { importId, to, options } = importing;
  const [fault] = row.faults;
  if (fault) return failed(fault);
  const said = await resolved(importing, crm, row);
  if (said.fault)
    return { ...failed(said.fault), waitsFor: [...earlier, ...later].find(({ values }) => becomes(said, values)) };
  const values = to.complete(said.values, said.names);
  const waitsFor = options.onDuplicate === 'create' ? undefined : await sameBefore(crm, row, earlier);
  if (waitsFor !== undefined) return { ...nothing({ kind: 'skipped' }), waitsFor };
  const existing = await existingOf(importing, crm, values);
  if (existing.fault) return failed(existing.fault);
  const keys = [...to.keys(values), ...to.sameness(values)];
  if (existing.id && options.onDuplicate === 'skip')
    return { ...nothing({ kind: 'skipped', code: 'record.duplicate', id: existing.id }), keys };
  const updates = existing.id && (options.onDuplicate === 'update' || 'id' in values);
  if (said.pretended) {
    if (!updates) valid(importing, values);
    return { ...nothing({ kind: updates ? 'updated' : 'created', id: existing.id }), keys };
  }
  const facts = updates
    ? await updated(importing, crm, existing.id!, pick(values, Object.keys(said.values)))
    : await created(importing, crm, values);
  const [main] = facts;
  if (!main) return { ...nothing({ kind: 'skipped', code: 'record.unchanged', id: existing.id }), keys };
  const effect = receiptOf([main, ...facts.slice(1)]);
  const made = [...effect.made, ...said.made.map((id) => ({ id, version: 1 }))];
  const also = [putReceipt(crm.store, importId, row.row, { ...effect, made }, crm.now)];
  return { outcome: { kind: effect.kind, id: effect.id }, facts, also, keys };
}

/** Which earlier row is of the same: that one goes first, and this one finds what it made. */
async function sameBefore(
  crm: Crm,
  { party, blocks }: ReadRow,
  earlier: readonly ReadRow[],
): Promise<ReadRow | undefined> {
  if (!party || !earlier.length) return undefined;
  const matching = await crm.policy(Matching);
  return earlier.find(
    (one) =>
      one.party !== undefined &&
      one.blocks?.some((block) => blocks?.includes(block)) === true &&
      match(party, one.party, matching).score >= matching.same,
  );
}

interface Resolved {
  values: Values;
  /** What the records that were named are called, by id. */
  names: Map<string, string>;
  /** Records that this import made for the row's names. */
  made: string[];
  /** Something of it is not there yet. */
  pretended?: boolean;
  fault?: Omit<RowFault, 'row'>;
  /** What was not found, if it is of the import's own kind: another row may become it. */
  missing?: Named;
}

/** The values of a row with the ids of what it names. */
async function resolved(
  { importId, known, to, pretend }: Importing,
  crm: Crm,
  { row, values: read, named: names }: ReadRow,
): Promise<Resolved> {
  const said: Resolved = { values: structuredClone(read), names: new Map(), made: [] };
  for (const one of names) {
    const found = await known.find(crm.store, one);
    const wanted = known.wanted(one);
    const isMissing = 'fault' in found && found.fault === 'lookup.notFound';
    const isOwn = one.to === to.kind.prefix;
    if (isMissing && one.otherwise === '' && !wanted) continue;
    const toBe = pretend && isMissing && (wanted ?? (isOwn && pretend.becomes(one, row) && one));
    if ('fault' in found && !toBe) {
      return {
        ...said,
        fault: { column: one.column, code: found.fault, value: one.text },
        ...(isMissing && isOwn && { missing: one }),
      };
    }
    const id = 'id' in found ? found.id : madeId(importId, toBe || one);
    put(said.values, one.path, id, one.many);
    said.names.set(id, one.text);
    if (toBe && wanted) pretend.on.suppose(supposed(named(importId, wanted), crm.on));
    else if (toBe) said.pretended = true;
    else if (wanted && madeId(importId, wanted) === id) said.made.push(id);
  }
  return said;
}

/** A record as it will stand in the table. */
const supposed = (fact: Fact, on: Occasion): Item & { pk: string; sk: string } => ({
  ...stamped(fact, on),
  ...keyOf(fact.after.id),
});

/** Whether a row becomes the record that another one misses. */
const becomes = ({ missing }: Resolved, values: Values): boolean =>
  missing !== undefined && nameIn(missing.by, values[missing.by]) === nameIn(missing.by, missing.text);

/** The record that a row is of, if it is there. */
async function existingOf(
  { to, columnOf }: Importing,
  crm: Crm,
  values: Values,
): Promise<{ id?: string | undefined; fault?: Omit<RowFault, 'row'> }> {
  const { id } = values;
  if (typeof id === 'string') {
    const record = id.startsWith(`${to.kind.prefix}_`) ? await crm.store.find(to.kind, id) : undefined;
    return record && !record.archivedAt
      ? { id }
      : { fault: { column: columnOf('id'), code: 'reference.unknown', value: id } };
  }
  const holders = await crm.store.holdersOf(to.keys(values));
  const [holder] = to.keys(values).flatMap((key) => holders.get(key) ?? []);
  return { id: holder ?? (await to.find(crm, values)) };
}

async function created(importing: Importing, crm: Crm, values: Values): Promise<readonly Fact[]> {
  return staged(importing, crm, importing.commands.create, valid(importing, values) as never);
}

/** What a command comes to. What it refuses is of a column. */
async function staged<I>(
  { columnOf }: Importing,
  crm: Crm,
  command: Command<I, Stamped>,
  input: I,
): Promise<readonly Fact[]> {
  try {
    return (await crm.stage(command, input)).facts;
  } catch (error) {
    const refusal = refusalIn(error);
    throw refusal ? inColumns(refusal, columnOf) : error;
  }
}

/** What a new record needs, as the schema of the API has it. */
function valid({ to, columnOf }: Importing, { id: _, ...values }: Values): unknown {
  const { success, data, error } = to.details.safeParse(values);
  if (success) return data;
  throw inColumns(faultsOf(error), columnOf);
}

const pick = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));

/** Lists of which a row adds to what is there: what it does not know of stays. */
const joined = ['externalIds', 'emails', 'phones'];

/** Only what the row says and an edit may change is changed; what it leaves empty stays. One that says nothing new is no edit, whatever the record may do. */
async function updated(importing: Importing, crm: Crm, id: string, values: Values): Promise<readonly Fact[]> {
  const { to } = importing;
  const patch = pick(values, Object.keys(to.editable.shape));
  const before = to.told(await crm.store.load(to.kind, id));
  for (const name of joined) if (patch[name]) patch[name] = union(before[name], patch[name]);
  const isNew = ([name, said]: [string, unknown]) => !isDeepStrictEqual(mergePatch(before[name], said), before[name]);
  return Object.entries(patch).some(isNew) ? staged(importing, crm, importing.commands.update, { id, patch }) : [];
}

const union = (...lists: unknown[]): unknown[] => {
  const all = lists.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
};

/** A refusal that points at columns instead of fields. */
function inColumns(refusal: Refusal, columnOf: Importing['columnOf']): Refusal {
  const errors = refusal.more.errors?.map(({ pointer, code, detail }) => {
    const path = pointer.replace('#/', '').replaceAll('/', '.');
    const missing = code === 'invalid_type' && detail.includes('undefined');
    return { pointer: `#/${columnOf(path) ?? path}`, code: missing ? 'value.missing' : rowCode(code), detail };
  });
  return new Refusal(refusal.code, refusal.message, { ...refusal.more, ...(errors && { errors }) });
}

/** The words of the schema in ours. */
const rowCode = (code: string): string => {
  if (code.includes('.')) return code;
  return code === 'invalid_value' ? 'value.unknown' : 'value.invalid';
};
