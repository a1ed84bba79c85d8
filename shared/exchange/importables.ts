import { Invoice, invoiceNumberKey } from '../commerce/invoice.ts';
import { Order, orderNumberKey } from '../commerce/order.ts';
import { PastInvoice } from '../commerce/past-invoice.ts';
import { PastOrder } from '../commerce/past-order.ts';
import { Payment, PaymentDetails, paymentReferenceKey } from '../commerce/payment.ts';
import { Product, ProductDetails, skuKey } from '../commerce/product.ts';
import { AccountPayment } from '../commerce/receive-payment.ts';
import { normalisedName, plainEmail } from '../core/contact-points.ts';
import { keyOf } from '../core/ids.ts';
import { normalisedPhone } from '../core/phone.ts';
import { Settings } from '../core/settings.ts';
import { Consent } from '../marketing/consent.ts';
import { Team, TeamDetails } from '../people/team.ts';
import { User, UserDetails, userEmailKey } from '../people/user.ts';
import { Account, AccountDetails, accountParty, externalKey } from '../sales/account.ts';
import { Contact, ContactDetails, emailKey, externalContactKey, phoneKey } from '../sales/contact.ts';
import { NewContact } from '../sales/contact-commands.ts';
import { Lead, LeadDetails, openLeadKey } from '../sales/lead.ts';
import { accountsLike } from '../sales/match-accounts.ts';
import { type Party, partyOf } from '../sales/match-party.ts';
import { Matching, match } from '../sales/match-rule.ts';
import { NewOpportunity } from '../sales/open-opportunity.ts';
import { Opportunity, opportunityKey } from '../sales/opportunity.ts';
import { Activity, ActivityDetails } from '../service/activity.ts';
import { NewActivity } from '../service/activity-commands.ts';
import { Case, CaseDetails, numberKey } from '../service/case.ts';
import { PastCase } from '../service/past-case.ts';
import type { Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import { ConsentRow, EditableConsent } from './consent-rows.ts';
import type { ObjectName } from './import.ts';
import { type Importable, importable } from './importable.ts';
import { EditableOpportunity } from './opportunity-rows.ts';

const byName = { field: 'accountId', lookup: 'name', create: true } as const;
/** Who is nobody here owns nothing. */
const owner = { field: 'ownerId', lookup: 'name', default: '' } as const;

const users = importable({
  kind: User,
  called: 'user',
  details: UserDetails.extend({ role: UserDetails.shape.role.default('agent') }),
  editable: UserDetails,
  also: {
    'salesagent username fullname': 'name',
    'mail emailaddress': 'email',
    'team regionaloffice': { field: 'teamId', lookup: 'name', create: true },
    manager: { field: 'managerId', lookup: 'name' },
  },
  keys: ({ email }) => (email ? [userEmailKey(email)] : []),
});

const teams = importable({
  kind: Team,
  called: 'team',
  details: TeamDetails,
  also: { 'team teamname regionaloffice': 'name', manager: { field: 'managerId', lookup: 'name' } },
  sameness: ({ name }) => [name?.trim()],
  find: async ({ store }, { name }) =>
    (await store.loadAll(Team, 'dir#tea')).find((team) => team.name === name && !team.archivedAt)?.id,
});

const products = importable({
  kind: Product,
  called: 'product|item',
  details: ProductDetails,
  also: {
    'product productname title': 'name',
    'series productfamily family type': 'category',
    'salesprice listprice unitprice': 'price',
    'code articlenumber number internalreference reference': 'sku',
  },
  complete: (values) => ({ ...values, sku: values['sku'] ?? skuOf(values['name']) }),
  keys: ({ sku }) => (sku ? [skuKey(sku)] : []),
});

/** A product that names no stock-keeping unit has one of its name: `GTX Plus Pro` is `GTX-PLUS-PRO`. */
const skuOf = (name: unknown): string | undefined =>
  typeof name === 'string'
    ? name
        .trim()
        .toUpperCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
        .slice(0, 100)
    : undefined;

const accounts = importable({
  kind: Account,
  called: 'account|company|organi[sz]ation|customer',
  details: AccountDetails,
  also: {
    'account accountname company companyname organization organisation sitename': 'name',
    'website websiteurl url homepage domainname': 'domain',
    sector: 'industry',
    'employees numberofemployees noofemployees employeecount': 'size',
    'address street streetaddress': 'billingAddress.street',
    'zip zipcode postcode postalcode billingcode': 'billingAddress.postalCode',
    'city town': 'billingAddress.city',
    'state region province county': 'billingAddress.region',
    'country officelocation': 'billingAddress.country',
    latitude: 'location.lat',
    'longitude lng': 'location.lon',
    'vat vatnumber vatid taxnumber': 'taxId',
    'tag label labels': 'tags',
    'phone telephone phonenumber': 'phone',
    'owner salesagent salesperson salesrep accountmanager username': owner,
    'externalid legacyid recordid': { field: 'externalId', source: 'import' },
  },
  complete: ({ domain: site, ...values }) => {
    const domain = typeof site === 'string' ? hostOf(site) : undefined;
    return domain ? { ...values, domain } : values;
  },
  keys: ({ externalIds = [] }) => externalIds.map(({ source, id }) => externalKey(source, id)),
  party: (values) => accountParty(values),
  find: sameAccount,
});

/** The account that a row is of, by what the two have in common. One with an id of another system is known by that alone. */
async function sameAccount(
  crm: Crm,
  { externalIds = [], ...said }: Partial<AccountDetails>,
): Promise<string | undefined> {
  const [best] = externalIds.length ? [] : await accountsLike(crm, accountParty(said));
  const { same } = await crm.policy(Matching);
  return best && best.score >= same ? best.id : undefined;
}

/** The domain of an address of a site: `https://www.acme.example/en` is `acme.example`. Whether there is a site is no address of one. */
const hostOf = (site: string): string | undefined => {
  const host = site
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^www\d?\./i, '')
    .replace(/[/?#:].*$/, '')
    .toLowerCase();
  return /^(?:yes|no|none|true|false|unknown)?$/.test(host) ? undefined : host;
};

const contacts = importable({
  kind: Contact,
  called: 'contact|person',
  named: true,
  details: NewContact,
  editable: ContactDetails,
  also: {
    'email mail emailaddress': 'emails',
    'phone telephone mobile phonenumber mobilephone mobilephonenumber cell homephone otherphone': 'phones',
    'fullname displayname': 'name',
    'givenname first': 'firstName',
    'surname familyname last': 'lastName',
    'title jobtitle position': 'role',
    'company account accountname companyname organization': byName,
    'contactid externalid legacyid recordid': { field: 'externalId', source: 'import' },
  },
  keys: ({ emails = [], externalIds = [] }) => [
    ...externalIds.map(({ source, id }) => externalContactKey(source, id)),
    ...emails.map(emailKey),
  ],
  // By a name alone, two of a file are no more the same than one of it and one of the table.
  party: (said) => (said.phones?.length ? contactParty(said) : undefined),
  sameness: (said) => [knownByName(said) ? `${said.accountId} ${calledBy(said)}` : undefined],
  find: sameContact,
});

function contactParty({ firstName, lastName, emails = [], phones = [] }: Partial<ContactDetails>): Party {
  return partyOf({ name: [firstName, lastName].filter(Boolean).join(' '), email: emails[0], phone: phones[0] });
}

const calledBy = ({ firstName = '', lastName = '' }: Partial<ContactDetails>): string =>
  normalisedName(`${firstName} ${lastName}`);

/** Whether a row says nothing of a contact but what they are called, and where they are. */
const knownByName = ({ accountId, emails, phones, externalIds, ...said }: Partial<NewContact>): boolean =>
  accountId !== undefined && !emails?.length && !phones?.length && !externalIds?.length && calledBy(said) !== '';

/** The contact who has a row's phone number and a similar name; where a name is all that it says, the one of the account who is called so. */
async function sameContact(crm: Crm, said: Partial<NewContact>): Promise<string | undefined> {
  if (knownByName(said)) {
    const items = await crm.store.query(ranges.in(keyOf(said.accountId!).pk, 'con'), 200, undefined, true);
    const called = items.map((item) => Contact.schema.parse(item)).filter((one) => calledBy(one) === calledBy(said));
    const [only, another] = called.filter(({ archivedAt }) => !archivedAt);
    return another ? undefined : only?.id;
  }
  const { country } = await crm.policy(Settings);
  const matching = await crm.policy(Matching);
  const party = contactParty(said);
  const keys = (said.phones ?? []).map((phone) => phoneKey(normalisedPhone(phone, country)));
  const found = await Promise.all(keys.map((key) => crm.store.query(ranges.under(key), 20, undefined, true)));
  const ids = found.flat().map((item) => keyOf(String(item['recordId'])));
  const contacts = (await crm.store.getMany(ids, true)).map((item) => Contact.schema.parse(item));
  return contacts.find((one) => !one.archivedAt && match(party, contactParty(one), matching).score >= matching.same)
    ?.id;
}

const leads = importable({
  kind: Lead,
  called: 'lead|contact',
  named: true,
  details: LeadDetails.extend({ source: LeadDetails.shape.source.unwrap().default('import') }),
  editable: LeadDetails,
  also: {
    'mail emailaddress': 'email',
    'telephone mobile mobilephone phonenumber': 'phone',
    'fullname displayname': 'name',
    'givenname first': 'firstName',
    'surname familyname last': 'lastName',
    'account companyname organization': 'company',
    'origin channel': 'source',
    'notes comment description': 'message',
  },
  sameness: ({ email }) => [email && plainEmail(email)],
  find: async ({ store }: Crm, { email }) => {
    const contactId = email && (await store.holderOf(emailKey(email)));
    return contactId ? store.holderOf(openLeadKey(contactId)) : undefined;
  },
});

const opportunities = importable({
  kind: Opportunity,
  called: 'opportunity|deal|potential',
  details: NewOpportunity,
  editable: EditableOpportunity,
  also: {
    'opportunity opportunityname deal title topic': 'name',
    'opportunityid dealid externalid legacyid recordid': { field: 'externalId', source: 'import' },
    'account accountname company companyname organization customer customername': byName,
    'salesagent owner salesperson salesrep username': owner,
    'product products': { field: 'products', lookup: 'name' },
    'salesstage stagename': 'stage',
    'engagedate opened openeddate createdate created createddate createdon createdat': 'openedOn',
    'closedate closingdate expectedclose expectedclosedate expectedclosing estclosedate closed': 'closeOn',
    'closevalue value revenue expectedrevenue estrevenue': 'amount',
  },
  complete: (values, named) => ({ ...values, name: values['name'] ?? dealName(values, named) }),
  keys: ({ externalIds = [] }) => externalIds.map(({ source, id }) => opportunityKey(source, id)),
});

/** A deal without a name is called by what it sells and by its id elsewhere. */
function dealName({ products: ids, externalIds }: Record<string, unknown>, named: ReadonlyMap<string, string>): string {
  const sold = Array.isArray(ids) ? ids.map((id) => named.get(String(id))).filter(Boolean) : [];
  const [external] = (externalIds ?? []) as { id: string }[];
  return [sold.join(', '), external?.id].filter(Boolean).join(' ').slice(0, 200).toWellFormed() || 'Opportunity';
}

const activities = importable({
  kind: Activity,
  called: 'activity',
  details: NewActivity,
  editable: ActivityDetails,
  also: {
    'type activitytype': 'kind',
    'date when datetime happenedat': 'occurredAt',
    'notes comment description text': 'body',
    'title summary': 'subject',
    'duration minutes': 'durationMinutes',
    'company account accountname customer': byName,
  },
});

const consents = importable({
  kind: Consent,
  called: 'consent|subscription',
  details: ConsentRow,
  editable: EditableConsent,
  also: {
    'email contact contactemail': { field: 'contactId', lookup: 'email' },
    'list newsletter': 'topic',
    'state optin': 'status',
    'date timestamp consentedat': 'at',
  },
});

const orders = importable({
  kind: Order,
  called: 'order',
  details: PastOrder,
  also: {
    'orderid ordernumber': 'number',
    'account accountname company customer customername': byName,
    'total amount value revenue': 'net',
    'salesagent owner': owner,
  },
  told: ({ totals: { net }, lines }) => ({ net, ...(lines.length === 1 && { description: lines[0]!.description }) }),
  keys: ({ number }) => (number ? [orderNumberKey(number.trim())] : []),
});

const invoices = importable({
  kind: Invoice,
  called: 'invoice',
  details: PastInvoice,
  also: {
    'invoice invoiceid invoiceno invoicenumber': 'number',
    'account accountname company customer customername': byName,
    'total amount value totalamount grandtotal': 'gross',
    'taxamount vat': 'tax',
    amountpaid: 'paid',
    'date invoicedate': 'issuedOn',
    duedate: 'dueOn',
  },
  told: ({ totals: { gross, tax, paid }, lines: [line, ...more] }) => ({
    ...{ gross, tax, paid },
    ...(line && !more.length && { description: line.description, taxCategory: line.taxCategory }),
  }),
  keys: ({ number }) => (number ? [invoiceNumberKey(number.trim())] : []),
});

const payments = importable({
  kind: Payment,
  called: 'payment',
  details: PaymentDetails.extend(AccountPayment.shape),
  also: {
    'account accountname company customer customername': byName,
    'date paidat paymentdate': 'receivedAt',
    'paymentid transactionid': 'reference',
    'total value': 'amount',
  },
  keys: ({ reference }) => (reference ? [paymentReferenceKey(reference.trim())] : []),
});

const cases = importable({
  kind: Case,
  called: 'case|ticket',
  details: PastCase,
  editable: CaseDetails,
  also: {
    'case caseid casenumber ticket ticketid': 'number',
    'account accountname company companyname organization customer customername': byName,
    'email contact contactemail requesteremail': { field: 'contactId', lookup: 'email' },
    'owner agent assignee': owner,
    'title summary name': 'subject',
    'type category': 'kind',
    'created createdat createdate createddate opened openeddate datetimeopened': 'openedAt',
    'closed closedat closedate resolved resolveddate solvedat datetimeclosed': 'resolvedAt',
  },
  keys: ({ number }) => (number ? [numberKey(number)] : []),
});

/** What can be imported, by the name of its resource. */
export const importables: Readonly<Record<ObjectName, Importable>> = {
  users,
  teams,
  products,
  accounts,
  contacts,
  leads,
  opportunities,
  orders,
  invoices,
  payments,
  cases,
  activities,
  consents,
};
