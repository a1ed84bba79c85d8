import { Refusal } from '../core/refusal.ts';
import { BucketFault, getObject, presignedUrl } from './bucket.ts';

const goodForSeconds = 15 * 60;

/** A short-lived address of an object that is there; 409 `record.busy` while it is still being made. */
export async function documentUrl(bucket: string, key: string): Promise<string> {
  try {
    await getObject(bucket, key);
  } catch (error) {
    if (error instanceof BucketFault && ['NoSuchKey', 'AccessDenied'].includes(error.name))
      throw new Refusal('record.busy', 'The document is being made', { retryAfter: 1 });
    throw error;
  }
  return presignedUrl(bucket, key, goodForSeconds);
}
