import { createHash } from 'node:crypto';
import { addDuration, dateIn } from '../core/duration.ts';
import { Settings } from '../core/settings.ts';
import type { Crm } from '../store/command.ts';
import { isAvailable, User } from './user.ts';

/** Who may be given work: everybody but viewers, in the order of their ids. */
const worksHere = ({ role }: User): boolean => role !== 'viewer';

export interface Choice {
  user: User;
  reasons: string[];
}

/**
 * The next user by round robin among those who are available today. Those who are available together share a wheel of their own: its one
 * atomic ADD gives two assignments at once two turns, and each of them as many as the others, whoever else is away or was asked before.
 * Undefined if nobody is available: never a silent fallback.
 */
export async function nextAssignee(
  crm: Crm,
  wheel: string,
  except: readonly string[] = [],
): Promise<Choice | undefined> {
  const { timeZone } = await crm.policy(Settings);
  const users = (await crm.store.loadAll(User, 'dir#usr')).filter(worksHere).sort((a, b) => (a.id < b.id ? -1 : 1));
  const today = dateIn(timeZone, crm.now);
  const able = users.filter((user) => isAvailable(user, today) && !except.includes(user.id));
  if (!able.length) return undefined;
  const ring = ringOf(able);
  const turn = await crm.count(`wheel#${wheel}#${ring}`, addDuration(crm.now, wheelLasts));
  const user = inTurn(able, ring, turn);
  const passed = users.length - able.length;
  return {
    user,
    reasons: [
      `Round robin, turn ${turn} of ${able.length}: ${user.name}`,
      ...(passed ? [`${passed} not available`] : []),
    ],
  };
}

/** A wheel that nobody turned for so long is forgotten. */
const wheelLasts = 'P90D';

/** What those who share a wheel are called by: the same for the same people. */
const ringOf = (able: readonly User[]): string =>
  createHash('sha256')
    .update(able.map(({ id }) => id).join(' '))
    .digest('hex')
    .slice(0, 12);

/** Whose turn it is. Rings begin at different places: else who comes first in the directory would begin all of them. */
const inTurn = (able: readonly User[], ring: string, turn: number): User =>
  able[(Number.parseInt(ring, 16) + turn) % able.length]!;

/** Who answers for a user: their manager if active, else the first active manager or admin that is somebody else. */
export async function managerOf(
  crm: Crm,
  userId: string | undefined,
  except: readonly string[] = [],
): Promise<User | undefined> {
  const users = await crm.store.loadAll(User, 'dir#usr');
  const able = users.filter(
    ({ id, status, archivedAt }) => status === 'active' && !archivedAt && id !== userId && !except.includes(id),
  );
  const own = users.find(({ id }) => id === userId)?.managerId;
  return (
    able.find(({ id }) => id === own) ??
    able.find(({ role }) => role === 'manager') ??
    able.find(({ role }) => role === 'admin')
  );
}
