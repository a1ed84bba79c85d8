import { createHash } from 'node:crypto';
import { addDuration } from '../core/duration.ts';
import { Settings } from '../core/settings.ts';
import type { Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import { named, presentAmong } from './eligibility.ts';
import { User, worksHere } from './user.ts';

/** Who gets something, or nobody, and why. `also` must hold when it is given. */
export interface Choice<U extends User | undefined = User> {
  user: U;
  reasons: string[];
  also?: Action[];
}

/** What somebody with a capacity has at hand, and what must hold when they are given more: two at once get no two last places. */
export interface Load {
  atHand: number;
  also: Action[];
}

interface Wheel {
  name: string;
  /** Whom it is not for: they had it before. */
  except?: readonly string[];
  /** Reads what somebody has at hand, where their capacity counts. It is asked only of those who have one. */
  loadOf?: (user: User, capacity: number) => Promise<Load>;
}

/**
 * The next user by round robin among those who can be given work now. Those who can be together share a wheel of their own: its one
 * atomic ADD gives two assignments at once two turns, and each of them as many as the others, whoever else is away or was asked before.
 * Nobody if nobody can: never a silent fallback.
 */
export async function nextAssignee(
  crm: Crm,
  { name, except = [], loadOf }: Wheel,
): Promise<Choice | Choice<undefined>> {
  const { timeZone } = await crm.policy(Settings);
  const users = (await crm.store.loadAll(User, 'dir#usr')).filter(worksHere).sort((a, b) => (a.id < b.id ? -1 : 1));
  const present = presentAmong(users, except, { now: crm.now, timeZone });
  const { able, also, full } = await belowCapacity(present.users, loadOf);
  const passed = named([...present.skipped, ...full]);
  if (!able.length) return { user: undefined, reasons: ['Nobody is available', ...passed] };
  const ring = ringOf(able);
  const turn = await crm.count(`wheel#${name}#${ring}`, addDuration(crm.now, wheelLasts));
  const user = inTurn(able, ring, turn);
  const reasons = [`Round robin, turn ${turn} of ${able.length}: ${user.name}`, ...passed];
  return { user, reasons, also: also.get(user.id) ?? [] };
}

/** Of some users those who have less at hand than they can take. */
async function belowCapacity(users: readonly User[], loadOf: Wheel['loadOf']) {
  const also = new Map<string, Action[]>();
  const full: string[] = [];
  const able = await Promise.all(
    users.map(async (user) => {
      if (!loadOf || user.capacity === undefined) return [user];
      const load = await loadOf(user, user.capacity);
      also.set(user.id, load.also);
      if (load.atHand < user.capacity) return [user];
      full.push(`${user.name} has ${user.capacity} at hand, as many as they can take`);
      return [];
    }),
  );
  return { able: able.flat(), also, full: full.sort() };
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
  const able = users.filter((user) => worksHere(user) && user.id !== userId && !except.includes(user.id));
  const own = users.find(({ id }) => id === userId)?.managerId;
  return (
    able.find(({ id }) => id === own) ??
    able.find(({ role }) => role === 'manager') ??
    able.find(({ role }) => role === 'admin')
  );
}
