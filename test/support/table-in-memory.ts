import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { Policies } from '../../shared/store/policies.ts';
import { type Item, Store } from '../../shared/store/store.ts';
import type { Surroundings } from '../../shared/store/surroundings.ts';

/** What the store sends, as far as this table understands it. */
interface Asked {
  constructor: { name: string };
  input: Write & {
    RequestItems?: Record<string, { Keys: Item[] }>;
    IndexName?: string;
    Limit?: number;
    TransactItems?: Record<string, Write>[];
  };
}
interface Write {
  Key?: Item;
  Item?: Item;
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

/**
 * A table in memory that answers what our store asks of DynamoDB, for what must be tried ten thousand times: keys, ranges, conditions,
 * transactions. `before` may hold up every call, so that calls of several consumers interleave. What it does not know, it refuses.
 */
export class TableInMemory {
  readonly items = new Map<string, Item>();
  readonly #before: (call: string) => Promise<unknown>;
  constructor(before: (call: string) => Promise<unknown> = async () => {}) {
    this.#before = before;
  }

  get store(): Store {
    const send = async (asked: Asked) => {
      await this.#before(asked.constructor.name);
      return structuredClone(this.#answer(asked));
    };
    return new Store({ send } as unknown as DynamoDBDocumentClient, 'table');
  }

  /** The surroundings of a function over this table. */
  around(now: () => Date): Surroundings {
    const { store } = this;
    return { store, policies: new Policies(store), now };
  }

  /** What is undefined is not stored. */
  put(item: Item): void {
    this.items.set(nameOf(item), JSON.parse(JSON.stringify(item)) as Item);
  }

  /** The items whose partition begins with this, in the order of their keys. */
  under(pk: string): Item[] {
    return [...this.items.values()]
      .filter((item) => String(item['pk']).startsWith(pk))
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** The records of a kind, by the prefix of its ids. */
  of<T = Item>(prefix: string): T[] {
    return [...this.items.values()].filter(({ sk, id }) => id === sk && String(id).startsWith(`${prefix}_`)) as T[];
  }

  #answer({ constructor: { name }, input }: Asked): unknown {
    switch (name) {
      case 'GetCommand':
        return { Item: this.#at(input) };
      case 'QueryCommand':
        return { Items: this.#query(input) };
      case 'BatchGetCommand': {
        const [asked] = Object.values(input.RequestItems!);
        return { Responses: { table: asked!.Keys.flatMap((Key) => this.#at({ Key }) ?? []) } };
      }
      case 'UpdateCommand':
      case 'DeleteCommand': {
        if (!this.#holds(input)) throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
        return { Attributes: this.#write(name.replace('Command', ''), input) };
      }
      case 'TransactWriteCommand':
        return this.#transact(input.TransactItems!.map((item) => Object.entries(item)[0]!));
      default:
        throw new Error(`The table in memory does not know ${name}`);
    }
  }

  #at({ Key, Item }: Write): Item | undefined {
    return this.items.get(nameOf((Key ?? Item)!));
  }

  #query({ IndexName, ExpressionAttributeValues: values = {}, Limit = 1_000 }: Asked['input']): Item[] {
    const [pk, sk] = IndexName ? [`${IndexName}pk`, `${IndexName}sk`] : ['pk', 'sk'];
    return [...this.items.values()]
      .filter((item) => item[pk] === values[':pk'])
      .filter((item) => String(item[sk]) >= String(values[':from']) && String(item[sk]) <= String(values[':to']))
      .sort((a, b) => (String(a[sk]) < String(b[sk]) ? 1 : -1))
      .slice(0, Limit);
  }

  #transact(writes: [kind: string, Write][]): object {
    const met = writes.map(([, write]) => this.#holds(write));
    if (met.includes(false))
      throw new TransactionCanceledException({
        message: 'A condition did not hold',
        $metadata: {},
        CancellationReasons: met.map((ok, n) =>
          ok ? { Code: 'None' } : { Code: 'ConditionalCheckFailed', Item: marshall(this.#at(writes[n]![1]) ?? {}) },
        ),
      });
    for (const [kind, write] of writes) this.#write(kind, write);
    return {};
  }

  #write(kind: string, write: Write): Item | undefined {
    if (write.Item) this.put(write.Item);
    if (kind === 'Delete') this.items.delete(nameOf(write.Key!));
    if (kind !== 'Update') return undefined;
    this.put(updated({ ...write.Key, ...this.#at(write) }, write));
    return this.#at(write);
  }

  #holds({ ConditionExpression, ...write }: Write): boolean {
    const item = this.#at(write);
    const holds = (term: string) => termHolds(term, item, write);
    return !ConditionExpression || ConditionExpression.split(' OR ').some((all) => all.split(' AND ').every(holds));
  }
}

const nameOf = (item: Item): string => `${String(item['pk'])} ${String(item['sk'])}`;

/** `attribute_not_exists(pk)`, `version = :seen`, `expiresAt < :now` */
function termHolds(term: string, item: Item | undefined, { ExpressionAttributeNames: names, ...write }: Write) {
  const [, not, attribute = ''] = /^attribute_(not_)?exists\((\S+)\)$/.exec(term) ?? [];
  if (attribute) return (item?.[attribute] === undefined) === Boolean(not);
  const [, name = '', operator = '', given = ''] = /^(\S+) (=|<|<=) (:\S+)$/.exec(term) ?? [];
  if (!name) throw new Error(`The table in memory does not know ${term}`);
  const [stored, value] = [item?.[names?.[name] ?? name], write.ExpressionAttributeValues?.[given]];
  if (operator === '=') return stored === value;
  return stored !== undefined && (stored as string) < (value as string) + (operator === '<=' ? '\0' : '');
}

/** `ADD #a :b, ...`, `SET a = :b, ...`, or both. */
function updated(item: Item, { UpdateExpression = '', ExpressionAttributeNames: names, ...write }: Write): Item {
  const value = (given: string) => write.ExpressionAttributeValues?.[given];
  for (const [, verb = '', terms = ''] of UpdateExpression.matchAll(/(ADD|SET) (.+?)(?= ADD | SET |$)/g))
    for (const term of terms.split(', ')) {
      const [name = '', given = ''] = term.split(/ = | /);
      const attribute = names?.[name] ?? name;
      item[attribute] = verb === 'SET' ? value(given) : Number(item[attribute] ?? 0) + Number(value(given));
    }
  return item;
}
