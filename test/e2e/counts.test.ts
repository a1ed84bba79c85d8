import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wrapBundles } from '../../infra/build/wrap-bundles.ts';
import { build } from '../../infra/build.ts';
import { client } from '../../infra/local/client.ts';
import { startStack } from '../../infra/local/stack.ts';
import { storeOver } from '../../shared/store/surroundings.ts';
import { notesIn } from '../bench/count.ts';
import { ended, prepare, sell, serve } from '../bench/lifecycle.ts';
import type { Called, Invoked } from '../bench/meter.ts';

const root = join(import.meta.dirname, '../..');
const pointers = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'] as const;

test('a command is one transaction, and nothing scans', { timeout: 300_000 }, async () => {
  const given = pointers.map((name) => [name, process.env[name]] as const);
  for (const name of pointers) delete process.env[name];
  const folder = await mkdtemp(join(tmpdir(), 'stepwise-counts-'));
  try {
    await build();
    const [bundles, notes] = [join(folder, 'bundles'), join(folder, 'notes')];
    await mkdir(notes);
    await wrapBundles(join(root, 'dist/functions'), bundles, join(root, 'test/bench/meter.ts'), notes);
    const stack = await startStack({ folder, context: { bundles } });
    try {
      const on = { api: client(stack.access.apiUrl, stack.access.apiKey), store: storeOver(stack.access.tableName) };
      await ended(on.store, await serve(on, await sell(on, await prepare(on), 'counted')));
    } finally {
      await stack.stop();
    }
    const noted = notesIn(notes);
    const invoked = noted.filter((note): note is Invoked => note.kind === 'invoked');
    const commands = invoked.filter(({ name }) => name.startsWith('http-') || name.startsWith('tasks-'));
    expect(commands.filter(({ committed }) => committed === 1).length).toBeGreaterThan(20);
    expect(commands.filter(({ committed }) => committed > 1)).toEqual([]);

    const operations = new Set(
      noted
        .filter((note): note is Called => note.kind === 'called')
        .flatMap(({ service, operation }) => (service === 'DynamoDB' ? [operation] : [])),
    );
    // An update is a number drawn, a delete a wait taken away.
    expect([...operations].sort()).toEqual(
      ['BatchGetItem', 'DeleteItem', 'GetItem', 'Query', 'TransactWriteItems', 'UpdateItem'].sort(),
    );
  } finally {
    for (const [name, value] of given) if (value !== undefined) process.env[name] = value;
    await rm(folder, { recursive: true, force: true });
  }
});
