import { normalisedPhone } from '../core/phone.ts';
import { Settings } from '../core/settings.ts';
import type { Command } from '../store/command.ts';
import { referAll } from '../store/references.ts';
import type { Contact } from './contact.ts';
import { decideCapture, knownBy, type LeadFor, whoIsIt } from './decide-capture.ts';
import type { Lead, LeadDetails } from './lead.ts';
import { LeadScoring } from './lead-policies.ts';

/**
 * Takes a lead in, with the account and the contact that it belongs to, found or made. A contact who has an open lead gets no second
 * one: its empty fields are filled, and it stays whose it is; if it was nurtured, it is new again. Two captures of one address at once
 * meet at the unique keys: the second finds what the first made.
 */
export const captureLeadFor =
  (whose: LeadFor): Command<LeadDetails, Lead> =>
  async (crm, details) => {
    const { country } = await crm.policy(Settings);
    const said = { ...details, ...(details.phone && { phone: normalisedPhone(details.phone, country) }) };
    return crm.commit(decideCapture(said, await whoIsIt(crm, said), await crm.policy(LeadScoring), crm, whose));
  };

const capture = captureLeadFor({});

/** Takes a lead in for whoever is next, as somebody says it whom we know: 422 `reference.unknown` for a campaign that is not there. */
export const captureLead: Command<LeadDetails, Lead> = async (crm, details) => {
  await referAll(crm, { campaignId: details.campaignId });
  return capture(crm, details);
};

/** Takes a lead of a contact in who is known already: theirs whatever became of the address by which they were reached. */
export const captureLeadOf: Command<{ contact: Contact; said: LeadDetails }, Lead> = async (crm, { contact, said }) =>
  crm.commit(decideCapture(said, await knownBy(crm.store, contact.id), await crm.policy(LeadScoring), crm));
