import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cloud, startCloud } from '../../infra/local/cloud.ts';

const given = process.env['AWS_ENDPOINT_URL'];
let folder: string;
beforeAll(async () => {
  delete process.env['AWS_ENDPOINT_URL'];
  folder = await mkdtemp(join(tmpdir(), 'stepwise-test-'));
});
afterAll(async () => {
  if (given) process.env['AWS_ENDPOINT_URL'] = given;
  await rm(folder, { recursive: true, force: true });
});

const logFile = () => join(folder, 'cloud.log');

/** A table, a queue and a function, whose answer is the process it runs in and what that is. */
const template = {
  Resources: {
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        TableName: 'kept',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        Replicas: [{ Region: { Ref: 'AWS::Region' } }],
      },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'kept' } },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'kept',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/any',
        Code: {
          ZipFile:
            'exports.handler = async () => ({ pid: process.pid, version: process.version, home: process.env.HOME });',
        },
      },
    },
  },
};

async function invoke(endpoint: string) {
  const { Payload } = await new LambdaClient({ endpoint }).send(new InvokeCommand({ FunctionName: 'kept' }));
  return JSON.parse(Buffer.from(Payload!).toString()) as { pid: number; version: string; home: string };
}

const lives = (pid: number) => existsSync(`/proc/${pid}`) || (process.platform !== 'linux' && signals(pid));
const signals = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const gone = async (pid: number) => {
  for (const deadline = Date.now() + 10_000; lives(pid) && Date.now() < deadline; ) await pause(50);
  return !lives(pid);
};

describe('the local cloud', () => {
  it('keeps its state, its port and nothing else between a clean stop and the next start', async () => {
    const stateDir = join(folder, 'state');
    const first = await startCloud({ logFile: logFile(), stateDir });
    const of = ({ endpoint }: Cloud) => ({
      stacks: new CloudFormationClient({ endpoint }),
      dynamo: new DynamoDBClient({ endpoint }),
      s3: new S3Client({ endpoint, forcePathStyle: true }),
      sqs: new SQSClient({ endpoint }),
    });
    const before = of(first);
    await before.stacks.send(new CreateStackCommand({ StackName: 'kept', TemplateBody: JSON.stringify(template) }));
    await expect.poll(() => invoke(first.endpoint).catch(() => undefined)).toBeDefined();
    await before.dynamo.send(new PutItemCommand({ TableName: 'kept', Item: { pk: { S: 'a' } } }));
    await before.s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
    await before.s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'a/b.txt', Body: 'text' }));
    const QueueUrl = `${first.endpoint}/000000000000/kept`;
    await before.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'message' }));
    const worker = await invoke(first.endpoint);
    expect(worker.version).toMatch(/^v24\./);
    expect(lives(worker.pid)).toBe(true);

    await first.stop();
    expect([lives(first.pid!), lives(worker.pid), existsSync(worker.home)]).toEqual([false, false, false]);

    const second = await startCloud({ logFile: logFile(), stateDir });
    onTestFinished(second.stop);
    const after = of(second);
    expect(second.endpoint).toBe(first.endpoint);
    expect((await after.dynamo.send(new GetItemCommand({ TableName: 'kept', Key: { pk: { S: 'a' } } }))).Item).toEqual({
      pk: { S: 'a' },
    });
    const { Body } = await after.s3.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a/b.txt' }));
    expect(await Body!.transformToString()).toBe('text');
    expect((await invoke(second.endpoint)).version).toMatch(/^v24\./);
    const { Messages } = await after.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages?.[0]?.Body).toBe('message');
  });

  it('refuses a port that is taken', async () => {
    const one = await startCloud({ logFile: logFile() });
    onTestFinished(one.stop);
    await expect(startCloud({ logFile: logFile(), port: Number(new URL(one.endpoint).port) })).rejects.toThrow(
      'is in use',
    );
  });

  it('ends with the process that started it, however that dies, and its functions with it', async () => {
    const script = `
      import { startCloud } from ${JSON.stringify(join(import.meta.dirname, '../../infra/local/cloud.ts'))};
      const { endpoint, pid } = await startCloud({ logFile: ${JSON.stringify(logFile())} });
      console.log(JSON.stringify({ endpoint, pid }));
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const { endpoint, pid } = JSON.parse(line.toString()) as { endpoint: string; pid: number };
    await new CloudFormationClient({ endpoint }).send(
      new CreateStackCommand({ StackName: 'kept', TemplateBody: JSON.stringify(template) }),
    );
    await expect.poll(() => invoke(endpoint).catch(() => undefined)).toBeDefined();
    const worker = await invoke(endpoint);
    starter.kill('SIGKILL');
    expect(await gone(pid)).toBe(true);
    expect(await gone(worker.pid)).toBe(true);
  });

  it('is the one that AWS_ENDPOINT_URL names, which it neither starts nor stops', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
    onTestFinished(() => void delete process.env['AWS_ENDPOINT_URL']);
    const cloud = await startCloud({ logFile: logFile() });
    await cloud.stop();
    expect(cloud).toMatchObject({ endpoint: 'http://127.0.0.1:1', pid: undefined });
  });
});
