import { watch } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, localEnvironment, startCloud } from '../../../infra/local/cloud.ts';

/** AWS does not restart; what it keeps, a local cloud of its own must keep from its clean stop to the next start. */
const pointers = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'] as const;
const before = Object.fromEntries(pointers.map((name) => [name, process.env[name]]));
let folder: string;
let cloud: Cloud;

const startOurs = async (): Promise<void> => {
  for (const name of pointers) delete process.env[name];
  cloud = await startCloud({ stateDir: join(folder, 'state'), logFile: join(folder, 'cloud.log') });
  Object.assign(process.env, localEnvironment(cloud.endpoint));
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepwise-restart-'));
  await startOurs();
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
  for (const name of pointers)
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
});

const consumer = `
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
  const sqs = new SQSClient({});
  exports.handler = async ({ Records }) => {
    for (const { dynamodb } of Records)
      await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN, MessageBody: dynamodb.NewImage.sk.S }));
  };`;

it('goes on reading a stream where it was, with the first new record', async () => {
  // Its clients point to the cloud of this file: it is read only now.
  const { dynamo, functionOf, lambda, nextMessage, role, stackOf } = await import('./aws.ts');
  const { outputs } = await stackOf(
    {
      Role: role('lambda.amazonaws.com'),
      Seen: { Type: 'AWS::SQS::Queue' },
      Consumer: functionOf(consumer, { Environment: { Variables: { SEEN: { Ref: 'Seen' } } } }),
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'sk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'sk', AttributeType: 'S' }],
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        },
      },
    },
    {
      table: { Ref: 'Table' },
      stream: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
      seen: { Ref: 'Seen' },
      consumer: { Ref: 'Consumer' },
    },
  );
  const { table: TableName = '', stream = '', seen = '', consumer: FunctionName = '' } = outputs;
  const put = (sk: string) => dynamo.send(new PutItemCommand({ TableName, Item: { sk: { S: sk } } }));
  const bodies = async (count: number) => {
    const found: (string | undefined)[] = [];
    while (found.length < count) found.push((await nextMessage(seen)).Body);
    return found.sort();
  };
  await lambda.send(
    new CreateEventSourceMappingCommand({ EventSourceArn: stream, FunctionName, StartingPosition: 'TRIM_HORIZON' }),
  );
  for (const sk of ['a', 'b', 'c']) await put(sk);
  expect(await bodies(3)).toEqual(['a', 'b', 'c']);

  await cloud.stop();
  await startOurs();
  await put('d');
  expect(await bodies(1)).toEqual(['d']);
});

it('keeps, of a stop that is cut off while it saves, everything or nothing', async () => {
  await aBigTable();
  await cloud.stop();
  const state = join(folder, 'state');
  const saved = async () => {
    const names = (await readdir(state)).filter((name) => name.endsWith('.json'));
    return Promise.all(names.map(async (name) => ({ name, at: (await stat(join(state, name))).mtimeMs })));
  };
  const before = await saved();
  expect(before.length).toBeGreaterThan(10);
  await startOurs();
  const watcher = watch(state);
  const saving = new Promise<void>((go) =>
    watcher.on('change', (_, name) => {
      if (String(name).startsWith('dynamodb')) go();
    }),
  );
  process.kill(cloud.pid!, 'SIGTERM');
  await saving;
  process.kill(cloud.pid!, 'SIGKILL');
  watcher.close();
  await cloud.stop();
  const kept = (await saved()).filter(({ name, at }) => before.some((one) => one.name === name && one.at === at));
  expect([0, before.length]).toContain(kept.length);
  await startOurs();
});

/** Forty megabytes: it is saved for long enough to be cut off. */
async function aBigTable(): Promise<void> {
  const dynamo = new DynamoDBClient({});
  const TableName = 'big';
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
  const text = { S: 'x'.repeat(400_000) };
  for (let n = 0; n < 100; n++)
    await dynamo.send(new PutItemCommand({ TableName, Item: { pk: { S: String(n) }, text } }));
}
