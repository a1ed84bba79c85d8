import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { client } from './client.ts';
import { companyIsThere, makeCustomers, makeHouse } from './sample-company.ts';
import type { Access } from './stack.ts';

/** `npm run sample -- 200`: so many more customers, in the stack that `npm start` serves. */
const count = Number(process.argv[2] ?? 25);
if (!Number.isInteger(count) || count < 1) throw new Error('Usage: npm run sample -- <number of customers>');
const access = JSON.parse(await readFile(join(import.meta.dirname, '../../.local/stepwise.json'), 'utf8')) as Access;
const api = client(access.apiUrl, access.apiKey);

const startedAt = Date.now();
const there = await companyIsThere(api);
const house = there
  ? {
      users: (await api.get('/v1/users?limit=200')).data.toReversed(),
      products: (await api.get('/v1/products?limit=200')).data,
    }
  : await makeHouse(api);
const from = there ? 1_000 + (Math.floor(Date.now() / 1_000) % 1_000_000) : 0;
await makeCustomers(api, house, count, 7, from);
console.log(`${count} customers in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
