import { ExecuteStatementCommand } from '@aws-sdk/lib-dynamodb';
import { inTurns } from '../core/in-turns.ts';
import type { Range } from './places.ts';
import { type Item, Store } from './store.ts';

type Key = { pk: string; sk: string };

/** `partitions`: AWS answers ten of them a page. `items` of ten partitions: with more, each is read by itself, as far as it is asked for. */
const most = { queries: 32, partitions: 10, items: 500 };

/**
 * A store for many commands that run side by side: the single reads that they ask for at the same time go out together, a hundred a
 * BatchGet, and so do those of whole look-ups, ten a PartiQL statement. What was read once is not read again. What is decided on it is
 * checked when it is committed, as ever. Made anew for every round, so that nothing in it is old.
 */
export class GatheringStore extends Store {
  readonly #items = new Gathering(nameOf, (keys: readonly Key[]) => this.#itemsOf(keys));
  readonly #lookUps = new Gathering(String, (partitions: readonly string[]) => this.#allIn(partitions));
  readonly #pages = new Map<string, Promise<Item[]>>();
  readonly #waiting: (() => void)[] = [];
  #out = 0;

  constructor({ client, table }: Store) {
    super(client, table);
  }

  override get(key: Key): Promise<Item | undefined> {
    return this.#items.of(key);
  }

  /** Takes something to be there that is not: for what is only tried. */
  suppose(item: Key & Item): void {
    this.#items.suppose(item, item);
  }

  override async getMany(keys: readonly Key[]): Promise<Item[]> {
    const items = await Promise.all(keys.map((key) => this.get(key)));
    return items.filter((item) => item !== undefined);
  }

  override async query(range: Range, limit: number, before?: string, consistent = false): Promise<Item[]> {
    const isWhole = range.lookUp && range.prefix === '' && !range.since && !range.oldestFirst && !before;
    const all = isWhole ? await this.#lookUps.of(range.pk) : undefined;
    return all?.slice(0, limit) ?? this.#page(range, limit, before, consistent);
  }

  #page(range: Range, limit: number, before: string | undefined, consistent: boolean): Promise<Item[]> {
    const name = JSON.stringify([range, limit, before, consistent]);
    const known = this.#pages.get(name);
    if (known) return known;
    const asked = this.#inTurn(() => super.query(range, limit, before, consistent));
    this.#pages.set(name, asked);
    return asked;
  }

  /** So many Queries are out at a time: more would only wait for a connection. */
  async #inTurn<T>(does: () => Promise<T>): Promise<T> {
    if (this.#out >= most.queries) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#out += 1;
    try {
      return await does();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#out -= 1;
    }
  }

  async #itemsOf(keys: readonly Key[]): Promise<Map<string, Item>> {
    const items = await super.getMany(keys, true);
    return new Map(items.map((item) => [nameOf(item as Key), item]));
  }

  /** What stands in partitions, newest first; those with too much in them are left out. */
  async #allIn(partitions: readonly string[]): Promise<Map<string, Item[]>> {
    const tens = Array.from({ length: Math.ceil(partitions.length / most.partitions) }, (_, n) =>
      partitions.slice(n * most.partitions, (n + 1) * most.partitions),
    );
    const found = await inTurns(tens, most.queries, (ten) => this.#select(ten));
    return new Map(found.flat());
  }

  async #select(partitions: readonly string[]): Promise<[string, Item[]][]> {
    const items: Item[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(
        new ExecuteStatementCommand({
          Statement: `SELECT * FROM "${this.table}" WHERE pk IN [${partitions.map(() => '?').join()}]`,
          Parameters: [...partitions],
          ConsistentRead: true,
          NextToken,
        }),
      );
      items.push(...(page.Items ?? []));
      NextToken = page.NextToken;
    } while (NextToken && items.length < most.items);
    if (NextToken) return [];
    const newestFirst = items.sort((a, b) => (String(a['sk']) < String(b['sk']) ? 1 : -1));
    const byPartition = Map.groupBy(newestFirst, ({ pk }) => pk);
    return partitions.map((pk) => [pk, byPartition.get(pk) ?? []]);
  }
}

/** Fetches together what is asked for at the same time, and each thing once. */
class Gathering<K, A> {
  readonly #nameOf: (key: K) => string;
  readonly #fetch: (keys: readonly K[]) => Promise<ReadonlyMap<string, A>>;
  readonly #known = new Map<string, Promise<A | undefined>>();
  #wanted: K[] = [];
  #next: Promise<ReadonlyMap<string, A>> | undefined;

  constructor(naming: (key: K) => string, fetch: (keys: readonly K[]) => Promise<ReadonlyMap<string, A>>) {
    this.#nameOf = naming;
    this.#fetch = fetch;
  }

  suppose(key: K, answer: A): void {
    this.#known.set(this.#nameOf(key), Promise.resolve(answer));
  }

  of(key: K): Promise<A | undefined> {
    const name = this.#nameOf(key);
    const known = this.#known.get(name);
    if (known) return known;
    this.#wanted.push(key);
    this.#next ??= this.#fetchSoon();
    const asked = this.#next.then((found) => found.get(name));
    this.#known.set(name, asked);
    return asked;
  }

  async #fetchSoon(): Promise<ReadonlyMap<string, A>> {
    await new Promise((go) => setImmediate(go));
    const wanted = this.#wanted;
    this.#wanted = [];
    this.#next = undefined;
    return this.#fetch(wanted);
  }
}

function nameOf({ pk, sk }: Key): string {
  return `${pk}\n${sk}`;
}
