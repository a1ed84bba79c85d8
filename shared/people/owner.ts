import type { Crm } from '../store/command.ts';
import type { Fitness, Fitting } from '../store/references.ts';
import { User, worksHere } from './user.ts';

const mayOwn: Fitness = {
  holds: (user) => worksHere(user as unknown as User),
  otherwise: 'is inactive or a viewer: nobody sees to what they are given',
};

/** What an import brings in was theirs who have left since. */
const fitnessIn = ({ on }: Pick<Crm, 'on'>): Fitness | undefined => (on.origin ? undefined : mayOwn);

/** Whom a body gives something to: one who works here. 422 `reference.unknown` with the pointer otherwise. */
export const referOwner = (crm: Crm, id: string, pointer: string): Promise<User> =>
  crm.refer(User, id, pointer, fitnessIn(crm));

/** The same, among what else a body refers to. */
export const ownerIn = (crm: Pick<Crm, 'on'>, id: string | undefined): string | Fitting | undefined => {
  const fitness = id && fitnessIn(crm);
  return fitness ? { id, ...fitness } : id;
};
