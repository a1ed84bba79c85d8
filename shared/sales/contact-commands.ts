import type * as z from 'zod';
import { id } from '../core/ids.ts';
import { normalisedPhone } from '../core/phone.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { Account } from './account.ts';
import { Contact, ContactCreated, ContactDetails, ContactRestored, ContactUpdated } from './contact.ts';

/** A contact as it is created. */
export const NewContact = ContactDetails.extend({ accountId: id('acc') });
export type NewContact = z.infer<typeof NewContact>;

/** Creates a contact at an account. 409 `record.duplicate` with `existingId` if somebody has one of the addresses. */
export const createContact: Command<ContactDetails & { accountId: string }, Contact> = async (crm, details) => {
  await crm.refer(Account, details.accountId, '#/accountId');
  const contact = { ...(await tidied(crm, details)), id: crm.newId('con', details.accountId) };
  return crm.commit([ContactCreated(undefined, contact)]);
};

export const editContact = edit<Contact>({
  kind: Contact,
  fields: ContactDetails,
  event: ContactUpdated,
  rule: tidied,
});

/** Brings a contact back. 409 if it lives on at another account, or if somebody else has its address by now. */
export const restoreContact: Command<{ id: string }, Contact> = async (crm, { id }) => {
  const before = await crm.load(Contact, id);
  if (!before.archivedAt) return before;
  if (before.movedTo) throw new Refusal('record.wrongState', `The contact has moved: it is ${before.movedTo} now`);
  return crm.commit([ContactRestored(before, { ...before, archivedAt: undefined })]);
};

/** Phone numbers in E.164; every number and address once. */
export async function tidied<D extends Pick<ContactDetails, 'emails' | 'phones'>>(crm: Crm, details: D): Promise<D> {
  const { country } = await crm.policy(Settings);
  const phones = details.phones.map((phone) => normalisedPhone(phone, country));
  return { ...details, emails: [...new Set(details.emails)], phones: [...new Set(phones)] };
}
