import { blocksOf } from './match-blocks.ts';
import type { Party } from './match-party.ts';
import { type Match, type Matching, match } from './match-rule.ts';

/** Somebody of a list who is taken to be the same. */
export interface Alike extends Match {
  at: number;
}

/** A block that is larger says nothing: a switchboard, a name that everybody has. Only the newest of it are compared. */
const largestBlock = 100;

/** A list that finds who of it is the same as somebody who comes: by comparing only those with a block in common. */
export class AlikeList {
  readonly #matching: Matching;
  readonly #parties: Party[] = [];
  readonly #blocks = new Map<string, number[]>();
  constructor(matching: Matching) {
    this.#matching = matching;
  }

  add(party: Party): void {
    const at = this.#parties.push(party) - 1;
    for (const key of blocksOf(party)) {
      const block = this.#blocks.get(key) ?? [];
      this.#blocks.set(key, block);
      block.push(at);
    }
  }

  /** Those of the list who are the same as somebody. */
  like(party: Party): Alike[] {
    const near = new Set(blocksOf(party).flatMap((key) => this.#blocks.get(key)?.slice(-largestBlock) ?? []));
    return [...near].flatMap((other) => {
      const found = match(this.#parties[other]!, party, this.#matching);
      return found.score >= this.#matching.same ? [{ at: other, ...found }] : [];
    });
  }
}

/** Which of a list belong together: for each its group, named by the first of it. Who is the same as one of a group is of the group. */
export function clustersOf(parties: readonly Party[], matching: Matching): number[] {
  const list = new AlikeList(matching);
  const group: number[] = [];
  const of = (n: number): number => {
    let at = n;
    while (group[at] !== at) at = group[at]!;
    group[n] = at;
    return at;
  };
  for (const [n, party] of parties.entries()) {
    group.push(n);
    for (const { at } of list.like(party)) {
      const [a, b] = [of(at), of(n)];
      group[Math.max(a, b)] = Math.min(a, b);
    }
    list.add(party);
  }
  return parties.map((_, n) => of(n));
}
