import { log } from '../../shared/core/log.ts';
import { refreshSegmentsInUse } from '../../shared/marketing/segments-in-use.ts';
import { Executions } from '../../shared/platform/executions.ts';
import { graceMilliseconds } from '../../shared/platform/process.ts';
import { type Reconciled, reconcile } from '../../shared/platform/reconcile.ts';
import { given, surroundings } from '../../shared/store/surroundings.ts';

/**
 * Hourly: starts what should run and does not, and refreshes the segments that sequences enrol from. And on demand, `{ "all": true }`,
 * after a restore: then nothing that was started before can still be on its way.
 */
export async function handler(event?: { all?: boolean }): Promise<Reconciled> {
  const executions = new Executions(JSON.parse(given('STATE_MACHINES')) as Record<string, string>);
  const done = await reconcile(surroundings(), executions, event?.all ? 0 : graceMilliseconds);
  const segments = await refreshSegmentsInUse(surroundings());
  log.info('reconciled', { ...done, segments });
  return done;
}
