import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { csvFile } from '../../shared/exchange/csv/writer.ts';
import { type Client, client, type Json } from './client.ts';
import { compareSales, type SalesTruth } from './compare-sales.ts';
import type { Access } from './stack.ts';

/**
 * `npm run import:crm -- <folder>`: brings a sales history into the stack that `npm start` serves, through the public API alone. The folder
 * holds what the CRM before exported: `sales_teams.csv`, `products.csv`, `accounts.csv`, `sales_pipeline.csv`. Run again, it changes
 * nothing but what has changed in the files. `docs/imports.md` says what becomes of which column.
 */
export async function importCrm(
  api: Client,
  folder: string,
  tell: (line: string) => void,
): Promise<Record<string, Json>> {
  const teams = await people(folder);
  const done: Record<string, Json> = {};
  const step = async (object: string, csv: string | Uint8Array, mapping: object) => {
    const from = Date.now();
    done[object] = await imported(api, object, csv, mapping);
    const { rows, created, updated, skipped, failed } = done[object].counts;
    const seconds = ((Date.now() - from) / 1_000).toFixed(1);
    tell(
      `${object}: ${rows} rows in ${seconds} s: ${created} created, ${updated} updated, ${skipped} as they were, ${failed} failed`,
    );
  };
  const file = (name: string) => readFile(join(folder, name));
  await step(
    'teams',
    csvFile(
      ['name'],
      teams.offices.map((name) => [name]),
    ),
    { name: 'name' },
  );
  const user = { name: 'name', email: 'email', role: 'role', team: { field: 'teamId', lookup: 'name' } };
  await step('users', csvFile(['name', 'email', 'role', 'team', 'manager'], teams.users), {
    ...user,
    manager: { field: 'managerId', lookup: 'email' },
  });
  await step('products', await file('products.csv'), {
    product: 'name',
    series: 'category',
    sales_price: { field: 'price', currency: 'USD', unit: 'major' },
  });
  await step('accounts', await file('accounts.csv'), {
    account: 'name',
    sector: 'industry',
    employees: 'size',
    office_location: { field: 'billingAddress.country', values: { Philipines: 'PH' } },
    year_established: 'custom.yearEstablished',
    revenue: 'custom.revenueInMillions',
    subsidiary_of: 'custom.subsidiaryOf',
  });
  await step('opportunities', await dealsOf(folder), {
    opportunity_id: { field: 'externalId', source: 'legacy' },
    account: { field: 'accountId', lookup: 'name', default: '(no account)' },
    sales_agent: { field: 'ownerId', lookup: 'name' },
    product: { field: 'products', lookup: 'name', aliases: { GTXPro: 'GTX Pro' } },
    deal_stage: { field: 'stage', values: { Engaging: 'discovery', Prospecting: 'new', Won: 'won', Lost: 'lost' } },
    engage_date: 'openedOn',
    close_date: 'closeOn',
    close_value: { field: 'amount', currency: 'USD', unit: 'major' },
  });
  return done;
}

/** The offices, and the people of each: managers first, so that their agents find them. */
async function people(folder: string): Promise<{ offices: string[]; users: string[][] }> {
  const rows = parse<Record<string, string>>(await readFile(join(folder, 'sales_teams.csv')), { columns: true });
  const offices = [...new Set(rows.map((row) => row['regional_office']!))];
  const address = (name: string) =>
    `${name
      .normalize('NFKD')
      .replaceAll(/[^\p{L}\s]/gu, '')
      .trim()
      .toLowerCase()
      .replaceAll(/\s+/g, '.')}@sales.example`;
  const managers = new Map(rows.map((row) => [row['manager']!, row['regional_office']!]));
  return {
    offices,
    users: [
      ...[...managers].map(([name, office]) => [name, address(name), 'manager', office, '']),
      ...rows.map((row) => [
        row['sales_agent']!,
        address(row['sales_agent']!),
        'agent',
        row['regional_office']!,
        address(row['manager']!),
      ]),
    ],
  };
}

/** The deals, an open one at the list price of its product: the CRM before gave a deal its value when it closed. */
async function dealsOf(folder: string): Promise<string> {
  const rows = async (name: string) =>
    parse<Record<string, string>>(await readFile(join(folder, name)), { columns: true, bom: true });
  const squeezed = (product: string) => product.replaceAll(' ', '');
  const prices = new Map(
    (await rows('products.csv')).map((row) => [squeezed(row['product']!), row['sales_price']!] as const),
  );
  const deals = (await rows('sales_pipeline.csv')).map((deal) => ({
    ...deal,
    close_value: deal['close_value'] || prices.get(squeezed(deal['product']!)) || '',
  }));
  return csvFile(
    Object.keys(deals[0] ?? {}),
    deals.map((deal) => Object.values(deal)),
  );
}

/** One file: upload, preview, run, wait. */
async function imported(api: Client, object: string, csv: string | Uint8Array, mapping: object): Promise<Json> {
  const { id, upload } = await api.post('/v1/imports', {
    object,
    options: { runWorkflows: false, onDuplicate: 'update' },
  });
  const put = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: csv as string });
  if (!put.ok) throw new Error(`The upload answered ${put.status}`);
  const preview = await api.post(`/v1/imports/${id}/preview`, { mapping });
  await api.post(`/v1/imports/${id}/run`);
  for (;;) {
    const found = await api.get(`/v1/imports/${id}`);
    if (found.status === 'succeeded') return { ...found, preview };
    if (found.status === 'failed') throw new Error(`The import of ${object} failed: ${found.fault}`);
    await setTimeout(200);
  }
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (!folder) throw new Error('Usage: npm run import:crm -- <folder>');
  const stack = process.env['STEPWISE_FOLDER'] ?? join(import.meta.dirname, '../../.local');
  const access = JSON.parse(await readFile(join(stack, 'stepwise.json'), 'utf8')) as Access;
  const api = client(access.apiUrl, access.apiKey);
  await importCrm(api, folder, console.log);
  const truth = join(folder, '../TRUTH.json');
  if (existsSync(truth)) {
    const { 'crm-pipeline': sales } = JSON.parse(await readFile(truth, 'utf8')) as { 'crm-pipeline': SalesTruth };
    const agents = (await people(folder)).users.flatMap(([name = '', , role]) => (role === 'agent' ? [name] : []));
    await compareSales(api, { truth: sales, agents }, console.log);
  }
}
