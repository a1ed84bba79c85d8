import type * as z from 'zod';
import { id } from '../core/ids.ts';
import { validated } from '../core/validation.ts';
import { Consent, ConsentDetails, consentFacts } from '../marketing/consent.ts';
import type { Command } from '../store/command.ts';
import type { RowEdit } from './row-edit.ts';

/** A consent as a row says it: whose it is, and what was said. */
export const ConsentRow = ConsentDetails.extend({
  contactId: id('con'),
  source: ConsentDetails.shape.source.unwrap().default('import'),
});

/** What a row may say anew of a consent: whose it is stays. */
export const EditableConsent = ConsentRow.omit({ contactId: true });

/** Notes what a contact said; nothing where that is known already. */
export const consentGiven: Command<z.infer<typeof ConsentRow>, Consent> = async (crm, { contactId, ...word }) => {
  const [fact] = await consentFacts(crm, contactId, [word]);
  return fact ? crm.commit([fact]) : (undefined as never);
};

/** Changes what a contact said. */
export const consentChanged: Command<RowEdit, Consent> = async (crm, { id: consentId, patch }) => {
  const { contactId, topic, channel, source, basis, status } = await crm.load(Consent, consentId);
  const word = validated(ConsentDetails, { topic, channel, source, basis, status, ...patch });
  const [fact] = await consentFacts(crm, contactId, [word]);
  return fact ? crm.commit([fact]) : crm.load(Consent, consentId);
};

/** A consent is not archived: what was imported by mistake is withdrawn. */
export const consentWithdrawn: Command<{ id: string }, Consent> = (crm, { id: consentId }) =>
  consentChanged(crm, { id: consentId, patch: { status: 'withdrawn' } });
