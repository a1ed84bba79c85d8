import * as z from 'zod';
import { id } from '../core/ids.ts';
import type { Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { type Account, AccountUpdated } from './account.ts';
import { type Contact, ContactCreated, ContactDetails, ContactUpdated, nameOf } from './contact.ts';
import { type Lead, leadName, moveLead } from './lead.ts';
import { moved } from './move-contact.ts';
import { opened } from './open-opportunity.ts';
import { type Moment, type Opportunity, type OpportunityDetails, OpportunityUpdated } from './opportunity.ts';
import type { Pipeline, Stage } from './pipeline.ts';

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

/** What may be said of something. */
export type Said<T> = { [K in keyof T]?: T[K] | undefined };

/** What a conversion is decided on. */
export interface Parts {
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
  const name = [leadName(lead), interests.join(', ')].filter(Boolean).join(': ').slice(0, 200).toWellFormed();
  const { details, pipeline, stage } = opportunity;
  const said = { ...known, ...details, name: details.name ?? name, contactIds: named, accountId: account.id };
  return opened(said, pipeline, stage, at, crm);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** A record with what was empty, filled. */
export function filled<R extends object>(record: R, said: Said<NoInfer<R>>): R {
  const empty = Object.entries(said).filter(([field, value]) => !isEmpty(value) && isEmpty(record[field as keyof R]));
  return empty.length ? { ...record, ...Object.fromEntries(empty) } : record;
}

const same = ({ before, after }: Fact): boolean => JSON.stringify(before) === JSON.stringify(after);
