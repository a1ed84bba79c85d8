import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { wrapBundles } from '../../infra/build/wrap-bundles.ts';
import { build } from '../../infra/build.ts';
import { type Client, client, type Json } from '../../infra/local/client.ts';
import { startStack } from '../../infra/local/stack.ts';
import { storeOver } from '../../shared/store/surroundings.ts';
import { readers } from '../support/audience.ts';
import type { Rates } from './random-faults.ts';

/**
 * `npm run soak:campaign -- --recipients 10000 --faults 0.1 --stops 2`: a campaign to so many, whose send function fails at random (before
 * what it does, after it, and in its midst, by the death of its process) and whose execution is stopped so often and redriven. Afterwards
 * every recipient has exactly one mail, and the results say so.
 */
const { values } = parseArgs({
  options: {
    recipients: { type: 'string', default: '10000' },
    faults: { type: 'string', default: '0.1' },
    deaths: { type: 'string', default: '0.002' },
    stops: { type: 'string', default: '2' },
    rate: { type: 'string', default: '100' },
  },
});
const count = Number(values.recipients);
const stops = Number(values.stops);
const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'stepwise-soak-campaign-'));
const [bundles, notes] = [join(folder, 'bundles'), join(folder, 'notes')];
await build();
await mkdir(notes);
const rates: Rates = { fault: Number(values.faults), death: Number(values.deaths) };
await writeFile(join(notes, 'rates.json'), JSON.stringify(rates));
await wrapBundles(join(root, 'dist/functions'), bundles, join(root, 'test/soak/random-faults.ts'), notes);
const stack = await startStack({ folder, context: { bundles }, tell: console.log });
let faults: string[] = [];
try {
  const { access } = stack;
  const api = client(access.apiUrl, access.apiKey);
  const campaign = await prepare(api);
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1_000).toFixed(0);
  await api.post(`/v1/campaigns/${campaign.id}/send`);
  let stopped = 0;
  for (let status = ''; status !== 'sent'; ) {
    await setTimeout(2_000);
    ({ status } = await api.get(`/v1/campaigns/${campaign.id}`));
    const {
      recipients,
      skipped,
      arms: _,
      revenue: __,
      asOf: ___,
      ...rest
    } = await api.get(`/v1/campaigns/${campaign.id}/results`);
    console.log(`${seconds().padStart(4)} s  ${status}: ${JSON.stringify({ recipients, ...rest })}`);
    if (stopped < stops && rest.sent > ((stopped + 1) * count) / (stops + 1)) {
      stopped++;
      await stopAndRedrive(api, campaign.id);
    }
    await redriveFailed(api, campaign.id);
    if (Date.now() - startedAt > 3_600_000) throw new Error('It takes more than an hour');
  }
  console.log(`Sent to ${count} in ${seconds()} s, stopped ${stopped} times`);
  for (const [what, times] of Map.groupBy(await failures(), (line) => line))
    console.log(`  ${times.length} times it ${what}`);
  faults = await verified(api, campaign.id, access.mailboxUrl);
  console.log(faults.length ? faults.slice(0, 30).join('\n') : `${count} recipients, ${count} mails: each exactly one`);
} finally {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = faults.length ? 1 : 0;

async function failures(): Promise<string[]> {
  return (await readFile(join(notes, 'failures'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
}

async function prepare(api: Client): Promise<Json> {
  const store = storeOver(stack.access.tableName);
  const emails = Array.from({ length: count }, (_, n) => `reader-${n}@soak.example`);
  const before = Date.now();
  await readers(store, { emails, topic: 'soak', tag: 'soak' });
  console.log(`${count} contacts in ${((Date.now() - before) / 1_000).toFixed(0)} s`);
  await api.put('/v1/policies/campaign-sending', { body: { mailsPerSecond: Number(values.rate) } });
  const segment = await api.post('/v1/segments', {
    name: 'Soak',
    rule: { all: [{ fact: 'contact.tags', has: 'soak' }] },
  });
  const template = await api.post('/v1/templates', {
    name: 'Soak',
    subject: 'Hello {{ contact.firstName }}',
    body: '<p>Hello {{ contact.firstName }}, <a href="https://shop.example/spring">see</a></p>',
    topic: 'soak',
  });
  await setTimeout(5_500);
  return api.post('/v1/campaigns', { name: 'Soak', topic: 'soak', segmentIds: [segment.id], templateId: template.id });
}

async function processOf(api: Client, recordId: string): Promise<Json> {
  const { data } = await api.get(`/v1/processes?recordId=${recordId}`);
  return data[0] && api.get(`/v1/processes/${data[0].id}`);
}

/** Stops the execution as an operator would by mistake, behind our back, and redrives its process. */
async function stopAndRedrive(api: Client, recordId: string): Promise<void> {
  const { id, executionArn } = await processOf(api, recordId);
  await new SFNClient({}).send(new StopExecutionCommand({ executionArn }));
  console.log(`        stopped ${executionArn.split(':').at(-1)}`);
  for (;;) {
    const redriven = await api.post(`/v1/processes/${id}/redrive`).catch(() => undefined);
    if (redriven) break;
    await setTimeout(200);
  }
  console.log('        redriven');
}

/** One that failed more often than its machine tries is an operator's. */
async function redriveFailed(api: Client, recordId: string): Promise<void> {
  const process = await processOf(api, recordId);
  if (process?.state !== 'failed') return;
  console.log(`        ${process.outcome}: redriven`);
  await api.post(`/v1/processes/${process.id}/redrive`);
}

async function verified(api: Client, campaignId: string, mailboxUrl: string): Promise<string[]> {
  const mails = new Map<string, number>();
  for (let after = ''; ; ) {
    const page = (await (await fetch(`${mailboxUrl}/messages?limit=200${after && `&after=${after}`}`)).json()) as Json;
    for (const { to } of page.data) for (const one of [to].flat()) mails.set(one, (mails.get(one) ?? 0) + 1);
    if (!page.nextCursor) break;
    after = page.data.at(-1).id;
  }
  const results = await api.get(`/v1/campaigns/${campaignId}/results`);
  const found: string[] = [];
  for (const [to, n] of mails) if (n !== 1) found.push(`${to} got ${n} mails`);
  if (mails.size !== count) found.push(`${mails.size} addresses got a mail, of ${count}`);
  if (results.sent !== count || results.recipients !== count) found.push(`The results say ${JSON.stringify(results)}`);
  return found;
}
