import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { wrapBundles } from '../../infra/build/wrap-bundles.ts';
import { build } from '../../infra/build.ts';
import { client } from '../../infra/local/client.ts';
import type { Company } from '../../infra/local/sample-company.ts';
import { startStack } from '../../infra/local/stack.ts';
import { storeOver } from '../../shared/store/surroundings.ts';
import { type Count, costOf, countOf, executed, notesIn } from './count.ts';
import { type Deployed, ended, type Lifecycle, prepare, sell, serve } from './lifecycle.ts';

/**
 * `npm run bench`: counts what one whole lifecycle takes on a deployed stack of its own, and what that costs on AWS; then how many
 * lifecycles a second this machine does, and how fast the functions start. `--lifecycles` a run of the second part (20); `--write` puts
 * the table where people read it.
 */
const { values } = parseArgs({
  options: { lifecycles: { type: 'string', default: '20' }, write: { type: 'boolean', default: false } },
});
const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'stepwise-bench-'));
const tell = (text: string) => console.error(text);

try {
  const bundles = await build();
  const notes = join(folder, 'notes');
  await mkdir(notes);
  await wrapBundles(
    join(root, 'dist/functions'),
    join(folder, 'bundles'),
    join(import.meta.dirname, 'meter.ts'),
    notes,
  );
  const stack = await startStack({ folder, context: { bundles: join(folder, 'bundles') }, tell });
  const lines: string[] = [];
  try {
    const { apiUrl, apiKey, tableName } = stack.access;
    const on: Deployed = { api: client(apiUrl, apiKey), store: storeOver(tableName) };
    const house = await prepare(on);
    await lifecycle(on, house, 'warm-up');
    tell('One lifecycle has warmed everything up');
    const count = await counted(on, house, notes);
    lines.push(...tableOf(count));
    tell(lines.join('\n'));
    for (const clients of [1, 8]) {
      lines.push(await pace(on, house, clients, Number(values.lifecycles)));
      tell(lines.at(-1) ?? '');
    }
  } finally {
    await stack.stop();
  }
  const sizes = bundles.map(({ bytes }) => bytes).sort((a, b) => a - b);
  lines.push(
    `| bundles: ${bundles.length} functions, kB smallest / median / largest | ${[0, 0.5, 1].map((part) => kB(at(sizes, part))).join(' / ')} |`,
  );
  const starts = bundles.map(({ name }) => importOf(name)).sort((a, b) => a - b);
  lines.push(
    `| cold start of the code (import of a bundle), ms fastest / median / slowest | ${[0, 0.5, 1].map((part) => Math.round(at(starts, part))).join(' / ')} |`,
  );
  const text = lines.join('\n');
  console.log(text);
  if (values.write) await publish(text);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function lifecycle(on: Deployed, house: Company, name: string): Promise<Lifecycle> {
  const done = await serve(on, await sell(on, house, name));
  await ended(on.store, done);
  return done;
}

/** One lifecycle with nothing else going on. */
async function counted(on: Deployed, house: Company, notes: string): Promise<Count> {
  const before = { notes: await quiet(notes), executed: await executed() };
  await lifecycle(on, house, 'quiet');
  const after = { notes: await quiet(notes), executed: await executed() };
  const since = (when: typeof before) => countOf(when.notes, when.executed);
  const [last, first] = [since(after), since(before)];
  return Object.fromEntries(
    Object.entries(last).map(([name, value]) => [name, value - first[name as keyof Count]]),
  ) as unknown as Count;
}

/** What the meters have noted, once they note nothing new for three seconds. */
async function quiet(notes: string) {
  for (let last = notesIn(notes); ; ) {
    await setTimeout(3_000);
    const next = notesIn(notes);
    if (next.length === last.length) return next;
    last = next;
  }
}

function tableOf(count: Count): string[] {
  const costs = costOf(count);
  const sum = Object.values(costs).reduce((a, b) => a + b);
  const paid = (service: string) => `$${((costs[service] ?? 0) * 1_000).toFixed(3)}`;
  const row = (what: string, amount: string | number, service = '') =>
    `| ${what} | ${amount} | ${service && `${service} ${paid(service)}`} |`;
  return [
    '| one lifecycle takes | counted | US$ per 1,000 |',
    '|---|---:|---:|',
    row('API requests', count.requests, 'API Gateway'),
    row('Lambda invocations', count.invocations, 'Lambda'),
    row('Lambda GB-seconds (this machine)', count.gigabyteSeconds.toFixed(2)),
    row('DynamoDB transactions', count.transactions, 'DynamoDB'),
    row('DynamoDB single writes (numbers drawn, waits taken away)', count.singleWrites),
    row('DynamoDB reads', count.reads),
    row('DynamoDB scans', count.scans),
    row('DynamoDB write units', Math.round(count.writeUnits)),
    row('DynamoDB read units', Math.round(count.readUnits)),
    row('state transitions', count.transitions, 'Step Functions'),
    row('events on the bus', count.events, 'EventBridge'),
    row('messages in queues', count.messages, 'SQS'),
    row('mails', count.mails, 'SES'),
    row('documents put and read', `${count.puts} + ${count.gets}`, 'S3'),
    `| **1,000 lifecycles** | | **US$ ${(sum * 1_000).toFixed(2)}** |`,
    '',
    '| on this machine | |',
    '|---|---:|',
  ];
}

/** Lifecycles a second by so many clients at once, to the end of their processes and mails. */
async function pace(on: Deployed, house: Company, clients: number, count: number): Promise<string> {
  let next = 0;
  const startedAt = performance.now();
  const worker = async () => {
    for (let n = next++; n < count; n = next++) await lifecycle(on, house, `pace-${clients}-${n}`);
  };
  await Promise.all(Array.from({ length: clients }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  return `| lifecycles a second, ${clients} at once (${count} to their very end, ${seconds.toFixed(0)} s) | ${(count / seconds).toFixed(2)} |`;
}

/** Milliseconds that a new process takes to import a bundle, the best of three. */
function importOf(name: string): number {
  const code = `const t=performance.now();await import(${JSON.stringify(join(root, 'dist/functions', name, 'index.mjs'))});console.log(performance.now()-t)`;
  const once = () => Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
  return Math.min(once(), once(), once());
}

/** The value at a part of a sorted list: 0 the first, 0.5 the middle, 1 the last. */
function at(sorted: readonly number[], part: number): number {
  return sorted[Math.round((sorted.length - 1) * part)] ?? 0;
}

function kB(bytes: number): number {
  return Math.round(bytes / 1_000);
}

/** Puts the tables into the section `## Measured` of the README, or into `docs/measured.md` where it has none. */
async function publish(tables: string): Promise<void> {
  const when = new Date().toISOString().slice(0, 10);
  const source = `Measured ${when} by \`npm run bench\` on ${availableParallelism()} cores; what is counted does not depend on them. What each figure means: [test/bench](test/bench/README.md).`;
  const section = `## Measured\n\n${source}\n\n${tables}\n`;
  const readme = join(root, 'README.md');
  const text = existsSync(readme) ? await readFile(readme, 'utf8') : '';
  const place = /^## Measured\n[\s\S]*?(?=^## |$(?![\s\S]))/m;
  if (place.test(text))
    await writeFile(
      readme,
      text.replace(place, () => `${section}\n`),
    );
  else {
    await mkdir(join(root, 'docs'), { recursive: true });
    await writeFile(
      join(root, 'docs/measured.md'),
      section.replace('## ', '# ').replace('test/bench/', '../test/bench/'),
    );
  }
}
