import { roles } from '../people/roles.ts';
import { User } from '../people/user.ts';
import type { Crm } from '../store/command.ts';

/** Whether somebody may approve what another submitted. */
export const mayApprove = ({ id, status, archivedAt, role }: User, submittedBy: string | undefined): boolean =>
  status === 'active' && !archivedAt && id !== submittedBy && roles[role].has('quotes:approve');

/**
 * Who is asked to approve, one after the other: the submitter's own manager and up the line of managers, else another manager; at its end
 * an admin, or another manager where there is none. Never the submitter, and nobody twice: a line has an end.
 */
function approvalLine(users: readonly User[], submittedBy: string | undefined): User[] {
  const able = users.filter((user) => mayApprove(user, submittedBy));
  const above = (userId: string | undefined) => managersOf(users, userId).filter((user) => able.includes(user));
  const managers = above(submittedBy);
  const others = (role: User['role'], line: User[]) => able.find((user) => user.role === role && !line.includes(user));
  const [any] = able.filter(({ role }) => role === 'manager');
  const line = managers.length || !any ? managers : [any, ...above(any.id).filter((user) => user !== any)];
  const last = others('admin', line) ?? (line.length < 2 ? others('manager', line) : undefined);
  return last && !line.some(({ role }) => role === 'admin') ? [...line, last] : line;
}

/** The line of managers above somebody, nearest first; it ends where it would begin again. */
function managersOf(users: readonly User[], userId: string | undefined): User[] {
  const line: User[] = [];
  for (let at = users.find(({ id }) => id === userId); at; ) {
    const { managerId } = at;
    at = users.find(({ id }) => id === managerId);
    if (!at || line.includes(at)) return line;
    line.push(at);
  }
  return line;
}

/** The next one of the line who was not asked yet. Undefined if nobody may, or all of it was asked. */
export const chooseApprover = (
  users: readonly User[],
  submittedBy: string | undefined,
  asked: readonly string[] = [],
): User | undefined => approvalLine(users, submittedBy).find(({ id }) => !asked.includes(id));

/** The next approver among the users that there are. */
export const nextApprover = async (
  { store }: Pick<Crm, 'store'>,
  submittedBy: string | undefined,
  asked?: readonly string[],
): Promise<User | undefined> => chooseApprover(await store.loadAll(User, 'dir#usr'), submittedBy, asked);
