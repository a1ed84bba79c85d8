import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import { refuseField } from '../core/refusal.ts';
import { validated } from '../core/validation.ts';
import type { Command } from '../store/command.ts';
import { Contact, ContactDetails, emailKey } from './contact.ts';
import { createContact, editContact } from './contact-commands.ts';

/** What is known of a contact who is named by an address. What is not said stays as it is. */
export const KnownByEmail = ContactDetails.extend({
  emails: z.array(Email).max(20).optional(),
  phones: ContactDetails.shape.phones.unwrap().optional(),
  accountId: id('acc').optional().meta({ description: 'Needed where there is no such contact yet.' }),
});

/**
 * Edits the contact who has an address, or creates it. 400 with a pointer where a new contact names no account, or where a known one is
 * of another account: that takes a move.
 */
export const upsertContact: Command<z.infer<typeof KnownByEmail> & { email: string }, Contact> = async (
  crm,
  { email: raw, accountId, ...said },
) => {
  const email = validated(Email, decoded(raw));
  const holder = await crm.store.holderOf(emailKey(email));
  if (!holder) {
    if (!accountId) throw refuseField('request.invalid', '#/accountId', 'A new contact belongs to an account');
    const { emails = [], phones = [] } = said;
    return createContact(crm, { ...said, accountId, emails: [email, ...emails], phones });
  }
  const { accountId: at, emails: had } = await crm.load(Contact, holder);
  if (accountId && accountId !== at)
    throw refuseField(
      'request.invalid',
      '#/accountId',
      `The contact is of ${at}: move it with /contacts/${holder}/move`,
    );
  const emails = said.emails ? [...said.emails, ...(said.emails.includes(email) ? [] : [email])] : had;
  return editContact(crm, { id: holder, patch: { ...said, emails } });
};

/** An address of a path: some gateways hand it on as it was encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
