import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand, DeleteEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dynamo, functionOf, lambda, nextMessage, role, type Stack, stackOf } from './aws.ts';

/** Tells a queue what it was given, then fails as told: on the whole of a batch with a poisoned record, or on that. */
const consumer = (failing: string) => `
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
  const sqs = new SQSClient({});
  exports.handler = async ({ Records }) => {
    const names = Records.map((r) => r.dynamodb.NewImage.sk.S);
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN, MessageBody: names.join(' ') }));
    ${failing}
  };`;
const throwing = consumer(`if (names.some((n) => n.startsWith('poison'))) throw new Error('poison');`);
const reporting = consumer(`return { batchItemFailures: Records
    .filter((r) => r.dynamodb.NewImage.sk.S.startsWith('poison'))
    .map((r) => ({ itemIdentifier: r.dynamodb.SequenceNumber })) };`);

let stack: Stack;
let mapping: string | undefined;

beforeEach(async () => {
  const fn = (source: string) => functionOf(source, { Environment: { Variables: { SEEN: { Ref: 'Seen' } } } });
  const key = { AttributeName: 'sk', KeyType: 'HASH' };
  stack = await stackOf(
    {
      Role: role('lambda.amazonaws.com'),
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [key],
          AttributeDefinitions: [{ AttributeName: 'sk', AttributeType: 'S' }],
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        },
      },
      Seen: { Type: 'AWS::SQS::Queue' },
      Parked: { Type: 'AWS::SQS::Queue' },
      Throwing: fn(throwing),
      Reporting: fn(reporting),
    },
    {
      table: { Ref: 'Table' },
      stream: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      seen: { Ref: 'Seen' },
      parked: { Ref: 'Parked' },
      parkedArn: { 'Fn::GetAtt': ['Parked', 'Arn'] },
      throwing: { Ref: 'Throwing' },
      reporting: { Ref: 'Reporting' },
    },
  );
});
afterEach(async () => {
  if (mapping) await lambda.send(new DeleteEventSourceMappingCommand({ UUID: mapping }));
  await stack.remove();
});

/** Writes the items first, so that one batch holds them all, then lets the function read the stream from its start. */
async function consume(by: 'throwing' | 'reporting', items: string[], more: object) {
  const { outputs } = stack;
  for (const sk of items)
    await dynamo.send(new PutItemCommand({ TableName: outputs['table']!, Item: { sk: { S: sk } } }));
  const { UUID } = await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: outputs['stream']!,
      FunctionName: outputs[by]!,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
      DestinationConfig: { OnFailure: { Destination: outputs['parkedArn']! } },
      ...more,
    }),
  );
  mapping = UUID;
}

/** The batches given to the function until it is given exactly this one, which is the last of them. */
async function batchesUntil(last: string): Promise<string[]> {
  const batches: string[] = [];
  while (batches.at(-1) !== last) batches.push((await nextMessage(stack.outputs['seen']!)).Body!);
  return batches;
}

const parked = async () =>
  JSON.parse((await nextMessage(stack.outputs['parked']!)).Body!) as Record<string, Record<string, unknown>>;

it('tries a reported record again from its place, and parks it when its retries are used up', async () => {
  await consume('reporting', ['a', 'b', 'poison'], {
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 1,
  });
  expect(await batchesUntil('a b poison')).toHaveLength(1);
  const record = await parked();
  expect(record['requestContext']).toMatchObject({ condition: 'RetryAttemptsExhausted' });
  expect(record['DDBStreamBatchInfo']).toMatchObject({ batchSize: 1, streamArn: stack.outputs['stream'] });

  await dynamo.send(new PutItemCommand({ TableName: stack.outputs['table']!, Item: { sk: { S: 'after' } } }));
  const later = await batchesUntil('after');
  expect(later).toEqual([...later.slice(0, -1).map(() => 'poison'), 'after']);
  expect(later.length).toBeGreaterThanOrEqual(2);
});

it('halves a batch that the function throws on until the poisoned record stands alone', async () => {
  await consume('throwing', ['a', 'b', 'poison', 'c'], { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 });
  expect((await parked())['DDBStreamBatchInfo']).toMatchObject({ batchSize: 1 });
  expect(await batchesUntil('c')).toEqual(['a b poison c', 'a b', 'poison c', 'poison', 'c']);
});

it('gives up a whole batch after its retries without halving', async () => {
  await consume('throwing', ['a', 'poison'], { MaximumRetryAttempts: 1 });
  expect((await parked())['DDBStreamBatchInfo']).toMatchObject({ batchSize: 2 });
  for (const attempt of ['first', 'second']) expect(await batchesUntil('a poison'), attempt).toHaveLength(1);
});
