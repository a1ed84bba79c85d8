import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatheringStore } from '../../shared/store/gathering-store.ts';
import { ranges } from '../../shared/store/places.ts';
import { OwnTable } from '../support/own-table.ts';

const own = new OwnTable('gathering', new Date('2026-03-02T10:00:00.000Z'), []);
const asked: string[] = [];
let isCut = false;
let store: GatheringStore;

beforeAll(async () => {
  await own.make();
  await put('rare', 2);
  await put('hot', 700);
  for (let n = 0; n < 25; n++) await put(`block ${n}`, n % 3);
  own.store.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        asked.push(commandName ?? '');
        const result = await next(args);
        // AWS ends a page at a megabyte; what stands here is never as much.
        if (isCut && commandName === 'ExecuteStatementCommand') Object.assign(result.output, { NextToken: 'more' });
        return result;
      },
    { step: 'initialize' },
  );
});
beforeEach(() => {
  asked.length = 0;
  isCut = false;
  store = new GatheringStore(own.store);
});

describe('look-ups that are read at the same time', () => {
  it('go out ten a request, and are what a Query of each says', async () => {
    const names = [...Array.from({ length: 25 }, (_, n) => `block ${n}`), 'nobody stands here', 'rare'];
    const read = await Promise.all(names.map((name) => store.query(ranges.under(name), 50, undefined, true)));
    expect(asked).toEqual(['ExecuteStatementCommand', 'ExecuteStatementCommand', 'ExecuteStatementCommand']);
    const each = await Promise.all(names.map((name) => own.store.query(ranges.under(name), 50, undefined, true)));
    expect(read).toEqual(each);
    expect(read.map((items) => items.length)).toEqual([...names.slice(0, 25).map((_, n) => n % 3), 0, 2]);
  });

  it('are read once', async () => {
    const read = () => store.query(ranges.under('rare'), 50, undefined, true);
    expect(await Promise.all([read(), read()]).then(() => read())).toHaveLength(2);
    expect(asked).toHaveLength(1);
  });

  it('are read as far as they are asked for where too much stands in one of them', async () => {
    isCut = true;
    const [rare, hot] = await Promise.all(
      ['rare', 'hot'].map((name) => store.query(ranges.under(name), 50, undefined, true)),
    );
    expect(asked).toEqual(['ExecuteStatementCommand', 'QueryCommand', 'QueryCommand']);
    expect(rare).toHaveLength(2);
    expect(hot).toEqual(await own.store.query(ranges.under('hot'), 50, undefined, true));
    expect(hot).toHaveLength(50);
  });
});

async function put(pk: string, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, n) => ({ pk, sk: `acc_${String(n).padStart(4, '0')}` }));
  for (let from = 0; from < items.length; from += 25) {
    const some = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await own.store.client.send(new BatchWriteCommand({ RequestItems: { [own.store.table]: some } }));
  }
}
