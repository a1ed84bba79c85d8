import { dateIn } from '../core/duration.ts';
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
 * The next user by round robin among those who are available today. One atomic ADD a wheel: two assignments at once get two turns.
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
  const turn = await crm.count(`wheel#${wheel}`);
  return choose(users, able, turn);
}

/** The pure part: the wheel turns over all members, and passes those who are not able. */
export function choose(users: readonly User[], able: readonly User[], turn: number): Choice {
  const order = users.map((_, n) => users[(turn + n) % users.length]!);
  const user = order.find(({ id }) => able.some((one) => one.id === id))!;
  const passed = users.length - able.length;
  const reasons = [`Round robin, turn ${turn}: ${user.name}`, ...(passed ? [`${passed} not available`] : [])];
  return { user, reasons };
}

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
