import { consumer } from '../../shared/events/consume.ts';
import { processSubmission } from '../../shared/marketing/process-submission.ts';
import { rawKey } from '../../shared/marketing/submission.ts';
import { BucketFault, getObject } from '../../shared/store/bucket.ts';
import { run } from '../../shared/store/command.ts';
import { given } from '../../shared/store/surroundings.ts';

/** Reads what was sent to forms. The same event twice finds the submission read. */
export const handler = consumer('submissions', async ({ recordId: id }, { store, policies }, on) => {
  const raw = await getObject(given('INTAKE_BUCKET'), rawKey(id)).catch((error: unknown) => {
    // Without the permission to list, AWS says of a missing object that it may not be read.
    if (error instanceof BucketFault && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  });
  await run(store, policies, on, processSubmission, { id, raw });
});
