import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Item, Store } from '../../shared/store/store.ts';

/** What the store sends, as far as this table understands it. */
interface Asked {
  constructor: { name: string };
  input: Expressions & {
    Key?: Item;
    RequestItems?: Record<string, { Keys: Item[] }>;
    IndexName?: string;
    Limit?: number;
    TransactItems?: Record<'Put' | 'Update' | 'Delete' | 'ConditionCheck', Write | undefined>[];
  };
}
interface Expressions {
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}
type Write = Expressions & { Key?: Item; Item?: Item };

/**
 * A table in memory that answers what our store asks of DynamoDB: for properties that need thousands of transactions. `before` may hold
 * up every call, so that calls of several consumers interleave.
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

  put(item: Item): void {
    this.items.set(idOf(item), structuredClone(item));
  }

  /** The items whose partition begins with this, in the order of their keys. */
  under(pk: string): Item[] {
    return [...this.items.values()]
      .filter((item) => String(item['pk']).startsWith(pk))
      .sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  }

  #answer({ constructor: { name }, input }: Asked): unknown {
    if (name === 'GetCommand') return { Item: this.items.get(idOf(input.Key!)) };
    if (name === 'QueryCommand') return { Items: this.#query(input) };
    if (name === 'BatchGetCommand') {
      const [keys] = Object.values(input.RequestItems!);
      return { Responses: { table: keys!.Keys.flatMap((key) => this.items.get(idOf(key)) ?? []) } };
    }
    if (name === 'DeleteCommand') {
      if (!this.#holds(input)) throw Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });
      this.items.delete(idOf(input.Key!));
      return {};
    }
    if (name !== 'TransactWriteCommand') throw new Error(`The table in memory does not know ${name}`);
    const writes = input.TransactItems!.map((item) => Object.entries(item)[0] as [string, Write]);
    const met = writes.map(([, write]) => this.#holds(write));
    if (met.includes(false))
      throw new TransactionCanceledException({
        message: 'cancelled',
        $metadata: {},
        CancellationReasons: met.map((ok) => ({ Code: ok ? 'None' : 'ConditionalCheckFailed' })),
      });
    for (const [kind, write] of writes) this.#write(kind, write);
    return {};
  }

  #write(kind: string, { Item, Key, ...write }: Write): void {
    if (Item) this.put(Item);
    if (kind === 'Delete') this.items.delete(idOf(Key!));
    if (kind === 'Update') this.items.set(idOf(Key!), added({ ...Key, ...this.items.get(idOf(Key!)) }, write));
  }

  #query({ IndexName, ExpressionAttributeValues: values = {}, Limit = 1_000 }: Asked['input']): Item[] {
    const [pk, sk] = IndexName ? [`${IndexName}pk`, `${IndexName}sk`] : ['pk', 'sk'];
    return [...this.items.values()]
      .filter((item) => item[pk] === values[':pk'])
      .filter((item) => String(item[sk]) >= String(values[':from']) && String(item[sk]) <= String(values[':to']))
      .sort((a, b) => (String(a[sk]) < String(b[sk]) ? 1 : -1))
      .slice(0, Limit);
  }

  #holds({ ConditionExpression = '', Key, Item, ...names }: Write): boolean {
    const item = this.items.get(idOf((Key ?? Item)!));
    return ConditionExpression.split(' AND ').every((term) => {
      if (!term) return true;
      if (term.startsWith('attribute_not_exists')) return !item;
      const [name = '', value = ''] = term.split(' = ');
      return item?.[names.ExpressionAttributeNames?.[name] ?? name] === names.ExpressionAttributeValues?.[value];
    });
  }
}

const idOf = (item: Item): string => `${String(item['pk'])} ${String(item['sk'])}`;

/** `ADD #a :b, ...` */
function added(
  item: Item,
  { UpdateExpression = '', ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Expressions,
): Item {
  for (const term of UpdateExpression.replace('ADD ', '').split(', ')) {
    const [name = '', value = ''] = term.split(' ');
    const field = ExpressionAttributeNames[name]!;
    item[field] = Number(item[field] ?? 0) + Number(ExpressionAttributeValues[value]);
  }
  return item;
}
