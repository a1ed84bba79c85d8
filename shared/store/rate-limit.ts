import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Store } from './store.ts';

/** So many at once, and then so many an hour. */
export const Rate = z.strictObject({ burst: z.int().min(1).max(100_000), perHour: z.int().min(1).max(10_000_000) });
export type Rate = z.infer<typeof Rate>;

/**
 * Takes a token out of the bucket of `key`; answers the seconds until there is one again, 0 where there was. The bucket is one number:
 * the instant at which it is full again (`fullAt`, Unix ms), so that taking is one conditional update, two for whoever comes often.
 * Source: the virtual scheduling of the generic cell rate algorithm, ITU-T I.371.
 */
export async function takeToken(store: Store, key: string, { burst, perHour }: Rate, now: Date): Promise<number> {
  const at = now.getTime();
  const each = Math.ceil(3_600_000 / perHour);
  const latest = at + each * (burst - 1);
  const gone = await taken(store, key, {
    set: ':next',
    holds: 'attribute_not_exists(pk) OR fullAt <= :now',
    values: { ':next': at + each, ':now': at },
    expiresAt: at + each * burst,
  });
  if (gone === undefined) return 0;
  const late = await taken(store, key, {
    set: 'fullAt + :each',
    holds: 'fullAt <= :latest',
    values: { ':each': each, ':latest': latest },
    expiresAt: at + each * (burst + 1),
  });
  return late === undefined ? 0 : Math.max(1, Math.ceil((late - latest) / 1_000));
}

interface Taking {
  set: string;
  holds: string;
  values: Record<string, number>;
  expiresAt: number;
}

/** Undefined where it was taken, else when the bucket is full. */
async function taken(
  { client, table }: Store,
  key: string,
  { set, holds, values, expiresAt }: Taking,
): Promise<number | undefined> {
  const pk = `rate#${key}`;
  const update = new UpdateCommand({
    TableName: table,
    Key: { pk, sk: pk },
    UpdateExpression: `SET fullAt = ${set}, expiresAt = :expiresAt`,
    ConditionExpression: holds,
    ExpressionAttributeValues: { ...values, ':expiresAt': Math.ceil(expiresAt / 1_000) },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await client.send(update);
    return undefined;
  } catch (error) {
    if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    const { Item: item } = error as { Item?: { fullAt?: number | { N?: string } } };
    const full = item?.fullAt;
    return Number(typeof full === 'object' ? full.N : full);
  }
}
