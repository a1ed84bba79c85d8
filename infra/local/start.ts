import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { client } from './client.ts';
import { invoke } from './invoke.ts';
import { companyIsThere, makeCompany } from './sample-company.ts';
import { forget, startStack } from './stack.ts';
import { tellStory } from './story/story.ts';

/**
 * `npm start`: the whole product on this machine. Deploys the unchanged app to a local cloud, makes the sample company, takes one lead
 * through the whole lifecycle, and keeps serving until it is stopped (Ctrl-C). `--exit` ends after the story; `--reset` forgets first.
 */
const { values } = parseArgs({
  options: { exit: { type: 'boolean', default: false }, reset: { type: 'boolean', default: false } },
});
const folder = join(import.meta.dirname, '../../.local');
const startedAt = performance.now();
const tell = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`);

const own = join(folder, 'stack');
if (values.reset) await forget(own);
const stack = await startStack({ folder: own, keep: true, tell });

let stopping: Promise<void> | undefined;
const stop = () => (stopping ??= stack.stop());
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    console.log('\nStopping; what is there is kept for the next start.');
    void stop().then(() => process.exit(0));
  });

try {
  const { access } = stack;
  await publish(access);
  const api = client(access.apiUrl, access.apiKey);
  if (await companyIsThere(api)) {
    // Executions end with the cloud: what the records say should run is started again.
    const done = await invoke('functions/scheduled/reconcile.ts', { all: true });
    const { started, adopted } = done as Record<'started' | 'adopted', number>;
    tell(`The sample company is there; ${adopted} processes were adopted, ${started} started`);
  } else {
    tell(await makeCompany(api, 25));
  }
  const accountId = await tellStory(access, tell);
  console.log(`
  API           ${access.apiUrl}/v1
  API document  ${access.apiUrl}/v1/openapi.json
  Mailbox       ${access.mailboxUrl}
  Key           in .local/stepwise.json
  One customer  curl -H "Authorization: Bearer $(jq -r .apiKey .local/stepwise.json)" '${access.apiUrl}/v1/accounts/${accountId}/overview'
`);
  if (values.exit) await stop();
  else console.log('Serving until you stop it (Ctrl-C).');
} catch (error) {
  console.error(error);
  process.exitCode = 1;
  await stop();
}

/** Clients find the stack by `.local/stepwise.json`. */
async function publish(access: object): Promise<void> {
  await writeFile(join(folder, 'stepwise.json'), `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 });
}
