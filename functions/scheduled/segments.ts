import { log } from '../../shared/core/log.ts';
import { startRefresh } from '../../shared/marketing/refresh-segment.ts';
import { segmentsInUse } from '../../shared/marketing/segments-in-use.ts';
import { run } from '../../shared/store/command.ts';
import { surroundings } from '../../shared/store/surroundings.ts';

/** Hourly: refreshes the segments that live sequences enrol from, so that time alone brings somebody in or out too. */
export async function handler(): Promise<{ refreshed: number }> {
  const { store, policies, now } = surroundings();
  const ids = await segmentsInUse(store);
  for (const id of ids) {
    const on = { now: now(), actor: { kind: 'system' as const, id: 'segments' }, correlationId: `refresh-${id}` };
    await run(store, policies, on, startRefresh, { id }).catch((error: unknown) =>
      log.error('not refreshed', { id, error: error as Error }),
    );
  }
  log.info('refreshed', { segments: ids.length });
  return { refreshed: ids.length };
}
