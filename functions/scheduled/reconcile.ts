import { log } from '../../shared/core/log.ts';
import { Executions } from '../../shared/platform/executions.ts';
import { type Reconciled, reconcile } from '../../shared/platform/reconcile.ts';
import { given, surroundings } from '../../shared/store/surroundings.ts';

/** Hourly, and on demand after a restore. */
export async function handler(): Promise<Reconciled> {
  const executions = new Executions(JSON.parse(given('STATE_MACHINES')) as Record<string, string>);
  const done = await reconcile(surroundings(), executions);
  log.info('reconciled', { ...done });
  return done;
}
