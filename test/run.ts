import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../infra/local/stack.ts';

/**
 * `npm test`: the checks, the tests that need nothing, then a real deploy to a local cloud of its own, the tests that run against it, and
 * one lifecycle with the roles of functions enforced. `npm test -- --only unit` (or `infra`, `e2e`, ...) runs one kind.
 */
const { values } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
const wanted = (kind: string) => !values.only || values.only === kind;
const counts = { passed: 0, failed: 0, skipped: 0 };

function run(command: string, args: string[], env: Record<string, string> = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

async function vitest(projects: string[], env: Record<string, string> = {}): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'stepwise-test-'));
  const report = join(folder, 'report.json');
  const chosen = projects.flatMap((project) => ['--project', project]);
  await run(
    'vitest',
    ['run', ...chosen, '--reporter', 'default', '--reporter', 'json', '--outputFile.json', report],
    env,
  );
  const result = await readFile(report, 'utf8').then(
    (text) =>
      JSON.parse(text) as {
        numPassedTests: number;
        numFailedTests: number;
        numFailedTestSuites: number;
        numPendingTests: number;
        numTotalTests: number;
        success: boolean;
      },
    () => undefined,
  );
  await rm(folder, { recursive: true, force: true });
  counts.passed += result?.numPassedTests ?? 0;
  counts.skipped += result?.numPendingTests ?? 0;
  // A file that could not be loaded counts as a failure of its own.
  counts.failed += result ? Math.max(result.numFailedTests, result.success ? 0 : 1) : 1;
}

async function check(name: string, command: string, args: string[]): Promise<void> {
  const ok = await run(command, args);
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`);
  counts[ok ? 'passed' : 'failed'] += 1;
}

/** Tests against a deployed stack of their own, empty at first and gone afterwards. */
async function onAStack(projects: string[], options: { auth?: boolean } = {}): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'stepwise-stack-'));
  const given = process.env['AWS_ENDPOINT_URL'];
  try {
    const stack = await startStack({ folder, ...options, tell: (step) => console.log(step) });
    try {
      await vitest(projects, { STEPWISE_FOLDER: folder, ...(options.auth && { STEPWISE_AUTH: 'true' }) });
    } finally {
      await stack.stop();
    }
  } catch (error) {
    console.error(error);
    counts.failed += 1;
  } finally {
    if (!given) delete process.env['AWS_ENDPOINT_URL'];
    await rm(folder, { recursive: true, force: true });
  }
}

const startedAt = Date.now();
if (wanted('check')) {
  await check('types', 'tsc', ['--noEmit']);
  await check('format and lint', 'biome', ['check', '.']);
  await check('no floating promise', 'oxlint', ['--type-aware']);
}
const bare = ['unit', 'workflows', 'infra'].filter(wanted);
if (bare.length) await vitest(bare);
const deployed = ['integration', 'e2e'].filter(wanted);
if (deployed.length) await onAStack(deployed);
if (wanted('auth') && existsSync('test/auth')) await onAStack(['auth'], { auth: true });

console.log(`\nTook ${Math.round((Date.now() - startedAt) / 1000)} s`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed ? 1 : 0;
