import {
  type AttributeValue,
  BatchWriteItemCommand,
  ExecuteStatementCommand,
  PutItemCommand,
  QueryCommand,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dynamo, type Stack, stackOf } from './aws.ts';

let stack: Stack;
let TableName: string;
beforeAll(async () => {
  const tableOf = (...keys: string[]) => ({
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((name, n) => ({ AttributeName: name, KeyType: n ? 'RANGE' : 'HASH' })),
      AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    },
  });
  stack = await stackOf(
    { Table: tableOf('pk'), Sorted: tableOf('pk', 'sk') },
    { table: { Ref: 'Table' }, sorted: { Ref: 'Sorted' } },
  );
  TableName = stack.outputs['table']!;
});
afterAll(() => stack.remove());

it('says of a cancelled transaction which condition failed, and on what item', async () => {
  const item: Record<string, AttributeValue> = {
    pk: { S: 'taken' },
    version: { N: '3' },
    by: { M: { id: { S: 'usr_1' } } },
  };
  await dynamo.send(new PutItemCommand({ TableName, Item: item }));
  const onFailure = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
  const isNew = 'attribute_not_exists(pk)';
  const wasThree = { ConditionExpression: 'version = :v', ExpressionAttributeValues: { ':v': { N: '2' } } };
  const key = { TableName, Key: { pk: { S: 'taken' } } };
  const refused = dynamo.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: { pk: { S: 'free' } }, ConditionExpression: isNew, ...onFailure } },
        { Put: { TableName, Item: { pk: { S: 'taken' } }, ConditionExpression: isNew, ...onFailure } },
      ],
    }),
  );
  const { name, CancellationReasons } = (await refused.catch(
    (error: unknown) => error,
  )) as TransactionCanceledException;
  expect(name).toBe('TransactionCanceledException');
  expect(CancellationReasons).toEqual([
    { Code: 'None' },
    { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: item },
  ]);

  const outdated = {
    Update: [{ Update: { ...key, UpdateExpression: 'SET seen = :v', ...wasThree, ...onFailure } }],
    Delete: [{ Delete: { ...key, ...wasThree, ...onFailure } }],
    ConditionCheck: [{ ConditionCheck: { ...key, ...wasThree, ...onFailure } }],
  };
  for (const [kind, TransactItems] of Object.entries(outdated)) {
    const error = (await dynamo
      .send(new TransactWriteItemsCommand({ TransactItems }))
      .catch((e: unknown) => e)) as TransactionCanceledException;
    expect(error.CancellationReasons?.[0], kind).toMatchObject({ Code: 'ConditionalCheckFailed', Item: item });
  }
  const silent = { Put: { TableName, Item: { pk: { S: 'taken' } }, ConditionExpression: isNew } };
  const withoutItem = (await dynamo
    .send(new TransactWriteItemsCommand({ TransactItems: [silent] }))
    .catch((e: unknown) => e)) as TransactionCanceledException;
  expect(withoutItem.CancellationReasons?.[0]?.Item).toBeUndefined();
});

it('reads the partitions that a statement names, ten of them a page', async () => {
  const names = Array.from({ length: 25 }, (_, n) => ({ S: `named ${n}` }));
  for (const pk of [...names, { S: 'another' }]) await dynamo.send(new PutItemCommand({ TableName, Item: { pk } }));
  const Statement = `SELECT * FROM "${TableName}" WHERE pk IN [${names.map(() => '?').join()}]`;
  const pages: (string | undefined)[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await dynamo.send(
      new ExecuteStatementCommand({ Statement, Parameters: names, ConsistentRead: true, NextToken }),
    );
    pages.push(page.Items?.map(({ pk }) => pk?.S) ?? []);
    NextToken = page.NextToken;
  } while (NextToken);
  expect(pages.length).toBeGreaterThan(2);
  expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(10);
  expect(pages.flat().sort()).toEqual(names.map(({ S }) => S).sort());
});

it('answers a query for few items of a large partition at once', async () => {
  const sorted = stack.outputs['sorted']!;
  const items = Array.from({ length: 2_000 }, (_, n) => ({ pk: { S: 'large' }, sk: { S: `item ${n}` } }));
  for (let from = 0; from < items.length; from += 25) {
    const puts = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [sorted]: puts } }));
  }
  const range = new QueryCommand({
    TableName: sorted,
    KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
    ExpressionAttributeValues: { ':pk': { S: 'large' }, ':from': { S: 'item 17' }, ':to': { S: 'item 170' } },
  });
  const took: number[] = [];
  for (let n = 0; n < 10; n++) {
    const from = performance.now();
    const { Items = [] } = await dynamo.send(range);
    took.push(performance.now() - from);
    expect(Items.map(({ sk }) => sk?.S)).toEqual(['item 17', 'item 170']);
  }
  expect(Math.min(...took)).toBeLessThan(20);
});
