import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { consumer } from '../../shared/events/consume.ts';
import { Wait, waitsOf } from '../../shared/platform/process.ts';
import { standingOf } from '../../shared/platform/start-process.ts';

const machines = new SFNClient({});
/** The execution has gone on or ended: nobody waits under this token any more. */
const nobodyWaits = new Set(['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken']);

/**
 * Wakes the processes that wait for an event of its record, with the record's new state. An event that is not newer than what the
 * process had seen wakes nobody; the wait is taken away only under its own token, so that a newer wait stays.
 */
export const handler = consumer('resume', async (event, { store }) => {
  const waits = await store.queryAll({ pk: waitsOf(event.recordId), prefix: '' }, true);
  for (const { token, seen, events, pk, sk } of waits.map((item) => Wait.parse(item))) {
    if (!events.has(event.type) || event.recordVersion <= seen) continue;
    const { recordId: id, recordVersion: version, accountId, status, data } = event;
    const standing = standingOf({ ...data, id, version, accountId, status });
    const output = JSON.stringify({ ...standing, event: event.type });
    await machines.send(new SendTaskSuccessCommand({ taskToken: token, output })).catch((error: Error) => {
      if (!nobodyWaits.has(error.name)) throw error;
    });
    await store.remove({ pk, sk }, 'token', token);
  }
});
