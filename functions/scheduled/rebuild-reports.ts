import { log } from '../../shared/core/log.ts';
import { type Rebuilt, rebuildReports } from '../../shared/insights/rebuild-reports.ts';
import { surroundings } from '../../shared/store/surroundings.ts';

/** Lambda gives a quarter of an hour. */
const workMilliseconds = 12 * 60_000;

/** Every quarter of an hour what needs it; and on demand, `{ "reports": ["sales"] }`. What is not done in time, the next run goes on with. */
export async function handler(event?: { reports?: string[] }): Promise<Rebuilt> {
  const until = new Date(Date.now() + workMilliseconds);
  const rebuilt = await rebuildReports(surroundings(), event?.reports ?? [], { until });
  log.info('rebuilt', { ...rebuilt });
  return rebuilt;
}
