import type * as z from 'zod';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { Team, TeamCreated, TeamDetails, TeamUpdated } from './team.ts';
import { moveUser, User, UserCreated, UserDetails, UserUpdated, type userMoves } from './user.ts';

interface Belonging {
  teamId?: string | undefined;
  managerId?: string | undefined;
}

/** The team and the manager of a user or a team must be there. */
async function belongs<B extends Belonging>(crm: Crm, of: B): Promise<B> {
  if (of.teamId) await crm.refer(Team, of.teamId, '#/teamId');
  if (of.managerId) await crm.refer(User, of.managerId, '#/managerId');
  return of;
}

/** Creates a user, active at once. 409 `record.duplicate` if somebody has the address. */
export const createUser: Command<z.infer<typeof UserDetails>, User> = async (crm, details) => {
  await belongs(crm, details);
  return crm.commit([UserCreated(undefined, { ...details, id: crm.newId('usr'), status: 'active' })]);
};

export const editUser = edit<User>({ kind: User, fields: UserDetails, event: UserUpdated, rule: belongs });

export const moveUserBy =
  (verb: keyof typeof userMoves): Command<{ id: string }, User> =>
  async (crm, { id }) =>
    crm.commit([moveUser(await crm.load(User, id), verb)]);

export const createTeam: Command<z.infer<typeof TeamDetails>, Team> = async (crm, details) => {
  await belongs(crm, details);
  return crm.commit([TeamCreated(undefined, { ...details, id: crm.newId('tea') })]);
};

export const editTeam = edit<Team>({ kind: Team, fields: TeamDetails, event: TeamUpdated, rule: belongs });
