import { companyDomain, normalisedName } from '../core/contact-points.ts';
import { accountOf, keyOf } from '../core/ids.ts';
import type { InForce } from '../core/policy.ts';
import type { Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import { AccountCreated, AccountDetails, domainKey, firstOfDomain } from './account.ts';
import { Contact, ContactCreated, ContactDetails, emailKey, phoneKey } from './contact.ts';
import { Lead, LeadCaptured, type LeadDetails, LeadResubmitted, moveLead, openLeadKey, startsAnew } from './lead.ts';
import type { Scoring } from './lead-policies.ts';
import { scoreLead } from './score-lead.ts';

/** Who somebody is that we have heard of. */
interface Known {
  accountId?: string | undefined;
  contactId?: string | undefined;
  openLead?: Lead | undefined;
}

/** Whose a new lead is to be, where that is known before: a person's or a queue's. */
export type LeadFor = Pick<Lead, 'ownerId' | 'queue'>;

/** Exact e-mail address, then the company's domain (not a free-mail one). Without an address: the same phone number and the same name. */
export async function whoIsIt({ store }: Crm, details: LeadDetails): Promise<Known> {
  const { email } = details;
  if (!email) return knownBy(store, await whoCalls(store, details));
  const domain = companyDomain(email);
  const keys = [emailKey(email), ...(domain ? [firstOfDomain(domain)] : [])];
  const holders = await store.holdersOf(keys);
  const contactId = holders.get(emailKey(email));
  if (!contactId) return { accountId: domain && (holders.get(firstOfDomain(domain)) ?? (await anyOf(store, domain))) };
  return knownBy(store, contactId);
}

/** What is known of a contact, whatever addresses they have. */
export async function knownBy(store: Crm['store'], contactId: string | undefined): Promise<Known> {
  if (!contactId) return {};
  const leadId = await store.holderOf(openLeadKey(contactId));
  return { accountId: accountOf(contactId), contactId, openLead: leadId ? await store.find(Lead, leadId) : undefined };
}

/** The contact who has a phone number and is called the same. A number alone is a household's or a switchboard's. */
async function whoCalls(store: Crm['store'], { phone, firstName, lastName }: LeadDetails): Promise<string | undefined> {
  if (!phone) return undefined;
  const called = ({ firstName = '', lastName = '' }: Pick<Contact, 'firstName' | 'lastName'>) =>
    normalisedName(`${firstName} ${lastName}`);
  const found = await store.query(ranges.under(phoneKey(phone)), 20, undefined, true);
  const contacts = await store.getMany(
    found.map((item) => keyOf(String(item['recordId']))),
    true,
  );
  return contacts
    .map((item) => Contact.schema.parse(item))
    .find((one) => !one.archivedAt && called(one) === called({ firstName, lastName }))?.id;
}

/** An account that was given the domain by hand stands under it too. */
async function anyOf(store: Crm['store'], domain: string): Promise<string | undefined> {
  const [oldest] = (await store.query(ranges.under(domainKey(domain)), 100)).reverse();
  return oldest?.['recordId'] as string | undefined;
}

/**
 * Source: domain.md 1, 2. Known lead: fill what is empty; else make what is missing. Who writes again while their lead is nurtured has
 * raised their hand: it is new again, and a person looks at it.
 */
export function decideCapture(
  details: LeadDetails,
  known: Known,
  scoring: InForce<Scoring>,
  { newId, now, on }: Pick<Crm, 'newId' | 'now' | 'on'>,
  whose: LeadFor = {},
): [Fact<Lead>, ...Fact[]] {
  const score = scoreLead({ ...details, ...known.openLead }, scoring);
  const why = { reasons: score.reasons, policy: scoring.policy };
  if (known.openLead) {
    const filled = { ...details, ...known.openLead, score };
    const isBack = known.openLead.status === 'nurturing' && on.origin?.runWorkflows !== false;
    if (!isBack) return [LeadResubmitted(known.openLead, filled, why)];
    const reasons = ['They wrote again while it was nurtured', ...score.reasons];
    const reopened = { ...filled, ...startsAnew, ...nothingDue, reopenedAt: now.toISOString() };
    return [moveLead(known.openLead, 'reopen', reopened, { ...why, reasons })];
  }
  const { accountId, contactId, made } = customerOf(details, known, newId);
  const id = newId('lea', accountId);
  return [
    LeadCaptured(
      undefined,
      { ...details, ...whose, ...startsAnew, id, accountId, contactId, status: 'new', score },
      why,
    ),
    ...made,
  ];
}

const nothingDue = { dueAt: undefined, openTaskId: undefined, reminded: undefined } as const;

/** Whose account and contact somebody is, and the facts that make what is missing of them. */
interface Customer {
  accountId: string;
  contactId: string | undefined;
  made: Fact[];
}

/** The customer that somebody is who writes to us: found or made as a capture does. Nothing that is there changes. */
export const whoWrites = async (crm: Crm, details: LeadDetails): Promise<Customer> =>
  customerOf(details, await whoIsIt(crm, details), crm.newId);

function customerOf(details: LeadDetails, known: Known, newId: Crm['newId']): Customer {
  const accountId = known.accountId ?? newId('acc');
  const named = details.email ?? details.phone ?? details.firstName ?? details.lastName;
  const contactId = known.contactId ?? (named ? newId('con', accountId) : undefined);
  const made = [
    ...(contactId && !known.contactId ? [ContactCreated(undefined, aContact(contactId, accountId, details))] : []),
    ...(known.accountId ? [] : [AccountCreated(undefined, anAccount(accountId, details))]),
  ];
  return { accountId, contactId, made };
}

function aContact(id: string, accountId: string, { firstName, lastName, email, phone }: LeadDetails) {
  const details = { firstName, lastName, emails: email ? [email] : [], phones: phone ? [phone] : [] };
  return { ...ContactDetails.parse(details), id, accountId };
}

function anAccount(id: string, { company, firstName, lastName, email, phone }: LeadDetails) {
  const domain = email && companyDomain(email);
  const name = company || [firstName, lastName].filter(Boolean).join(' ') || email || phone || 'Unknown';
  const kind = company || domain ? ('organization' as const) : ('person' as const);
  return { ...AccountDetails.parse({ kind, name, domain }), id, holdsDomain: domain };
}
