import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { client } from '../../infra/local/client.ts';
import { makeHouse } from '../../infra/local/sample-company.ts';
import { startStack } from '../../infra/local/stack.ts';
import { broken } from './invariants.ts';
import { type Ended, lifecycle } from './lifecycle.ts';
import { UnsureClient } from './unsure-client.ts';

/**
 * `npm run soak -- --lifecycles 200 --clients 8`: whole lifecycles by clients that hang up and ask again, send twice at once, race each
 * other and call out of order. Afterwards everything that must hold is looked at (`invariants.ts`).
 */
const { values } = parseArgs({
  options: { lifecycles: { type: 'string', default: '200' }, clients: { type: 'string', default: '8' } },
});
const folder = await mkdtemp(join(tmpdir(), 'stepwise-soak-'));
const stack = await startStack({ folder, tell: console.log });
const faults: string[] = [];
try {
  const { access } = stack;
  const house = await makeHouse(client(access.apiUrl, access.apiKey));
  const api = new UnsureClient(access);
  const numbers = Array.from({ length: Number(values.lifecycles) }, (_, n) => n);
  const ends: Ended[] = [];
  const startedAt = Date.now();
  const worker = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift())
      await lifecycle(api, house, n).then(
        (end) => ends.push(end),
        (error: Error) => faults.push(`Lifecycle ${n}: ${error.message}`),
      );
  };
  await Promise.all(Array.from({ length: Number(values.clients) }, worker));
  const seconds = (Date.now() - startedAt) / 1_000;
  console.log(`${ends.length} lifecycles in ${seconds.toFixed(1)} s: ${(ends.length / seconds).toFixed(2)} a second`);
  faults.push(...(await broken(api, access, ends)));
  console.log(faults.length ? faults.slice(0, 30).join('\n') : 'All that must hold does');
} finally {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = faults.length ? 1 : 0;
