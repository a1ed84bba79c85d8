import type { Range } from './places.ts';
import { type Item, Store } from './store.ts';

interface Wanted {
  key: { pk: string; sk: string };
  give: (item: Item | undefined) => void;
  fail: (error: unknown) => void;
}

const mostAtOnce = 32;

/**
 * A store for many commands that run side by side: the single reads that they ask for at the same time go out together, a hundred a
 * BatchGet, and what was read once is not read again. What is decided on it is checked when it is committed, as ever. Made anew for
 * every round, so that nothing in it is old.
 */
export class GatheringStore extends Store {
  readonly #items = new Map<string, Promise<Item | undefined>>();
  readonly #pages = new Map<string, Promise<Item[]>>();
  #wanted: Wanted[] = [];
  readonly #waiting: (() => void)[] = [];
  #out = 0;

  constructor({ client, table }: Store) {
    super(client, table);
  }

  override get(key: { pk: string; sk: string }): Promise<Item | undefined> {
    const name = nameOf(key);
    const known = this.#items.get(name);
    if (known) return known;
    const asked = new Promise<Item | undefined>((give, fail) => {
      if (this.#wanted.push({ key, give, fail }) === 1) setImmediate(() => void this.#fetch());
    });
    this.#items.set(name, asked);
    return asked;
  }

  override async getMany(keys: readonly { pk: string; sk: string }[]): Promise<Item[]> {
    const items = await Promise.all(keys.map((key) => this.get(key)));
    return items.filter((item) => item !== undefined);
  }

  override query(range: Range, limit: number, before?: string, consistent = false): Promise<Item[]> {
    const name = JSON.stringify([range, limit, before, consistent]);
    const known = this.#pages.get(name);
    if (known) return known;
    const asked = this.#inTurn(() => super.query(range, limit, before, consistent));
    this.#pages.set(name, asked);
    return asked;
  }

  /** So many Queries are out at a time: more would only wait for a connection. */
  async #inTurn<T>(does: () => Promise<T>): Promise<T> {
    if (this.#out >= mostAtOnce) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#out += 1;
    try {
      return await does();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#out -= 1;
    }
  }

  async #fetch(): Promise<void> {
    const wanted = this.#wanted;
    this.#wanted = [];
    try {
      const items = await super.getMany(
        wanted.map(({ key }) => key),
        true,
      );
      const found = new Map(items.map((item) => [nameOf(item as { pk: string; sk: string }), item]));
      for (const { key, give } of wanted) give(found.get(nameOf(key)));
    } catch (error) {
      for (const { fail } of wanted) fail(error);
    }
  }
}

const nameOf = ({ pk, sk }: { pk: string; sk: string }): string => `${pk}\n${sk}`;
