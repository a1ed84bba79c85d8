import * as z from 'zod';
import { id } from '../core/ids.ts';
import { refuseField } from '../core/refusal.ts';
import { Prose } from '../core/text.ts';
import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { referAll } from '../store/references.ts';
import { Account, AccountDetails } from './account.ts';
import { refersTo as accountRefersTo, heldDomain } from './account-commands.ts';
import { Contact, ContactDetails } from './contact.ts';
import { tidied } from './contact-commands.ts';
import { type Converted, decideConversion, filled, type Parts, type Said } from './conversion.ts';
import { Lead, moveLead } from './lead.ts';
import { consentsFollowing } from './move-contact.ts';
import { moment, refersTo } from './open-opportunity.ts';
import { firstStage, Opportunity, OpportunityDetails, stageIn } from './opportunity.ts';
import { pipelineFor } from './pipeline.ts';

/** What a lead becomes. An `id` names a record that is there; what else is said fills what is empty, and overwrites nothing. */
export const Conversion = z.strictObject({
  account: AccountDetails.partial()
    .extend({ id: id('acc').optional() })
    .optional()
    .meta({ description: "The lead's own account, or another one." }),
  contact: ContactDetails.partial()
    .extend({ id: id('con').optional() })
    .optional()
    .meta({ description: "The lead's own contact, or one of the account; made where there is none." }),
  opportunity: OpportunityDetails.partial()
    .extend({ id: id('opp').optional(), pipelineId: id('pip').optional(), stage: z.string().max(40).optional() })
    .nullish()
    .meta({ description: 'A new one, from the lead if nothing is said; an open one of the account; none if null.' }),
  note: Prose.max(2_000).optional(),
});
export type Conversion = z.infer<typeof Conversion>;

/**
 * Converts a qualified lead, in one transaction. Converting into another account, its contact moves there; the lead stays where it is and
 * says what it has become. 409 unless it is qualified; 422 for a reference that leads nowhere or elsewhere.
 */
export const convertLead: Command<Conversion & { id: string }, Converted> = async (crm, { id, note, ...said }) => {
  const lead = await crm.load(Lead, id);
  moveLead(lead, 'convert');
  const { facts, converted } = decideConversion(await partsOf(crm, lead, said), await moment(crm), crm);
  const closed = await closing(crm, lead.openTaskId, 'convert', note);
  return crm.commitAs(() => converted, [...facts, ...(await consentsFollowing(crm, facts)), ...closed]);
};

async function partsOf(crm: Crm, lead: Lead, said: Conversion): Promise<Parts> {
  const { id: accountId = lead.accountId, ...accountDetails } = said.account ?? {};
  const account = await crm.refer(Account, accountId, '#/account/id');
  await referAll(crm, accountRefersTo(crm, accountDetails), {}, '#/account');
  const accountAfter = filled(account, { ...accountDetails, ownerId: accountDetails.ownerId ?? lead.ownerId });
  const holdsDomain =
    account.holdsDomain ?? (account.domain ? undefined : await heldDomain(crm, accountAfter, accountId));
  const { id: contactId, ...contactDetails } = said.contact ?? {};
  return {
    lead,
    account,
    accountAfter: { ...accountAfter, holdsDomain },
    contact: await contactFor(crm, lead, accountId, contactId),
    contactDetails: await tidied(crm, { ...contactDetails, ...pointsOf(lead, contactDetails) }),
    opportunity: said.opportunity === null ? undefined : await saleFor(crm, accountId, said.opportunity ?? {}),
  };
}

/** What the lead knows of the person, where nothing else is said. */
const pointsOf = ({ firstName, lastName, email, phone }: Lead, said: Said<ContactDetails>) => ({
  firstName: said.firstName ?? firstName,
  lastName: said.lastName ?? lastName,
  emails: said.emails?.length ? said.emails : email ? [email] : [],
  phones: said.phones?.length ? said.phones : phone ? [phone] : [],
});

/** The contact that was named, which must be of the account; else the lead's own, where it lives now. */
async function contactFor(crm: Crm, lead: Lead, accountId: string, named?: string): Promise<Contact | undefined> {
  if (named) {
    const contact = await crm.refer(Contact, named, '#/contact/id');
    if (contact.accountId === accountId || named === lead.contactId) return contact;
    throw refuseField('reference.unknown', '#/contact/id', `The contact is of another account, ${contact.accountId}`);
  }
  let contact = lead.contactId ? await crm.store.find(Contact, lead.contactId) : undefined;
  if (contact?.movedTo) contact = await crm.store.find(Contact, contact.movedTo);
  return contact?.archivedAt ? undefined : contact;
}

async function saleFor(
  crm: Crm,
  accountId: string,
  { id, pipelineId, stage, ...details }: NonNullable<Conversion['opportunity']>,
): Promise<Parts['opportunity']> {
  await referAll(crm, refersTo(crm, details), {}, '#/opportunity');
  if (!id) {
    const pipeline = await pipelineFor(crm, pipelineId, '#/opportunity/pipelineId');
    const at = stage ? stageIn(pipeline, stage, '#/opportunity/stage') : firstStage(pipeline, 'open');
    return { pipeline, stage: at, details };
  }
  const existing = await crm.refer(Opportunity, id, '#/opportunity/id');
  if (existing.accountId === accountId && existing.status === 'open') return { existing, details };
  throw refuseField('reference.unknown', '#/opportunity/id', 'It must be an open opportunity of the account');
}
