import { companyDomain } from '../core/contact-points.ts';
import { normalisedPhone } from '../core/phone.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { ownerIn } from '../people/owner.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { referAll } from '../store/references.ts';
import { Account, AccountCreated, AccountDetails, AccountRestored, AccountUpdated, firstOfDomain } from './account.ts';

/** Creates an account. The first one of a company's domain gets the leads that write from there. */
export const createAccount: Command<AccountDetails, Account> = async (crm, details) => {
  await referAll(crm, refersTo(crm, details));
  const id = crm.newId('acc');
  const holdsDomain = await heldDomain(crm, details, id);
  return crm.commit([AccountCreated(undefined, { ...(await dialled(crm, details)), id, holdsDomain })]);
};

export const editAccount = edit<Account>({
  kind: Account,
  fields: AccountDetails,
  event: AccountUpdated,
  rule: async (crm, after, before) => {
    await referAll(crm, refersTo(crm, after), refersTo(crm, before));
    const moved = after.domain !== before.domain;
    const tidy = await dialled(crm, after);
    return moved ? { ...tidy, holdsDomain: await heldDomain(crm, after, after.id) } : tidy;
  },
});

/** Brings an account back, and its domain if nobody else has it by now. */
export const restoreAccount: Command<{ id: string }, Account> = async (crm, { id }) => {
  const before = await crm.load(Account, id);
  if (!before.archivedAt) return before;
  const holdsDomain = await heldDomain(crm, before, id);
  return crm.commit([AccountRestored(before, { ...before, archivedAt: undefined, holdsDomain })]);
};

/** With its phone number in E.164. */
async function dialled<D extends Pick<AccountDetails, 'phone'>>(crm: Crm, details: D): Promise<D> {
  if (!details.phone) return details;
  const { country } = await crm.policy(Settings);
  return { ...details, phone: normalisedPhone(details.phone, country) };
}

/** What of an account must be there. */
export const refersTo = (crm: Crm, { ownerId, teamId }: Partial<Pick<AccountDetails, 'ownerId' | 'teamId'>>) => ({
  ownerId: ownerIn(crm, ownerId),
  teamId,
});

/** The account's domain if it may hold it: a company's own, that no other account holds. */
export async function heldDomain(
  { store }: Crm,
  { domain }: Pick<AccountDetails, 'domain'>,
  id: string,
): Promise<string | undefined> {
  if (!domain || !companyDomain(`@${domain}`)) return undefined;
  const holder = await store.holderOf(firstOfDomain(domain));
  return holder && holder !== id ? undefined : domain;
}

/** `source:id` of an account in another system. 400 where it is not of that form. */
export function externalIdIn(value: string): { source: string; id: string } {
  const [source, ...id] = value.split(':');
  if (source && id.length) return { source, id: id.join(':') };
  throw new Refusal('request.invalid', 'An external id is asked for as source:id', {
    errors: [{ pointer: '#/externalId', code: 'invalid_format', detail: 'source:id' }],
  });
}
