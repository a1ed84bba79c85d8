import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { invoke } from '../../infra/local/invoke.ts';
import type { Company } from '../../infra/local/sample-company.ts';
import { type Stack, type StackOptions, startStack } from '../../infra/local/stack.ts';
import { Wait, waitsOf } from '../../shared/platform/process.ts';
import type { Item, Store } from '../../shared/store/store.ts';
import { storeOver } from '../../shared/store/surroundings.ts';
import {
  type Deployed,
  ended,
  eventsOf,
  type Lifecycle,
  patience,
  prepare,
  recordsOf,
  sell,
  serve,
} from '../bench/lifecycle.ts';
import { eventually } from '../support/eventually.ts';
import { linksIn } from '../support/stack.ts';
import { collectedSoon, otherPolicies } from './cast.ts';

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
  test('every function fails before and after everything it is asked, and the cloud stops in between', {
    timeout: 600_000,
  }, async () => {
    await build();
    const [bundles, notes] = [join(folder, 'bundles'), join(folder, 'notes')];
    await mkdir(notes);
    await wrapBundles(join(root, 'dist/functions'), bundles, join(root, 'infra/build/faults.ts'), notes);
    const failing = { keep: true, context: { bundles } };
    const on = await started(failing);
    await failuresComeBackWithin(4);
    const house = await prepare(on);
    const sold = await Promise.all(['one', 'two'].map((name) => sell(on, house, `faults-${name}`)));
    await stack?.stop();

    const again = await started(failing);
    await failuresComeBackWithin(4);
    await scheduled('reconcile', { all: true });
    const customers = await Promise.all(sold.map((one) => serve(again, one)));
    const records: Item[] = [];
    for (const customer of customers) records.push(...(await asSold(again, customer)));
    records.push(...(await theHardWay(again, house)));
    await nothingIsLost(again, records);

    const failed = (await readdir(notes)).map((note) => /^(.*)-\w+-(before|after)$/.exec(note)!.slice(1).join(' '));
    expect([...new Set(failed)].sort()).toEqual(
      expect.arrayContaining(lifecycleFunctions.flatMap((name) => [`${name} after`, `${name} before`])),
    );
  });
});

/** What takes part in a lifecycle: each of them has failed, before and after what it did. */
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
  'http-pages',
  'http-quotes',
  'http-tasks',
  'scheduled-reconcile',
  'scheduled-sweep',
  'tasks-case-resolution',
  'tasks-collection',
  'tasks-lead-qualification',
  'tasks-order-to-cash',
  'tasks-quote-approval',
];

/** Deadlines of seconds for what the straight way does not need. */
const soon = {
  'quote-approval': { escalateAfter: 'PT3S' },
  ...collectedSoon,
};

/**
 * A customer who comes by links, whose quote lies until somebody else is asked, and who does not pay: reminded twice, handed to a person,
 * written off. Answers all that is on record of them.
 */
async function theHardWay(on: Deployed, { products }: Company): Promise<Item[]> {
  const { api, store } = on;
  await otherPolicies(soon, api);
  const lead = await api.post('/v1/leads', {
    source: 'form',
    email: 'jo@hard.example',
    firstName: 'Jo',
    company: 'Hard',
  });
  const { accountId } = lead;
  await byLink(store, accountId, 'lead-assigned', 'Qualify');
  const { opportunityId } = await api.post(`/v1/leads/${lead.id}/convert`, { opportunity: { name: 'Desks' } });
  const lines = [{ productId: products[0]?.id, quantity: '10', discountPercent: '50' }];
  const quote = await api.post('/v1/quotes', { opportunityId, lines });
  const { approverId } = await api.post(`/v1/quotes/${quote.id}/submit`);
  await eventually(async () => {
    const asked = await api.get(`/v1/quotes/${quote.id}`);
    if (asked.approverId === approverId) throw new Error('Nobody else was asked');
    await api.as(asked.approverId).post(`/v1/quotes/${quote.id}/approve`);
  }, patience);
  await api.post(`/v1/quotes/${quote.id}/send`);
  await byLink(store, accountId, 'quote-sent', 'See and accept the quote', { action: 'accept', name: 'Jo' });
  const { orderId } = await api.get(`/v1/quotes/${quote.id}`);
  await api.post(`/v1/orders/${orderId}/fulfilments`, { lines: [{ lineId: '1', quantity: '10' }] });
  const handedOver = await eventually(async () => {
    const { data } = await api.get(`/v1/invoices?orderId=${orderId}`);
    if (!data[0]?.openTaskId) throw new Error(`The invoice of ${orderId} is with nobody: ${JSON.stringify(data[0])}`);
    return data[0];
  }, patience);
  await scheduled('sweep');
  await api.post(`/v1/tasks/${handedOver.openTaskId}/complete`, { action: 'writeOff', note: 'Insolvent' });
  const records = await ended(store, { accountId }, 4);
  const one = (prefix: string) => records.find(({ id }) => String(id).startsWith(`${prefix}_`));
  expect(one('lea')?.['status']).toBe('converted');
  expect(one('quo')?.['status']).toBe('accepted');
  expect(one('ord')?.['status']).toBe('fulfilled');
  expect(one('inv')).toMatchObject({ status: 'writtenOff', overdueAt: expect.any(String), dunningLevel: 'dunning1' });
  expect(kinds(records, 'lea', 'opp', 'quo', 'ord', 'inv', 'prc')).toEqual({
    lea: 1,
    opp: 1,
    quo: 1,
    ord: 1,
    inv: 1,
    prc: 4,
  });
  return records;
}

/** A customer of the straight way: the same end as without any failure. Answers all that is on record of them. */
async function asSold({ api, store }: Deployed, customer: Lifecycle): Promise<Item[]> {
  const records = await ended(store, customer);
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
  return records;
}

/** Every version of every record has its event, every mail went out once, the numbers of invoices have no gap, nothing waits or is parked. */
async function nothingIsLost({ store }: Deployed, records: Item[]): Promise<void> {
  const accounts = new Set(records.map(({ accountId }) => accountId).filter(Boolean));
  const events = (await Promise.all([...accounts].map((id) => eventsOf(store, String(id))))).flat();
  for (const { id, version } of records) {
    const versions = events.filter(({ recordId }) => recordId === id).map((event) => Number(event['recordVersion']));
    expect(
      versions.sort((a, b) => a - b),
      `events of ${id}`,
    ).toEqual(Array.from({ length: Number(version) }, (_, n) => n + 1));
    for (const wait of await store.queryAll({ pk: waitsOf(String(id)), prefix: '' }, true))
      expect.fail(`${Wait.parse(wait).sk} still waits for ${id}`);
  }
  await everyMailOnce(records.filter(({ id }) => String(id).startsWith('msg_')));
  const numbers = records
    .filter(({ id }) => String(id).startsWith('inv_'))
    .map(({ number }) => Number(/\d+$/.exec(String(number))?.[0]));
  expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, n) => n + 1));
  await nothingIsParked();
}

const kinds = (records: Item[], ...prefixes: string[]) =>
  Object.fromEntries(
    prefixes.map((prefix) => [prefix, records.filter(({ id }) => String(id).startsWith(`${prefix}_`)).length]),
  );

async function mailbox(): Promise<Json[]> {
  const answer = await fetch(`${stack?.access.mailboxUrl}/messages?limit=200`);
  return ((await answer.json()) as { data: Json[] }).data;
}

/** As many mails are in the mailbox as are written down, each to whom it was written. */
async function everyMailOnce(mails: Item[]): Promise<void> {
  const written = mails.map(({ to, subject }) => `${(to as { email: string }).email}: ${subject}`);
  expect((await mailbox()).map(({ to, subject }) => `${addressOf(to)}: ${subject}`).sort()).toEqual(written.sort());
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

/** Calls a function of the schedule until it comes through: twice it does not. */
const scheduled = (name: string, payload: object = {}): Promise<unknown> =>
  eventually(() => invoke(`functions/scheduled/${name}.ts`, payload));

/** Clicks a link of the newest mail of a template to somebody of an account, again until the page says that it is done. */
async function byLink(
  store: Store,
  accountId: string,
  template: string,
  label: string,
  form: Record<string, string> = {},
) {
  const link = await eventually(async () => {
    const mails = (await recordsOf(store, accountId)).filter((one) => one['template'] === template);
    const received = (await mailbox()).find(({ subject }) => mails.some((mail) => mail['subject'] === subject));
    if (!received) throw new Error(`No mail ${template} has arrived`);
    return linksIn(received).get(label)!;
  }, patience);
  await eventually(async () => {
    const shown = await fetch(link);
    if (!shown.ok) throw new Error(`${label} shows ${shown.status}`);
    const { status } = await fetch(link, { method: 'POST', body: new URLSearchParams(form) });
    if (status !== 200) throw new Error(`${label} answers ${status}`);
  });
}
