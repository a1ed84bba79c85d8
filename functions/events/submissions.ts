import { consumer } from '../../shared/events/consume.ts';
import { processSubmission } from '../../shared/marketing/process-submission.ts';
import { rawKey } from '../../shared/marketing/submission.ts';
import { findObject } from '../../shared/store/bucket.ts';
import { run } from '../../shared/store/command.ts';
import { given } from '../../shared/store/surroundings.ts';

/** Reads what was sent to forms. The same event twice finds the submission read. */
export const handler = consumer('submissions', async ({ recordId: id }, { store, policies }, on) => {
  const raw = await findObject(given('INTAKE_BUCKET'), rawKey(id));
  await run(store, policies, on, processSubmission, { id, raw });
});
