import * as z from 'zod';
import { id } from '../core/ids.ts';
import { refuseField } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { referAll } from '../store/references.ts';
import { Account, AccountDetails, AccountUpdated } from './account.ts';
import { heldDomain } from './account-commands.ts';
import { Contact, ContactCreated, ContactDetails, ContactUpdated, nameOf } from './contact.ts';
import { tidied } from './contact-commands.ts';
import { Lead, leadName, moveLead } from './lead.ts';
import { moved } from './move-contact.ts';
import { moment, opened, refersTo } from './open-opportunity.ts';
import {
  firstStage,
  type Moment,
  Opportunity,
  OpportunityDetails,
  OpportunityUpdated,
  stageIn,
} from './opportunity.ts';
import { type Pipeline, pipelineFor, type Stage } from './pipeline.ts';

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
  note: z.string().max(2_000).optional(),
});
export type Conversion = z.infer<typeof Conversion>;

/** What a lead has become. */
export const Converted = z
  .object({
    leadId: id('lea'),
    accountId: id('acc'),
    contactId: id('con').optional(),
    opportunityId: id('opp').optional(),
  })
  .meta({ id: 'Converted' });
export type Converted = z.infer<typeof Converted>;

/**
 * Converts a qualified lead, in one transaction. Converting into another account, its contact moves there; the lead stays where it is and
 * says what it has become. 409 unless it is qualified; 422 for a reference that leads nowhere or elsewhere.
 */
export const convertLead: Command<Conversion & { id: string }, Converted> = async (crm, { id, note, ...said }) => {
  const lead = await crm.load(Lead, id);
  moveLead(lead, 'convert');
  const { facts, converted } = decideConversion(await partsOf(crm, lead, said), await moment(crm), crm);
  const closed = await closing(crm, lead.openTaskId, 'convert', note);
  return crm.commitAs(() => converted, [...facts, ...closed]);
};

/** What may be said of something. */
type Said<T> = { [K in keyof T]?: T[K] | undefined };

interface Parts {
  lead: Lead;
  account: Account;
  /** The account's empty fields, filled. */
  accountAfter: Account;
  /** The lead's contact, or the one that was named: of the account, unless it is to move there. */
  contact: Contact | undefined;
  contactDetails: Said<ContactDetails>;
  /** Where the opportunity goes; undefined if there is to be none. */
  opportunity: NewSale | { existing: Opportunity; details: Said<OpportunityDetails> } | undefined;
}
interface NewSale {
  pipeline: Pipeline;
  stage: Stage;
  details: Said<OpportunityDetails>;
}

async function partsOf(crm: Crm, lead: Lead, said: Conversion): Promise<Parts> {
  const { id: accountId = lead.accountId, ...accountDetails } = said.account ?? {};
  const account = await crm.refer(Account, accountId, '#/account/id');
  await referAll(crm, { ownerId: accountDetails.ownerId, teamId: accountDetails.teamId }, {}, '#/account');
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
  await referAll(crm, refersTo(details), {}, '#/opportunity');
  if (!id) {
    const pipeline = await pipelineFor(crm, pipelineId, '#/opportunity/pipelineId');
    const at = stage ? stageIn(pipeline, stage, '#/opportunity/stage') : firstStage(pipeline, 'open');
    return { pipeline, stage: at, details };
  }
  const existing = await crm.refer(Opportunity, id, '#/opportunity/id');
  if (existing.accountId === accountId && existing.status === 'open') return { existing, details };
  throw refuseField('reference.unknown', '#/opportunity/id', 'It must be an open opportunity of the account');
}

/** Source: domain.md 1. Fills, never overwrites; the lead's owner has the opportunity, which gets its budget, source and campaign. */
export function decideConversion(
  parts: Parts,
  at: Moment,
  crm: Pick<Crm, 'newId'>,
): { facts: [Fact<Lead>, ...Fact[]]; converted: Converted } {
  const { lead, account, accountAfter } = parts;
  const accountId = account.id;
  const person = personFor(parts, at, crm);
  const sale = saleOf(parts, person.id, at, crm);
  const converted: Converted = {
    leadId: lead.id,
    accountId,
    ...(person.id && { contactId: person.id }),
    ...(sale && { opportunityId: sale.after.id }),
  };
  const { leadId: _, ...became } = converted;
  const changed = {
    converted: {
      at: at.now.toISOString(),
      ...became,
      madeOpportunity: sale?.before === undefined && sale !== undefined,
    },
    contactId: lead.contactId ?? (accountId === lead.accountId ? person.id : undefined),
    dueAt: undefined,
    openTaskId: undefined,
  };
  return {
    converted,
    facts: [
      moveLead(lead, 'convert', changed),
      ...(sale && !same(sale) ? [sale] : []),
      ...person.facts,
      ...[AccountUpdated(account, accountAfter, { reasons: ['A lead was converted'] })].filter((fact) => !same(fact)),
    ],
  };
}

/** The person behind the lead: known, moved to the account, made, or nobody. */
function personFor(
  { account, contact, contactDetails }: Parts,
  { now }: Moment,
  { newId }: Pick<Crm, 'newId'>,
): { id: string | undefined; facts: Fact[] } {
  const after = contact && filled(contact, contactDetails);
  if (after && contact.accountId === account.id) {
    const updated = ContactUpdated(contact, after, { reasons: ['A lead was converted'] });
    return { id: contact.id, facts: same(updated) ? [] : [updated] };
  }
  const id = newId('con', account.id);
  if (after) return { id, facts: moved(after, account.id, id, now) };
  const made = ContactDetails.parse(contactDetails);
  if (nameOf(made) === nobody && !made.phones.length) return { id: undefined, facts: [] };
  return { id, facts: [ContactCreated(undefined, { ...made, id, accountId: account.id })] };
}
const nobody = nameOf({ emails: [] });

function saleOf(
  { lead, account, opportunity }: Parts,
  contactId: string | undefined,
  at: Moment,
  crm: Pick<Crm, 'newId'>,
): Fact<Opportunity> | undefined {
  if (!opportunity) return undefined;
  const named = [...new Set([...(contactId ? [contactId] : []), ...(opportunity.details.contactIds ?? [])])];
  const { source, budget, campaignId, ownerId, interests = [] } = lead;
  const known = { amount: budget, campaignId, ownerId, source, leadId: lead.id };
  if ('existing' in opportunity) {
    const { existing, details } = opportunity;
    const contactIds = [...new Set([...existing.contactIds, ...named])];
    const after = { ...filled(existing, { ...known, ...details }), contactIds };
    return OpportunityUpdated(existing, after, { reasons: ['A lead was converted'] });
  }
  const name = [leadName(lead), interests.join(', ')].filter(Boolean).join(': ').slice(0, 200);
  const { details, pipeline, stage } = opportunity;
  const said = { ...known, ...details, name: details.name ?? name, contactIds: named, accountId: account.id };
  return opened(said, pipeline, stage, at, crm);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** A record with what was empty, filled. */
function filled<R extends object>(record: R, said: Said<NoInfer<R>>): R {
  const empty = Object.entries(said).filter(([field, value]) => !isEmpty(value) && isEmpty(record[field as keyof R]));
  return empty.length ? { ...record, ...Object.fromEntries(empty) } : record;
}

const same = ({ before, after }: Fact): boolean => JSON.stringify(before) === JSON.stringify(after);
