import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import type { Command } from '../store/command.ts';
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
  return crm.commit(moved(contact, accountId, crm.newId('con', accountId), crm.now));
};

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
