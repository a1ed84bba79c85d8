import { isId } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { WhoAsks } from '../http/http.ts';
import type { Kind, Stamped } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { ApiKey, keyIdIn, opens } from './api-key.ts';
import { roles } from './roles.ts';
import { User } from './user.ts';

const freshForMilliseconds = 5_000;
const read = new Map<string, { at: number; record: Promise<Stamped | undefined> }>();

/** Keys and users are asked for at every request: each is read at most every five seconds. */
function recent<R extends Stamped>(store: Store, kind: Kind<R>, id: string, now: number): Promise<R | undefined> {
  const known = read.get(id);
  if (known && now - known.at < freshForMilliseconds) return known.record as Promise<R | undefined>;
  const record = store.find(kind, id);
  record.catch(() => read.delete(id));
  if (read.size > 1_000) read.clear();
  read.set(id, { at: now, record });
  return record;
}

/** Who asks, by the key of the request; and for whom, by `X-Acting-User`. Source: api.md, Auth. */
export const whoAsks: WhoAsks = async ({ store, now }, headers) => {
  const [, secret = ''] = /^Bearer (\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  const keyId = keyIdIn(secret);
  const at = now();
  const key = keyId && (await recent(store, ApiKey, keyId, at.getTime()));
  if (!(key && opens(key, secret, at)))
    throw new Refusal('access.unauthenticated', 'Send a key: Authorization: Bearer stw_...');
  const actingFor = headers['x-acting-user'];
  if (!actingFor) return { actor: { kind: 'key', id: key.id }, may: roles[key.role] };
  if (!roles[key.role].has('act-as:write')) throw new Refusal('access.forbidden', 'This key may not act as a person');
  const user = isId('usr', actingFor) ? await recent(store, User, actingFor, at.getTime()) : undefined;
  if (user?.status !== 'active' || user.archivedAt)
    throw new Refusal('access.forbidden', 'X-Acting-User names no active user');
  return { actor: { kind: 'user', id: user.id, via: key.id }, may: roles[user.role] };
};
