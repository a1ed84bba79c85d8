import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startStack } from '../../infra/local/stack.ts';

/**
 * One deployed stack for all tests of a run. `npm test` starts it for all projects, and says where it lies; a test that is run by itself
 * gets one of its own, empty at first and gone afterwards; that of the project `auth` enforces the roles of functions.
 */
export async function setup({ name }: TestProject): Promise<() => Promise<void>> {
  if (process.env['STEPWISE_FOLDER']) return async () => {};
  const folder = await mkdtemp(join(tmpdir(), 'stepwise-stack-'));
  const stack = await startStack({ folder, auth: name === 'auth' });
  process.env['STEPWISE_FOLDER'] = folder;
  return async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
