import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wrapBundles } from '../../infra/build/wrap-bundles.ts';
import { build } from '../../infra/build.ts';
import { client, type Json } from '../../infra/local/client.ts';
import { type Stack, type StackOptions, startStack } from '../../infra/local/stack.ts';
import { Wait, waitsOf } from '../../shared/platform/process.ts';
import type { Item } from '../../shared/store/store.ts';
import { storeOver } from '../../shared/store/surroundings.ts';
import { type Deployed, ended, eventsOf, type Lifecycle, prepare, sell, serve } from '../bench/lifecycle.ts';
import { eventually } from '../support/eventually.ts';

const root = join(import.meta.dirname, '../..');
/** Each test has a stack of its own: what points to the shared one is put aside. */
const pointers = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'] as const;
let folder: string;
let stack: Stack | undefined;
let before: Record<string, string | undefined>;

beforeEach(async () => {
  before = Object.fromEntries(pointers.map((name) => [name, process.env[name]]));
  for (const name of pointers) delete process.env[name];
  folder = await mkdtemp(join(tmpdir(), 'stepwise-faults-'));
});

afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(folder, { recursive: true, force: true });
});

async function started(options: Partial<StackOptions> = {}): Promise<Deployed> {
  for (const name of pointers) delete process.env[name];
  stack = await startStack({ folder, ...options });
  const { apiUrl, apiKey, tableName } = stack.access;
  return { api: client(apiUrl, apiKey), store: storeOver(tableName) };
}

describe('failing loses nothing', () => {
  test('every function fails before and after everything it is asked', { timeout: 600_000 }, async () => {
    await build();
    const [bundles, notes] = [join(folder, 'bundles'), join(folder, 'notes')];
    await mkdir(notes);
    await wrapBundles(join(root, 'dist/functions'), bundles, join(root, 'infra/build/faults.ts'), notes);
    const on = await started({ context: { bundles } });
    await failuresComeBackWithin(6);
    const house = await prepare(on);
    const customers = await Promise.all(
      ['one', 'two'].map(async (name) => serve(on, await sell(on, house, `faults-${name}`))),
    );
    await allAsItShouldBe(on, customers);

    const failed = (await readdir(notes)).map((note) => note.split('-').slice(0, -2).join('-'));
    expect([...new Set(failed)].sort()).toEqual(expect.arrayContaining(lifecycleFunctions));
  });

  test('a stack that was stopped in between goes on where it stood', { timeout: 600_000 }, async () => {
    const on = await started({ keep: true });
    const house = await prepare(on);
    const sold = await sell(on, house, 'restarted');
    await stack?.stop();

    const again = await started({ keep: true });
    await reconcile();
    const done = await serve(again, sold);
    await allAsItShouldBe(again, [done]);
  });
});

/** What takes part in a lifecycle: each of them has failed. */
const lifecycleFunctions = [
  'events-documents',
  'events-figures',
  'events-processes',
  'events-relay',
  'events-resume',
  'events-send-mail',
  'events-start',
  'http-cases',
  'http-invoices',
  'http-leads',
  'http-opportunities',
  'http-orders',
  'http-quotes',
  'tasks-case-resolution',
  'tasks-lead-qualification',
  'tasks-order-to-cash',
];

/** The same end as without any failure. */
async function allAsItShouldBe({ api, store }: Deployed, customers: Lifecycle[]): Promise<void> {
  const all: Item[] = [];
  for (const customer of customers) {
    const records = await ended(store, customer);
    all.push(...records);
    const events = await eventsOf(store, customer.accountId);
    const versionsOf = (id: unknown) =>
      events.filter(({ recordId }) => recordId === id).map(({ recordVersion }) => Number(recordVersion));
    for (const { id, version } of records)
      expect(
        versionsOf(id).sort((a, b) => a - b),
        `events of ${id}`,
      ).toEqual(Array.from({ length: Number(version) }, (_, n) => n + 1));
    const one = (id: string) => records.find((record) => record['id'] === id);
    expect(one(customer.leadId)?.['status']).toBe('converted');
    expect(one(customer.quoteId)?.['status']).toBe('accepted');
    expect(one(customer.orderId)?.['status']).toMatch(/fulfilled|closed/);
    expect(one(customer.invoiceId)?.['status']).toBe('paid');
    expect(one(customer.caseId)?.['status']).toBe('closed');
    expect(kinds(records, 'lea', 'opp', 'quo', 'ord', 'inv', 'cas', 'prc')).toEqual({
      lea: 1,
      opp: 1,
      quo: 1,
      ord: 1,
      inv: 1,
      cas: 1,
      prc: 5,
    });
    await eventually(async () => {
      const { figures } = await api.get(`/v1/accounts/${customer.accountId}/overview`);
      expect(figures.revenue).toEqual((one(customer.invoiceId) as Json).totals.net);
    });
  }
  await everyMailOnce(all.filter(({ id }) => String(id).startsWith('msg_')));
  const numbers = all
    .filter(({ id }) => String(id).startsWith('inv_'))
    .map(({ number }) => Number(/\d+$/.exec(String(number))?.[0]));
  expect(numbers.sort((a, b) => a - b)).toEqual(customers.map((_, n) => n + 1));
  await nothingIsParked();
  for (const { id } of all)
    for (const wait of await store.queryAll({ pk: waitsOf(String(id)), prefix: '' }, true))
      expect.fail(`${Wait.parse(wait).sk} still waits for ${id}`);
}

const kinds = (records: Item[], ...prefixes: string[]) =>
  Object.fromEntries(
    prefixes.map((prefix) => [prefix, records.filter(({ id }) => String(id).startsWith(`${prefix}_`)).length]),
  );

/** As many mails are in the mailbox as are written down, each to whom it was written. */
async function everyMailOnce(mails: Item[]): Promise<void> {
  const answer = await fetch(`${stack?.access.mailboxUrl}/messages?limit=200`);
  const { data } = (await answer.json()) as { data: Json[] };
  const written = mails.map(({ to, subject }) => `${(to as { email: string }).email}: ${subject}`);
  expect(data.map(({ to, subject }) => `${addressOf(to)}: ${subject}`).sort()).toEqual(written.sort());
}

const addressOf = (to: Json): string => [to].flat().map((one: Json) => one.address ?? one.email ?? one)[0];

async function queues(): Promise<string[]> {
  const { QueueUrls = [] } = await new SQSClient({}).send(new ListQueuesCommand({ MaxResults: 1_000 }));
  return QueueUrls;
}

/** Messages that failed come back soon, instead of after six times the time that the function may take. */
async function failuresComeBackWithin(seconds: number): Promise<void> {
  const sqs = new SQSClient({});
  for (const QueueUrl of await queues())
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(seconds) } }));
}

async function nothingIsParked(): Promise<void> {
  const sqs = new SQSClient({});
  const parked = (await queues()).filter((url) => url.includes('Parking'));
  expect(parked.length).toBeGreaterThan(5);
  for (const QueueUrl of parked) {
    const AttributeNames = ['ApproximateNumberOfMessages' as const];
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    expect(Attributes?.ApproximateNumberOfMessages, QueueUrl).toBe('0');
  }
}

/** What an operator does after a restore. */
async function reconcile(): Promise<void> {
  const lambda = new LambdaClient({});
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({ MaxItems: 200 }));
  const found = Functions.find(({ FunctionName }) => FunctionName?.toLowerCase().includes('reconcile'));
  await lambda.send(new InvokeCommand({ FunctionName: found?.FunctionName, Payload: JSON.stringify({ all: true }) }));
}
