import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import { consentsCarried } from '../marketing/consent.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Store } from '../store/store.ts';
import { Account } from './account.ts';
import { Contact, ContactArchived, ContactCreated, ContactRestored } from './contact.ts';

/**
 * Moves a contact to another account: it is made anew there, the old one is archived and says where it is now. Its addresses are handed
 * over in the same transaction. Answers the new contact.
 */
export const moveContact: Command<{ id: string; accountId: string }, Contact> = async (crm, { id, accountId }) => {
  const contact = await crm.load(Contact, id);
  if (contact.archivedAt) throw new Refusal('record.wrongState', 'The contact is archived; restore it first');
  if (contact.accountId === accountId) return contact;
  await crm.refer(Account, accountId, '#/accountId');
  const facts = moved(contact, accountId, crm.newId('con', accountId), crm.now);
  return crm.commit([...facts, ...(await consentsFollowing(crm, facts))]);
};

/** What contacts said goes with them where they move: facts to be committed with the move. */
export async function consentsFollowing({ store }: Crm, facts: readonly Fact[]): Promise<Fact[]> {
  const moves = facts.flatMap(({ before, after }) => {
    const { movedFrom } = after as { movedFrom?: string };
    return movedFrom && !before ? [{ from: movedFrom, to: after.id }] : [];
  });
  return (await Promise.all(moves.map(({ from, to }) => consentsCarried(store, from, to)))).flat();
}

/** Who a contact is now: whoever moved to another account is somebody else there. Undefined where the trace is lost. */
export async function whoIsNow(store: Store, contact: Contact | undefined): Promise<Contact | undefined> {
  let here = contact;
  for (let hops = 0; here?.movedTo && hops < 20; hops++) here = await store.find(Contact, here.movedTo);
  return here;
}

/** The facts of a move, the new contact first. */
export function moved(contact: Contact, accountId: string, id: string, now: Date): [Fact<Contact>, Fact<Contact>] {
  const { movedTo: _, ...details } = contact;
  return [
    ContactCreated(undefined, { ...details, id, accountId, movedFrom: contact.id }),
    ContactArchived(contact, { ...contact, archivedAt: now.toISOString(), movedTo: id }),
  ];
}

/** The facts that take a move back: the old contact as it was, the new one gone. */
export const movedBack = (old: Contact, made: Contact, now: Date): [Fact<Contact>, Fact<Contact>] => [
  ContactRestored(old, { ...old, archivedAt: undefined, movedTo: undefined }),
  ContactArchived(made, { ...made, archivedAt: now.toISOString() }),
];
