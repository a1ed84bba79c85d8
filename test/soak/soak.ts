import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { client, type Json } from '../../infra/local/client.ts';
import { makeHouse } from '../../infra/local/sample-company.ts';
import { type Access, startStack } from '../../infra/local/stack.ts';
import { eventually } from '../support/eventually.ts';

/**
 * `npm run soak -- --lifecycles 200 --clients 8`: whole lifecycles by clients that repeat requests (under the same key), send them twice at
 * once, and call out of order. Afterwards every invoice number is there once, sums balance, no record is without its events, and no
 * process is left that neither runs with a deadline nor has ended.
 */
const { values } = parseArgs({
  options: { lifecycles: { type: 'string', default: '200' }, clients: { type: 'string', default: '8' } },
});
const folder = await mkdtemp(join(tmpdir(), 'stepwise-soak-'));
const stack = await startStack({ folder, tell: console.log });
let faults: string[] = [];
try {
  const { access } = stack;
  const api = client(access.apiUrl, access.apiKey);
  const house = await makeHouse(api);
  const numbers = Array.from({ length: Number(values.lifecycles) }, (_, n) => n);
  const ends: Ended[] = [];
  const startedAt = Date.now();
  const worker = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift())
      ends.push(await lifecycle(access, house.products, n));
  };
  await Promise.all(Array.from({ length: Number(values.clients) }, worker));
  const seconds = (Date.now() - startedAt) / 1_000;
  console.log(`${ends.length} lifecycles in ${seconds.toFixed(1)} s: ${(ends.length / seconds).toFixed(2)} a second`);
  faults = await verified(access, ends);
  console.log(
    faults.length
      ? faults.slice(0, 30).join('\n')
      : 'Every number once, all sums balance, every record has its events, every process ended or waits with a deadline',
  );
} finally {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = faults.length ? 1 : 0;

interface Ended {
  accountId: string;
  records: string[];
  invoiceId: string;
}

/** A client that is not sure whether it was heard: it repeats, doubles, and tries what is not its turn. */
function unsure({ apiUrl, apiKey }: Access) {
  const send = async (
    method: string,
    path: string,
    body: object | undefined,
    key: string,
  ): Promise<{ status: number; json: Json }> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(`${apiUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          ...(method !== 'GET' && { 'idempotency-key': key }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const json: Json = await answer.json();
      const again = answer.status >= 500 || answer.headers.has('retry-after');
      if (!again || attempt === 8) return { status: answer.status, json };
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
    }
  };
  const post = async (path: string, body: object = {}): Promise<Json> => {
    const key = randomUUID();
    const once = () => send('POST', path, body, key);
    const answers = Math.random() < 0.3 ? await Promise.all([once(), once()]) : [await once()];
    if (Math.random() < 0.2) answers.push(await once());
    const [first] = answers;
    const bad = answers.find(({ status }) => status >= 400);
    if (bad) throw new Error(`POST ${path}: ${bad.status} ${JSON.stringify(bad.json)}`);
    if (answers.some(({ json }) => JSON.stringify(json) !== JSON.stringify(first!.json)))
      throw new Error(`POST ${path}: two answers under one key`);
    return first!.json;
  };
  const tooEarly = async (path: string, body: object = {}) => {
    if (Math.random() > 0.3) return;
    const { status } = await send('POST', path, body, randomUUID());
    if (status < 400 || status >= 500) throw new Error(`POST ${path} out of order: ${status}`);
  };
  const get = async (path: string): Promise<Json> => (await send('GET', path, undefined, '')).json;
  return { post, tooEarly, get };
}

async function lifecycle(access: Access, products: Json[], n: number): Promise<Ended> {
  const { post, tooEarly, get } = unsure(access);
  const product = products[n % products.length];
  const lead = await post('/v1/leads', {
    source: 'api',
    email: `buyer${n}@soak-${n}.example`,
    firstName: 'Bo',
    lastName: `Number ${n}`,
    company: `Soak ${n}`,
  });
  await tooEarly(`/v1/leads/${lead.id}/convert`);
  await post(`/v1/leads/${lead.id}/qualify`);
  const { opportunityId, accountId, contactId } = await post(`/v1/leads/${lead.id}/convert`, {
    opportunity: { name: `Deal ${n}`, amount: { amount: 100_000, currency: 'EUR' } },
  });
  await post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
  const quote = await post('/v1/quotes', {
    opportunityId,
    lines: [
      { productId: product.id, quantity: '4', discountPercent: '5' },
      { productId: products[0].id, quantity: '1.5' },
    ],
  });
  await tooEarly(`/v1/quotes/${quote.id}/accept`, { name: 'Bo' });
  await post(`/v1/quotes/${quote.id}/submit`);
  await post(`/v1/quotes/${quote.id}/send`);
  const { orderId } = await post(`/v1/quotes/${quote.id}/accept`, { name: 'Bo' });
  const order = await get(`/v1/orders/${orderId}`);
  await tooEarly(`/v1/orders/${orderId}/close`);
  await post(`/v1/orders/${orderId}/fulfilments`, {
    lines: order.lines.map(({ id, quantity }: Json) => ({ lineId: id, quantity })),
  });
  const invoice = await eventually(async () => {
    const { data } = await get(`/v1/invoices?orderId=${orderId}`);
    if (data[0]?.status !== 'issued') throw new Error(`No invoice for ${orderId}`);
    return data[0];
  }, 60_000);
  const { open } = invoice.totals;
  const half = { ...open, amount: Math.floor(open.amount / 2) };
  await post(`/v1/invoices/${invoice.id}/payments`, { amount: half, method: 'transfer', reference: `SOAK-${n}-1` });
  await post(`/v1/invoices/${invoice.id}/payments`, {
    amount: { ...open, amount: open.amount - half.amount },
    method: 'transfer',
    reference: `SOAK-${n}-2`,
  });
  const opened = await post('/v1/cases', {
    accountId,
    contactId,
    subject: `Case ${n}`,
    description: 'It hums',
    kind: 'problem',
    priority: 'high',
    channel: 'email',
  });
  await post(`/v1/cases/${opened.id}/reply`, { body: 'On it', public: true });
  await post(`/v1/cases/${opened.id}/resolve`, { summary: 'Done' });
  return { accountId, records: [lead.id, quote.id, orderId, invoice.id, opened.id], invoiceId: invoice.id };
}

async function verified({ apiUrl, apiKey }: Access, ends: readonly Ended[]): Promise<string[]> {
  const { get } = unsure({ apiUrl, apiKey } as Access);
  const found: string[] = [];
  const numbers: number[] = [];
  for (const { accountId, records, invoiceId } of ends) {
    const invoice = await get(`/v1/invoices/${invoiceId}`);
    numbers.push(Number(String(invoice.number).slice(5)));
    const { net, tax, gross, paid, credited, open } = invoice.totals;
    if (
      net.amount + tax.amount !== gross.amount ||
      paid.amount + credited.amount + open.amount !== gross.amount ||
      invoice.status !== 'paid'
    )
      found.push(`${invoice.number} does not balance: ${JSON.stringify(invoice.totals)} ${invoice.status}`);
    for (const recordId of records) {
      const processes = await eventually(async () => {
        const { data } = await get(`/v1/processes?recordId=${recordId}`);
        if (data.some(({ state, dueAt }: Json) => state === 'running' || (state === 'waiting' && !dueAt)))
          throw new Error(JSON.stringify(data));
        return data;
      }, 30_000).catch((error: Error) => [{ state: `stuck: ${error.message}` }]);
      for (const { state, workflow } of processes)
        if (!['succeeded', 'waiting'].includes(state) || (state === 'waiting' && workflow !== 'case-resolution'))
          found.push(`${workflow} of ${recordId}: ${state}`);
    }
    found.push(...(await gapsIn(get, accountId)));
  }
  const sorted = numbers.sort((a, b) => a - b);
  if (sorted.some((number, n) => number !== n + 1)) found.push(`Invoice numbers: ${sorted.join(',')}`);
  return found;
}

/** Every version of every record has exactly one event. */
async function gapsIn(get: (path: string) => Promise<Json>, accountId: string): Promise<string[]> {
  const versions = new Map<string, number[]>();
  for (let cursor = ''; ; ) {
    const page = await get(`/v1/accounts/${accountId}/timeline?limit=200${cursor && `&cursor=${cursor}`}`);
    for (const { recordId, recordVersion } of page.data)
      versions.set(recordId, [...(versions.get(recordId) ?? []), recordVersion]);
    if (!page.nextCursor) break;
    cursor = page.nextCursor;
  }
  return [...versions].flatMap(([recordId, all]) => {
    const sorted = all.sort((a, b) => a - b);
    return sorted.some((version, n) => version !== n + 1) ? [`${recordId} has events ${sorted.join(',')}`] : [];
  });
}
