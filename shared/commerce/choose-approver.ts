import { roles } from '../people/roles.ts';
import { User } from '../people/user.ts';
import type { Crm } from '../store/command.ts';

/**
 * Who is asked to approve: the submitter's own manager, else another manager, else an admin; never the submitter, and nobody a second
 * time as long as somebody is left. Undefined if nobody may.
 */
export function chooseApprover(
  users: readonly User[],
  submittedBy: string | undefined,
  asked: readonly string[] = [],
): User | undefined {
  const able = users.filter(
    ({ id, status, archivedAt, role }) =>
      status === 'active' && !archivedAt && id !== submittedBy && roles[role].has('quotes:approve'),
  );
  const left = able.filter(({ id }) => !asked.includes(id));
  const among = left.length ? left : able;
  const own = users.find(({ id }) => id === submittedBy)?.managerId;
  return among.find(({ id }) => id === own) ?? among.find(({ role }) => role === 'manager') ?? among[0];
}

/** The next approver among the users that there are. */
export const nextApprover = async (
  { store }: Pick<Crm, 'store'>,
  submittedBy: string | undefined,
  asked?: readonly string[],
): Promise<User | undefined> => chooseApprover(await store.loadAll(User, 'dir#usr'), submittedBy, asked);
