import { Refusal } from '../core/refusal.ts';
import { hasObject, presignedUrl } from './bucket.ts';

const goodForSeconds = 15 * 60;

/**
 * A short-lived address of an object that is there; 409 `record.busy` while it is still being made. `saveAs`: it is saved under that
 * name, never shown.
 */
export async function documentUrl(bucket: string, key: string, saveAs?: string): Promise<string> {
  if (await hasObject(bucket, key)) return presignedUrl(bucket, key, goodForSeconds, saveAs ? { saveAs } : {});
  throw new Refusal('record.busy', 'The document is being made', { retryAfter: 1 });
}
