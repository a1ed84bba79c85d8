import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { Contact } from '../sales/contact.ts';
import type { Command } from '../store/command.ts';
import { type Consent, ConsentDetails, consentFacts, consentId, consentsOf } from './consent.ts';

/** A consent as clients see it: what was said, and when. */
export const Consents = z.object({
  consents: z.array(ConsentDetails.extend({ at: z.iso.datetime() }).meta({ id: 'ContactConsent' })),
});
export type Consents = z.infer<typeof Consents>;
export const ConsentsSaid = z.strictObject({ consents: z.array(ConsentDetails).min(1).max(40) });

/** What a contact said last on each topic and channel. */
export const readConsents: Command<{ id: string }, Consents> = async (crm, { id }) => {
  await crm.load(Contact, id);
  return shown(await consentsOf(crm.store, id));
};

/** Notes what a contact says: the consents that are named, each with an event of its own. Answers all of them. */
export const setConsents: Command<z.infer<typeof ConsentsSaid> & { id: string }, Consents> = async (
  crm,
  { id, consents },
) => {
  const contact = await crm.load(Contact, id);
  if (contact.archivedAt) throw new Refusal('record.wrongState', 'The contact is archived; restore it first');
  const words = new Map(consents.map((word) => [consentId(id, word.topic, word.channel), word]));
  const facts = await consentFacts(crm, id, [...words.values()]);
  const now = new Map((await consentsOf(crm.store, id)).map((consent) => [consent.id, consent]));
  for (const { after } of facts) now.set(after.id, after as Consent);
  const answer = shown([...now.values()]);
  return facts.length ? crm.commitAs(() => answer, facts) : answer;
};

const shown = (consents: readonly Consent[]): Consents => ({
  consents: consents
    .map((consent) => Consents.shape.consents.element.parse(pick(consent)))
    .sort((a, b) => (`${a.topic}#${a.channel}` < `${b.topic}#${b.channel}` ? -1 : 1)),
});

const names = Object.keys(ConsentDetails.shape) as (keyof ConsentDetails)[];
const pick = (consent: Consent) => Object.fromEntries(names.map((name) => [name, consent[name]]));
