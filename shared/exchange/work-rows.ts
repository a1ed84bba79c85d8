import { inTurns } from '../core/in-turns.ts';
import { Refusal } from '../core/refusal.ts';
import { refusalIn } from '../core/validation.ts';
import type { Fact } from '../events/event.ts';
import { Crm } from '../store/command.ts';
import { GatheringStore } from '../store/gathering-store.ts';
import type { Occasion } from '../store/occasion.ts';
import type { Policies } from '../store/policies.ts';
import { type Action, Overtaken, placesOf, type Store, stamped } from '../store/store.ts';
import type { Outcome } from './row-receipt.ts';

/** What a row comes to: facts and what is committed with them, or nothing but its outcome. */
export interface Decided {
  outcome: Outcome;
  facts: readonly Fact[];
  also: readonly Action[];
  /** The row that it leans on, and is decided again behind; absent where it leans on none. */
  waitsFor?: unknown;
  /** By what its row is known: of two that write and have one in common, the latter is decided again behind the first. */
  keys?: readonly string[];
}

/**
 * What of a round a row sees: the rows before it and behind it that are not done, and the table once more, as it is after all that the row
 * has read. It sees none behind it where those wait for it themselves.
 */
export interface Round<R> {
  earlier: readonly R[];
  later: readonly R[];
  after: Crm;
}
/** Decides a row on what the store says now. A refusal, or a value that does not fit, fails the row alone. */
export type Decide<R> = (crm: Crm, row: R, round: Round<R>) => Promise<Decided>;

interface Pending<R> {
  row: R;
  at: number;
  /** How often it was overtaken: from then on it is committed alone. */
  tries: number;
  holder?: string | undefined;
  /** The row behind which it is decided again. */
  behind?: number | undefined;
}

const waveSize = 100;
const most = { actions: 90, tries: 6, atOnce: 8 };

/**
 * Decides and commits rows, many in one transaction. Up to a hundred rows are decided side by side on one view of the table; those that
 * would write what an earlier one of them writes wait until that one is done, and see it then. A transaction that was overtaken is tried
 * again row by row, so that one row never fails for its neighbours. Answers the outcomes in the order of the rows.
 */
export async function workRows<R>(
  around: { store: Store; policies: Policies },
  on: Occasion,
  rows: readonly R[],
  decide: Decide<R>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array<Outcome>(rows.length);
  let pending = rows.map((row, at): Pending<R> => ({ row, at, tries: 0 }));
  while (pending.length) {
    const open = new Set(pending.map(({ at }) => at));
    const free = [...pending.entries()].filter(([, { behind }]) => !open.has(behind ?? -1)).slice(0, waveSize);
    // Rows that lean on each other in a circle: the first of them goes, as if there were none behind it.
    const inCircle = free.length === 0;
    const wave = inCircle ? [...pending.entries()].slice(0, 1) : free;
    const view = () => new Crm(new GatheringStore(around.store), around.policies, on);
    const [crm, after] = [view(), view()];
    const before = pending.map(({ row }) => row);
    const decided = await Promise.all(
      wave.map(async ([n, { row, at, tries, holder }]) => {
        const round = { earlier: before.slice(0, n), later: inCircle ? [] : before.slice(n + 1), after };
        const { waitsFor, ...done } = await safely(decide, crm, row, round);
        return { row, at, tries, holder, behind: pending[before.indexOf(waitsFor as R)]?.at, ...done };
      }),
    );
    const { now, later } = apart(decided);
    const lost = await inTurns(packed(now, on), most.atOnce, (pack) => commitPack(around.store, on, pack));
    for (const { at, outcome } of now) outcomes[at] = outcome;
    for (const { one, outcome } of lost.flat()) if (outcome) outcomes[one.at] = outcome;
    const again = lost.flat().flatMap(({ one, outcome }) => (outcome ? [] : [one]));
    const taken = new Set(wave.map(([n]) => n));
    const left = pending.filter((_, n) => !taken.has(n));
    pending = [...later, ...again, ...left].sort((a, b) => a.at - b.at);
  }
  return outcomes;
}

type Ready<R> = Pending<R> & Decided;

export async function safely<R>(decide: Decide<R>, crm: Crm, row: R, round: Round<R>): Promise<Decided> {
  try {
    return await decide(crm, row, round);
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal) return { outcome: failedBy(refusal), facts: [], also: [] };
    throw error;
  }
}

const failedBy = ({ code, message, more }: Refusal): Outcome => ({
  kind: 'failed',
  code: more.errors?.[0]?.code ?? code,
  detail: more.errors?.[0]?.detail ?? message,
  ...(more.errors?.[0] && { column: more.errors[0].pointer.replace('#/', '').replaceAll('/', '.') }),
  ...(more.existingId && { id: more.existingId }),
});

/** Rows that can be committed beside each other, and those that touch what an earlier one touches. */
function apart<R>(decided: readonly Ready<R>[]): { now: Ready<R>[]; later: Ready<R>[] } {
  const touched = new Map<string, number>();
  const now: Ready<R>[] = [];
  const later: Ready<R>[] = [];
  for (const one of decided) {
    const keys = one.facts.length ? [...one.facts.flatMap(keysOf), ...(one.keys ?? [])] : [];
    const behind = one.behind ?? keys.map((key) => touched.get(key)).find((at) => at !== undefined);
    if (behind === undefined) now.push(one);
    else later.push({ ...one, behind });
    for (const key of keys) touched.set(key, one.at);
  }
  return { now, later };
}

/** What only one may write at a time: the record, and its unique keys before and after. */
const keysOf = ({ kind, before, after }: Fact): string[] => [
  after.id,
  ...(kind.unique?.(after) ?? []),
  ...((before && kind.unique?.(before)) ?? []),
];

/** At least as many actions as facts come to: records, events, keys, look-ups. */
function weightOf<R>({ facts, also }: Ready<R>, on: Occasion): number {
  const shared = (fact: Fact) =>
    (placesOf(fact.kind, stamped(fact, on)).shared?.length ?? 0) +
    (fact.before ? (placesOf(fact.kind, fact.before).shared?.length ?? 0) : 0);
  return facts.reduce((sum, fact) => sum + keysOf(fact).length + 1 + shared(fact), also.length);
}

function packed<R>(ready: readonly Ready<R>[], on: Occasion): Ready<R>[][] {
  const packs: Ready<R>[][] = [];
  let room = 0;
  for (const one of ready.filter(({ facts }) => facts.length)) {
    const weight = weightOf(one, on);
    const last = packs.at(-1);
    if (last && weight <= room && one.tries === 0) {
      last.push(one);
      room -= weight;
    } else {
      packs.push([one]);
      room = one.tries === 0 ? most.actions - weight : 0;
    }
  }
  return packs;
}

/** A row whose transaction did not hold: to be decided again, or what it came to. */
interface Lost<R> {
  one: Pending<R>;
  outcome?: Outcome;
}

async function commitPack<R>(store: Store, on: Occasion, pack: readonly Ready<R>[]): Promise<Lost<R>[]> {
  try {
    await store.commit(
      on,
      pack.flatMap(({ facts }) => facts),
      () => undefined,
      pack.flatMap(({ also }) => also),
    );
    return [];
  } catch (error) {
    if (!(error instanceof Overtaken || error instanceof Refusal)) throw error;
    return pack.map((one) => lostBy(error, one, pack.length === 1));
  }
}

function lostBy<R>(error: Overtaken | Refusal, { row, at, tries, holder }: Ready<R>, alone: boolean): Lost<R> {
  const one = { row, at, tries: tries + 1, ...(alone && error instanceof Overtaken && { holder: error.holder }) };
  if (!alone) return { one };
  if (error instanceof Refusal) return { one, outcome: failedBy(error) };
  if (error.holder && error.holder === holder)
    return {
      one,
      outcome: { kind: 'failed', code: 'record.duplicate', id: holder, detail: `${holder} has this already` },
    };
  return tries + 1 < most.tries
    ? { one }
    : { one, outcome: { kind: 'failed', code: 'record.busy', detail: 'Others changed it at the same time' } };
}
