import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { localEnvironment, startCloud } from '../../infra/local/cloud.ts';
import { type Import, sourceKey } from '../../shared/exchange/import.ts';
import { createImport, runImport } from '../../shared/exchange/import-commands.ts';
import { takeTurn } from '../../shared/exchange/import-turn.ts';
import { previewImport } from '../../shared/exchange/preview-import.ts';
import { putObject } from '../../shared/store/bucket.ts';
import { run } from '../../shared/store/command.ts';
import { Policies } from '../../shared/store/policies.ts';
import { type Surroundings, storeOver } from '../../shared/store/surroundings.ts';

/**
 * `npm run bench:import`: rows a second of the import's own processor time (waiting for the table does not count), and the write units that a
 * row takes, by DynamoDB's rules. `--rows` of each file (3000); `--dynamodb` the address of another table server than the emulator's, as
 * DynamoDB Local.
 */
const { values } = parseArgs({ options: { rows: { type: 'string', default: '3000' }, dynamodb: { type: 'string' } } });
const count = Number(values.rows);
const bucket = 'bench-documents';
const table = 'bench';

interface File {
  name: string;
  object: Import['object'];
  csv: string;
  mapping?: Record<string, string | { field: string; source: string }>;
}

/** New accounts with everything by which they are compared; every tenth is one of those before, written otherwise. */
function accounts(): File {
  const rows = Array.from({ length: count }, (_, n) => {
    const of = n % 10 === 9 ? n - 5 : n;
    const name = n === of ? `Company ${of} Trading GmbH` : `COMPANY ${of} TRADING`;
    return `${name},company${of}.example,${of} Main Street,${10_000 + (of % 90_000)},+49 30 ${1_000_000 + of},retail`;
  });
  const csv = ['name,website,street,zip,phone,sector', ...rows].join('\n');
  return { name: 'new accounts, a tenth of them twice', object: 'accounts', csv };
}
function accountsAgain(): File {
  return { ...accounts(), name: 'the same accounts again' };
}

function contacts(): File {
  const rows = Array.from(
    { length: count },
    (_, n) => `Jo,Ruiz ${n},jo${n}@company${n}.example,Company ${n - (n % 10)} Trading GmbH`,
  );
  return {
    name: 'new contacts of known accounts',
    object: 'contacts',
    csv: ['first name,last name,email,company', ...rows].join('\n'),
  };
}

function opportunities(): File {
  const rows = Array.from(
    { length: count },
    (_, n) => `${n},Company ${(n - (n % 10)) % 100} Trading GmbH,won,2017-01-02,2017-03-04,${n}`,
  );
  const csv = ['opportunity id,company,stage,opened,close date,close value', ...rows].join('\n');
  return { name: 'new opportunities of known accounts', object: 'opportunities', csv };
}

let units = 0;

function around(): Surroundings {
  const client = new DynamoDBClient({});
  client.middlewareStack.add(
    (next) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      const { ConsumedCapacity: consumed = [] } = result.output as { ConsumedCapacity?: { CapacityUnits?: number }[] };
      const isWrite = 'TransactItems' in args.input;
      if (isWrite && Array.isArray(consumed)) for (const { CapacityUnits = 0 } of consumed) units += CapacityUnits;
      return result;
    },
    { step: 'initialize' },
  );
  const store = storeOver(table, client);
  return { store, policies: new Policies(store), now: () => new Date() };
}

async function measured({ name, object, csv, mapping }: File): Promise<string> {
  const here = around();
  const on = () => ({ now: new Date(), actor: { kind: 'system' as const, id: 'bench' }, correlationId: 'bench' });
  const does = async <I, A>(command: Parameters<typeof run<I, A>>[3], input: I) =>
    (await run(here.store, here.policies, on(), command, input)).answer;
  const { id } = await does(
    createImport(() => bucket),
    { object, options: { runWorkflows: false, onDuplicate: 'skip' } },
  );
  await putObject(bucket, sourceKey(id), Buffer.from(csv));
  await does(
    previewImport(() => bucket),
    { id, ...(mapping && { mapping }) },
  );
  await does(
    runImport(() => bucket),
    { id },
  );
  units = 0;
  const cpu = process.cpuUsage();
  const from = performance.now();
  let given: Import;
  do given = await takeTurn({ around: here, bucket, on: on() }, id);
  while (given.status === 'running');
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = (milliseconds: number) => Math.round((given.counts.rows * 1_000) / milliseconds);
  const { rows, created, skipped, failed } = given.counts;
  return `| ${name} | ${perSecond((user + system) / 1_000)} | ${perSecond(performance.now() - from)} | ${(units / rows).toFixed(1)} | ${created}, ${skipped}, ${failed} |`;
}

async function prepare(): Promise<void> {
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const key = (name: string, type: 'HASH' | 'RANGE') => ({ AttributeName: name, KeyType: type });
  const indexes = ['gsi1', 'gsi2', 'gsi3'];
  await new DynamoDBClient({}).send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', ...indexes.flatMap((index) => [`${index}pk`, `${index}sk`])].map(
        (AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        }),
      ),
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
      GlobalSecondaryIndexes: indexes.map((IndexName) => ({
        IndexName,
        KeySchema: [key(`${IndexName}pk`, 'HASH'), key(`${IndexName}sk`, 'RANGE')],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    }),
  );
}

const folder = await mkdtemp(join(tmpdir(), 'stepwise-bench-import-'));
const cloud = await startCloud({ logFile: join(folder, 'cloud.log') });
try {
  Object.assign(process.env, localEnvironment(cloud.endpoint));
  if (values.dynamodb) process.env['AWS_ENDPOINT_URL_DYNAMODB'] = values.dynamodb;
  await prepare();
  console.log(
    `| ${count} rows of | rows/s of processor time | rows/s here | write units a row | created, skipped, failed |`,
  );
  console.log('|---|---|---|---|---|');
  for (const file of [accounts(), accountsAgain(), contacts(), opportunities()]) console.log(await measured(file));
} finally {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
}
