import { companyDomain } from '../core/contact-points.ts';
import { accountOf } from '../core/ids.ts';
import { normalisedPhone } from '../core/phone.ts';
import type { InForce } from '../core/policy.ts';
import { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import type { Command, Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import { AccountCreated, AccountDetails, domainKey, firstOfDomain } from './account.ts';
import { ContactCreated, ContactDetails, emailKey } from './contact.ts';
import { Lead, LeadCaptured, type LeadDetails, LeadResubmitted, openLeadKey } from './lead.ts';
import { LeadScoring, type Scoring } from './lead-policies.ts';
import { scoreLead } from './score-lead.ts';

interface Known {
  accountId?: string | undefined;
  contactId?: string | undefined;
  openLead?: Lead | undefined;
}

/** Whose a new lead is to be, where that is known before: a person's or a queue's. */
export type LeadFor = Pick<Lead, 'ownerId' | 'queue'>;

/**
 * Takes a lead in, with the account and the contact that it belongs to, found or made. A contact who has an open lead gets no second
 * one: its empty fields are filled, and it stays whose it is. Two captures of one address at once meet at the unique keys: the second
 * finds what the first made.
 */
export const captureLeadFor =
  (whose: LeadFor): Command<LeadDetails, Lead> =>
  async (crm, details) => {
    const { country } = await crm.policy(Settings);
    const said = { ...details, ...(details.phone && { phone: normalisedPhone(details.phone, country) }) };
    return crm.commit(decideCapture(said, await whoIsIt(crm, said), await crm.policy(LeadScoring), crm, whose));
  };

/** Takes a lead in for whoever is next. */
export const captureLead = captureLeadFor({});

/** Exact e-mail address, then the company's domain (not a free-mail one). */
async function whoIsIt({ store }: Crm, { email }: LeadDetails): Promise<Known> {
  if (!email) return {};
  const domain = companyDomain(email);
  const keys = [emailKey(email), ...(domain ? [firstOfDomain(domain)] : [])];
  const holders = await store.holdersOf(keys);
  const contactId = holders.get(emailKey(email));
  if (!contactId) return { accountId: domain && (holders.get(firstOfDomain(domain)) ?? (await anyOf(store, domain))) };
  const leadId = await store.holderOf(openLeadKey(contactId));
  return { accountId: accountOf(contactId), contactId, openLead: leadId ? await store.find(Lead, leadId) : undefined };
}

/** An account that was given the domain by hand stands under it too. */
async function anyOf(store: Crm['store'], domain: string): Promise<string | undefined> {
  const [oldest] = (await store.query(ranges.under(domainKey(domain)), 100)).reverse();
  return oldest?.['recordId'] as string | undefined;
}

/** Source: domain.md 1, 2. Known lead: fill what is empty; else make what is missing. */
export function decideCapture(
  details: LeadDetails,
  known: Known,
  scoring: InForce<Scoring>,
  { newId }: Pick<Crm, 'newId'>,
  whose: LeadFor = {},
): [Fact<Lead>, ...Fact[]] {
  const score = scoreLead({ ...details, ...known.openLead }, scoring);
  const why = { reasons: score.reasons, policy: scoring.policy };
  if (known.openLead) return [LeadResubmitted(known.openLead, { ...details, ...known.openLead, score }, why)];
  const accountId = known.accountId ?? newId('acc');
  const named = details.email ?? details.phone ?? details.firstName ?? details.lastName;
  const contactId = known.contactId ?? (named ? newId('con', accountId) : undefined);
  const id = newId('lea', accountId);
  return [
    LeadCaptured(
      undefined,
      { ...details, ...whose, id, accountId, contactId, status: 'new', score, hops: 0, passedBy: [] },
      why,
    ),
    ...(contactId && !known.contactId ? [ContactCreated(undefined, aContact(contactId, accountId, details))] : []),
    ...(known.accountId ? [] : [AccountCreated(undefined, anAccount(accountId, details))]),
  ];
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
