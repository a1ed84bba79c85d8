import type * as z from 'zod';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { Team, TeamCreated, TeamDetails, TeamUpdated } from './team.ts';
import { moveUser, User, UserCreated, UserDetails, UserUpdated, type userMoves } from './user.ts';

/** A user's team and manager must be there. */
async function belongs(
  crm: Crm,
  { teamId, managerId }: { teamId?: string | undefined; managerId?: string | undefined },
) {
  if (teamId) await crm.refer(Team, teamId, '#/teamId');
  if (managerId) await crm.refer(User, managerId, '#/managerId');
}

/** Creates a user, active at once. 409 `record.duplicate` if somebody has the address. */
export const createUser: Command<z.infer<typeof UserDetails>, User> = async (crm, details) => {
  await belongs(crm, details);
  return crm.commit([UserCreated(undefined, { ...details, id: crm.newId('usr'), status: 'active' })]);
};

export const editUser = edit<User>({
  kind: User,
  fields: UserDetails,
  event: UserUpdated,
  rule: async (crm, after) => {
    await belongs(crm, after);
    return after;
  },
});

export const moveUserBy =
  (verb: keyof typeof userMoves): Command<{ id: string }, User> =>
  async (crm, { id }) =>
    crm.commit([moveUser(await crm.load(User, id), verb)]);

export const createTeam: Command<z.infer<typeof TeamDetails>, Team> = async (crm, details) => {
  await belongs(crm, details);
  return crm.commit([TeamCreated(undefined, { ...details, id: crm.newId('tea') })]);
};

export const editTeam = edit<Team>({
  kind: Team,
  fields: TeamDetails,
  event: TeamUpdated,
  rule: async (crm, after) => {
    await belongs(crm, after);
    return after;
  },
});
