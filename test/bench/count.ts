import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import type { Called, Invoked, Note } from './meter.ts';
import { prices } from './prices.ts';

/** What a lifecycle took, as it is counted and as it is paid. */
export interface Count {
  requests: number;
  invocations: number;
  gigabyteSeconds: number;
  transactions: number;
  /** Writes that are no transaction: numbers drawn, waits taken away. */
  singleWrites: number;
  reads: number;
  scans: number;
  writeUnits: number;
  readUnits: number;
  transitions: number;
  events: number;
  messages: number;
  mails: number;
  puts: number;
  gets: number;
}

/** Everything that the meters wrote down so far. */
export const notesIn = (folder: string): Note[] =>
  readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Note),
  );

/** States that executions entered, and how often they registered a wait: a transaction that Step Functions itself makes. */
export interface Executed {
  transitions: number;
  waits: number;
}

/** Counts over the histories of all executions. */
export async function executed(client = new SFNClient({})): Promise<Executed> {
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  const sum = { transitions: 0, waits: 0 };
  for (const { stateMachineArn } of stateMachines) {
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1_000 }));
    for (const { executionArn } of executions) {
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }));
      sum.transitions += events.filter(({ stateEnteredEventDetails }) => stateEnteredEventDetails).length;
      sum.waits += events.filter(
        ({ type, taskScheduledEventDetails: task }) => type === 'TaskScheduled' && task?.resourceType !== 'lambda',
      ).length;
    }
  }
  return sum;
}

/** A wait is one transaction of two actions on items of up to 1 kB, at twice the units of a plain write; it stands in one index. */
const unitsOfWait = 5;
const transactions = 'TransactWriteItems';
const plainWrites = ['PutItem', 'UpdateItem', 'DeleteItem'];
const reading = ['GetItem', 'BatchGetItem', 'Query'];
const gigabytes = 0.5;

/** Sums up notes and executions. */
export function countOf(notes: readonly Note[], { transitions, waits }: Executed): Count {
  const invoked = notes.filter((note): note is Invoked => note.kind === 'invoked');
  const called = notes.filter((note): note is Called => note.kind === 'called');
  const dynamo = called.filter(({ service }) => service === 'DynamoDB');
  const times = (service: string, operation: string) =>
    called.filter((one) => one.service === service && one.operation === operation).length;
  return {
    requests: invoked.filter(({ name }) => name.startsWith('http-')).length,
    invocations: invoked.length,
    gigabyteSeconds: total(invoked, ({ milliseconds }) => (milliseconds / 1_000) * gigabytes),
    transactions: dynamo.filter(({ operation }) => operation === transactions).length + waits,
    singleWrites: dynamo.filter(({ operation }) => plainWrites.includes(operation)).length,
    reads: dynamo.filter(({ operation }) => reading.includes(operation)).length,
    scans: dynamo.filter(({ operation }) => operation === 'Scan').length,
    writeUnits: total(dynamo, ({ writes }) => writes) + waits * unitsOfWait,
    readUnits: total(dynamo, ({ reads }) => reads),
    transitions,
    events: total(
      called.filter(({ service }) => service === 'AWSEvents'),
      ({ entries }) => entries,
    ),
    messages: total(invoked.filter(isConsumer), ({ records }) => records),
    mails: times('ses', 'POST'),
    puts: times('s3', 'PUT'),
    gets: times('s3', 'GET'),
  };
}

const isConsumer = ({ name }: Invoked) => name.startsWith('events-') && name !== 'events-relay';

const total = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((sum, one) => sum + of(one), 0);

/** US$ of each part. A message is sent, received and deleted by a request of its own at worst. */
export function costOf(count: Count): Record<string, number> {
  return {
    'API Gateway': count.requests * prices.request,
    Lambda: count.invocations * prices.invocation + count.gigabyteSeconds * prices.gigabyteSecond,
    DynamoDB: count.writeUnits * prices.writeUnit + count.readUnits * prices.readUnit,
    'Step Functions': count.transitions * prices.transition,
    EventBridge: count.events * prices.event,
    SQS: count.messages * 3 * prices.queueRequest,
    SES: count.mails * prices.mail,
    S3: count.puts * prices.put + count.gets * prices.get,
  };
}
