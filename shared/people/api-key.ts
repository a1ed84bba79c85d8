import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import type { Command } from '../store/command.ts';
import { mover } from '../store/moves.ts';
import { type Kind, record, type Stamped } from '../store/record.ts';
import { roleNames } from './roles.ts';

export const ApiKeyDetails = z.strictObject({ name: Line.min(1).max(200), role: z.enum(roleNames) });

/** A key as it is stored: the secret only as its SHA-256 (256 random bits need no slow hash). During a rotation the old one still opens. */
const ApiKeyRecord = z
  .object({
    ...record('key'),
    ...ApiKeyDetails.shape,
    status: z.enum(['active', 'revoked']),
    hash: z.string(),
    previous: z.object({ hash: z.string(), until: z.iso.datetime() }).optional(),
    lastUsedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'ApiKeyStored' });
export type ApiKey = z.infer<typeof ApiKeyRecord>;
export const ApiKey: Kind<ApiKey> = { name: 'apiKey', prefix: 'key', schema: ApiKeyRecord };

/** A key as it is shown: never a hash. `secret` only in the answer that made it. */
export const ShownApiKey = ApiKeyRecord.omit({ hash: true, previous: true })
  .extend({ secret: z.string().optional().meta({ description: 'Shown once, when made or rotated.' }) })
  .meta({ id: 'ApiKey' });
export type ShownApiKey = z.infer<typeof ShownApiKey>;

const event = eventsOf(ApiKey, ApiKeyRecord.pick({ name: true, role: true, status: true }));
const ApiKeyCreated = event('created');
const ApiKeyRotated = event('rotated');
const moves = { revoke: { from: ['active'], to: 'revoked', event: event('revoked') } } as const;
const moveApiKey = mover<ApiKey, ApiKey['status'], typeof moves>('key', moves);

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const newSecret = (keyId: string): string => `stw_${keyId.slice(4)}_${randomBytes(32).toString('base64url')}`;
/** A key without what opens it. */
export const shownKey = ({ hash: _, previous: __, ...key }: ApiKey): ShownApiKey => key;
const shown = (stored: Stamped): ShownApiKey => shownKey(stored as ApiKey);

/** Makes a key. Its secret is in this answer and nowhere else: a repeated request gets the key without it. */
export const createApiKey: Command<z.infer<typeof ApiKeyDetails>, ShownApiKey> = async (crm, details) => {
  const keyId = crm.newId('key');
  const secret = newSecret(keyId);
  const made = ApiKeyCreated(undefined, { ...details, id: keyId, status: 'active', hash: hashOf(secret) });
  return { ...(await crm.commitAs(shown, [made])), secret };
};

const overlapMilliseconds = 24 * 3_600_000;

/** Gives a key a new secret; the old one opens for another day. */
export const rotateApiKey: Command<{ id: string }, ShownApiKey> = async (crm, { id }) => {
  const key = await crm.load(ApiKey, id);
  if (key.status !== 'active') throw new Refusal('record.wrongState', `A key that is ${key.status} cannot rotate`);
  const secret = newSecret(id);
  const until = new Date(crm.now.getTime() + overlapMilliseconds).toISOString();
  const rotated = ApiKeyRotated(key, { ...key, hash: hashOf(secret), previous: { hash: key.hash, until } });
  return { ...(await crm.commitAs(shown, [rotated])), secret };
};

/** Takes a key out of use, at most five seconds from now. */
export const revokeApiKey: Command<{ id: string }, ShownApiKey> = async (crm, { id }) =>
  crm.commitAs(shown, [moveApiKey(await crm.load(ApiKey, id), 'revoke')]);

/** The id that a secret names, if it has the form of one of ours. */
export function keyIdIn(secret: string): string | undefined {
  const [, own] = /^stw_([0-9a-hjkmnp-tv-z]{26})_[\w-]{43}$/.exec(secret) ?? [];
  return own && `key_${own}`;
}

/** Whether a secret opens with a key now. */
export function opens({ status, hash, previous }: ApiKey, secret: string, now: Date): boolean {
  const given = Buffer.from(hashOf(secret));
  const is = (expected: string) => timingSafeEqual(given, Buffer.from(expected));
  if (status !== 'active') return false;
  return is(hash) || (previous !== undefined && now.toISOString() < previous.until && is(previous.hash));
}
