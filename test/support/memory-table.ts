import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { Policies } from '../../shared/store/policies.ts';
import { Store } from '../../shared/store/store.ts';
import type { Surroundings } from '../../shared/store/surroundings.ts';

type Item = Record<string, unknown> & { pk: string; sk: string };
interface Condition {
  ConditionExpression?: string;
  ExpressionAttributeValues?: Record<string, unknown>;
}
interface Write {
  Put?: Condition & { Item: Item };
  Delete?: Condition & { Key: Item };
  ConditionCheck?: Condition & { Key: Item };
}

/** The conditions that the store writes under. */
const conditions: Readonly<Record<string, (item: Item | undefined, values: Record<string, unknown>) => boolean>> = {
  'attribute_not_exists(pk)': (item) => !item,
  'attribute_not_exists(pk) OR expiresAt < :now': (item) => !item,
  'version = :seen': (item, values) => item?.['version'] === values[':seen'],
  'recordId = :holder': (item, values) => item?.['recordId'] === values[':holder'],
};

/** The table in memory, for what must be tried ten thousand times: keys, ranges and transactions as the store uses them. */
export class MemoryTable {
  readonly items = new Map<string, Item>();

  /** The surroundings of a function over this table. */
  around(now: () => Date): Surroundings {
    const send = (command: { constructor: { name: string }; input: object }) => Promise.resolve(this.#answer(command));
    const store = new Store({ send } as unknown as DynamoDBDocumentClient, 'memory');
    return { store, policies: new Policies(store), now };
  }

  /** Everything of a kind, by the prefix of its ids. */
  of<T = Item>(prefix: string): T[] {
    return [...this.items.values()].filter(({ sk, id }) => sk.startsWith(`${prefix}_`) && id === sk) as T[];
  }

  #answer({ constructor: { name }, input }: { constructor: { name: string }; input: object }): unknown {
    if (name === 'GetCommand') return { Item: this.#at((input as { Key: Item }).Key) };
    if (name === 'QueryCommand') return { Items: this.#query(input as never) };
    if (name === 'TransactWriteCommand') return this.#transact((input as { TransactItems: Write[] }).TransactItems);
    if (name !== 'BatchGetCommand') throw new Error(`The table in memory knows no ${name}`);
    const { RequestItems } = input as { RequestItems: Record<string, { Keys: Item[] }> };
    const asked = Object.entries(RequestItems).map(([table, { Keys }]) => [
      table,
      Keys.flatMap((key) => this.#at(key) ?? []),
    ]);
    return { Responses: Object.fromEntries(asked) as object };
  }

  #at({ pk, sk }: Pick<Item, 'pk' | 'sk'>): Item | undefined {
    return this.items.get(`${pk}\n${sk}`);
  }

  #query({
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    Limit,
  }: {
    ExpressionAttributeNames: Record<string, string>;
    ExpressionAttributeValues: Record<string, string>;
    Limit: number;
  }): Item[] {
    const [pk, sk] = [names['#pk']!, names['#sk']!];
    return [...this.items.values()]
      .filter(
        (item) =>
          item[pk] === values[':pk'] && String(item[sk]) >= values[':from']! && String(item[sk]) <= values[':to']!,
      )
      .sort((a, b) => (String(a[sk]) < String(b[sk]) ? 1 : -1))
      .slice(0, Limit);
  }

  #transact(writes: Write[]): object {
    const failed = writes.map((write) => {
      const { ConditionExpression, ExpressionAttributeValues = {} } =
        write.Put ?? write.Delete ?? write.ConditionCheck ?? {};
      const item = this.#at(write.Put?.Item ?? write.Delete?.Key ?? write.ConditionCheck!.Key);
      const holds = !ConditionExpression || conditions[ConditionExpression]!(item, ExpressionAttributeValues);
      return holds ? undefined : (item ?? ({} as Item));
    });
    if (failed.some(Boolean))
      throw new TransactionCanceledException({
        message: 'A condition did not hold',
        $metadata: {},
        CancellationReasons: failed.map((item) =>
          item
            ? { Code: 'ConditionalCheckFailed', Item: marshall(item, { removeUndefinedValues: true }) }
            : { Code: 'None' },
        ),
      });
    for (const { Put, Delete } of writes) {
      if (Put) this.items.set(`${Put.Item.pk}\n${Put.Item.sk}`, JSON.parse(JSON.stringify(Put.Item)) as Item);
      if (Delete) this.items.delete(`${Delete.Key.pk}\n${Delete.Key.sk}`);
    }
    return {};
  }
}
