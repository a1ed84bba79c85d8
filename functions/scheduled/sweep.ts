import { overdue } from '../../shared/catalogue/due-work.ts';
import { log } from '../../shared/core/log.ts';
import { run } from '../../shared/store/command.ts';
import { surroundings } from '../../shared/store/surroundings.ts';

/** Finds what is due and has no process: every five minutes, each by the command of its own. */
export async function handler(): Promise<{ swept: number }> {
  const { store, policies, now } = surroundings();
  let swept = 0;
  for await (const { id, command } of overdue(store, now())) {
    const on = { now: now(), actor: { kind: 'system' as const, id: 'sweep' }, correlationId: `sweep-${id}` };
    await run(store, policies, on, command, { id }).catch((error: unknown) =>
      log.error('not swept', { id, error: error as Error }),
    );
    swept++;
  }
  log.info('swept', { swept });
  return { swept };
}
