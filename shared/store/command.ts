import { setTimeout } from 'node:timers/promises';
import { newId } from '../core/ids.ts';
import type { InForce, Policy } from '../core/policy.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import type { Occasion } from './occasion.ts';
import type { Policies } from './policies.ts';
import type { Kind, Stamped } from './record.ts';
import type { Fitness } from './references.ts';
import { type Action, Overtaken, type Store, stamped } from './store.ts';

/** A record that a command wrote: what a consistency token holds. */
export interface Written {
  id: string;
  version: number;
}

/** What a command leans on: the store and the policies, seen on one occasion. */
export class Crm {
  readonly store: Store;
  readonly on: Occasion;
  readonly #policies: Policies;
  /** What was committed on this occasion. */
  readonly written: Written[] = [];
  /** Where facts go that are committed with others later. */
  readonly #stage: Staged | undefined;
  constructor(store: Store, policies: Policies, on: Occasion, stage?: Staged) {
    this.store = store;
    this.#policies = policies;
    this.on = on;
    this.#stage = stage;
  }

  get now(): Date {
    return this.on.now;
  }

  /** A new id; in the collection or log of `within` if one is given. */
  readonly newId = (prefix: string, within?: string): string => newId(prefix, this.now, within);

  /** A record by its id; 404 if there is none, 412 if the caller has seen another version of it. */
  async load<R extends Stamped>(kind: Kind<R>, id: string): Promise<R> {
    const { seen } = this.on;
    const record = await this.store.load(kind, id);
    if (seen?.id === id && seen.version !== record.version)
      throw new Refusal('record.versionConflict', `It is at version ${record.version}`);
    return record;
  }

  /** A record that a field of the body refers to; 422 `reference.unknown` with the pointer if it leads nowhere, or does not fit. */
  async refer<R extends Stamped>(kind: Kind<R>, id: string, pointer: string, fitness?: Fitness): Promise<R> {
    const record = await this.store.find(kind, id);
    if (!record || record.archivedAt) throw refuseField('reference.unknown', pointer, `There is no ${kind.name} ${id}`);
    if (fitness?.holds({ ...record }) === false)
      throw refuseField('reference.unknown', pointer, `${id} ${fitness.otherwise}`);
    return record;
  }

  /** The policy in force now. */
  policy<B extends object>(of: Policy<B>): Promise<InForce<B>> {
    return this.#policies.inForce(of, this.now);
  }

  /** The next number of a counter (gaps allowed). Nothing is counted when only validating. */
  async count(counter: string, until?: Date): Promise<number> {
    return this.on.validateOnly ? 0 : this.store.count(counter, until);
  }

  /** Commits facts in one transaction and answers the first record as stored. `also` must hold in the same transaction. */
  commit<R extends Stamped>(facts: readonly [Fact<R>, ...Fact[]], also?: readonly Action[]): Promise<R> {
    return this.commitAs((first) => first as R, facts, also);
  }

  /**
   * Commits facts in one transaction and answers what `answer` makes of the first record as stored: this is the answer that a repeated
   * request gets, so nothing may be changed of it afterwards.
   */
  async commitAs<A>(answer: (first: Stamped) => A, facts: readonly Fact[], also?: readonly Action[]): Promise<A> {
    if (this.#stage) {
      this.#stage.facts.push(...facts);
      this.#stage.also.push(...(also ?? []));
      // Only the records of facts are answered; what changes none has nothing to say.
      return answer((facts[0] && stamped(facts[0], this.on)) as Stamped);
    }
    const records = await this.store.commit(this.on, facts, ([first]) => answer(first!), also);
    this.written.push(...records.map(({ id, version }) => ({ id, version })));
    return answer(records[0]!);
  }

  /** The same occasion, or another, over another view of the table. */
  over(store: Store, on: Occasion = this.on): Crm {
    return new Crm(store, this.#policies, on);
  }

  /** Runs a command within a command: its facts are not committed but answered, to be committed with others. */
  async stage<I, A>(command: Command<I, A>, input: I): Promise<Staged> {
    const staged: Staged = { facts: [], also: [] };
    await command(new Crm(this.store, this.#policies, this.on, staged), input);
    return staged;
  }
}

/** What a command would commit. */
export interface Staged {
  facts: Fact[];
  also: Action[];
}

/** A change to the CRM: loads, decides, commits. */
export type Command<I, A> = (crm: Crm, input: I) => Promise<A>;

export interface Outcome<A> {
  answer: A;
  /** The answer of an earlier run under the same key. */
  replayed: boolean;
  written: readonly Written[];
}

/**
 * Does a part of a longer command over until no other transaction comes first: it loads, decides and commits each time. Six tries, as a
 * whole command has, then `Overtaken`.
 */
export async function untilCommitted<A>(part: () => Promise<A>): Promise<A> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await part();
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt >= tries.usually) throw error;
      await pause(attempt);
    }
  }
}

const pause = (attempt: number) => setTimeout(Math.random() * Math.min(20 * 2 ** attempt, longestPause));

/** In turn: of 64 that want the next of a series at once, all get theirs within these. A reaction to an event has as long. */
const tries = { usually: 6, inTurn: 16 };
const longestPause = 640;

/**
 * Runs a command. Overtaken, it is run again (six tries with full jitter, more where everybody gets a turn or nobody waits for the
 * answer, then 409 `record.busy`).
 * Refused, overtaken, or with nothing to write, it looks for an answer given earlier under the same key: so the usual case pays no read
 * for idempotency.
 */
export async function run<I, A>(
  store: Store,
  policies: Policies,
  on: Occasion,
  command: Command<I, A>,
  input: I,
): Promise<Outcome<A>> {
  let holder: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const crm = new Crm(store, policies, on);
    try {
      const answer = await command(crm, input);
      // Nothing was left to do: perhaps because it was done under this key.
      const before = crm.written.length ? undefined : await earlier<A>(store, on);
      return before ?? { answer, replayed: false, written: crm.written };
    } catch (error) {
      if (!(error instanceof Overtaken || error instanceof Refusal)) throw error;
      const before = await earlier<A>(store, on);
      if (before) return before;
      if (error instanceof Refusal) throw error;
      // A command that looks its unique keys up finds the holder the second time; one that does not never will.
      if (error.holder && error.holder === holder)
        throw new Refusal('record.duplicate', `${holder} has this already`, { existingId: holder });
      if (attempt >= (error.inTurn || on.patient ? tries.inTurn : tries.usually))
        throw new Refusal('record.busy', 'Others change it at the same time: try again', { retryAfter: 1 });
      holder = error.holder;
      await pause(attempt);
    }
  }
}

/** What was answered under the key of an occasion before; undefined where it has none, or nothing was. */
async function earlier<A>(store: Store, { once, validateOnly }: Occasion): Promise<Outcome<A> | undefined> {
  const given = once && !validateOnly ? await store.givenBefore(once) : undefined;
  return given && { answer: given.answer as A, replayed: true, written: [] };
}
