import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { localEnvironment, startCloud } from '../../infra/local/cloud.ts';

const root = join(import.meta.dirname, '../..');

/**
 * One cloud for all tests of a run, empty at first and gone afterwards; `AWS_ENDPOINT_URL` names it, or another one to
 * run against. The cloud and its functions log to .local/test-cloud.log.
 */
export async function setup(): Promise<() => Promise<void>> {
  const logFile = join(root, '.local/test-cloud.log');
  await rm(logFile, { force: true });
  const cloud = await startCloud({ logFile });
  Object.assign(process.env, localEnvironment(cloud.endpoint));
  return cloud.stop;
}
