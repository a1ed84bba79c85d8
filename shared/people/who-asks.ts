import { isId } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { WhoAsks } from '../http/http.ts';
import type { Kind, Stamped } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { ApiKey, keyIdIn, opens } from './api-key.ts';
import { roles } from './roles.ts';
import { User } from './user.ts';

const freshForMilliseconds = 5_000;
const doubtedForMilliseconds = 1_000;
interface Read {
  at: number;
  /** When it was last read because what was known did not fit. */
  doubtedAt: number;
  record: Promise<Stamped | undefined>;
}
const read = new Map<string, Read>();

/**
 * Keys and users are asked for at every request: each is read at most every five seconds. What does not fit (a secret that is new since
 * then) is read again before anybody is refused, at most once a second: so that guessing costs us nothing.
 */
async function recent<R extends Stamped>(
  store: Store,
  kind: Kind<R>,
  id: string,
  now: number,
  fits: (record: R) => boolean,
): Promise<R | undefined> {
  const fitting = async (record: Promise<Stamped | undefined>): Promise<R | undefined> => {
    const found = (await record) as R | undefined;
    return found && fits(found) ? found : undefined;
  };
  const readNow = (doubtedAt = 0) => {
    const record = store.find(kind, id);
    record.catch(() => read.delete(id));
    if (read.size > 1_000) read.clear();
    read.set(id, { at: now, doubtedAt, record });
    return fitting(record);
  };
  const known = read.get(id);
  if (!known || now - known.at >= freshForMilliseconds) return readNow(known?.doubtedAt);
  const found = await fitting(known.record);
  if (found) return found;
  // Others may have doubted it meanwhile: what they read holds for all.
  const latest = read.get(id);
  return latest && now - latest.doubtedAt < doubtedForMilliseconds ? fitting(latest.record) : readNow(now);
}

/** Who asks, by the key of the request; and for whom, by `X-Acting-User`. Source: api.md, Auth. */
export const whoAsks: WhoAsks = async ({ store, now }, headers) => {
  const [, secret = ''] = /^Bearer (\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  const keyId = keyIdIn(secret);
  const at = now();
  const key = keyId && (await recent(store, ApiKey, keyId, at.getTime(), (known) => opens(known, secret, at)));
  if (!key) throw new Refusal('access.unauthenticated', 'Send a key: Authorization: Bearer stw_...');
  const actingFor = headers['x-acting-user'];
  if (!actingFor) return { actor: { kind: 'key', id: key.id }, may: roles[key.role] };
  if (!roles[key.role].has('act-as:write')) throw new Refusal('access.forbidden', 'This key may not act as a person');
  const user = isId('usr', actingFor) ? await recent(store, User, actingFor, at.getTime(), isActive) : undefined;
  if (!user) throw new Refusal('access.forbidden', 'X-Acting-User names no active user');
  return { actor: { kind: 'user', id: user.id, via: key.id }, may: roles[user.role] };
};

const isActive = ({ status, archivedAt }: User): boolean => status === 'active' && !archivedAt;
