import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { normalisedPhone } from '../../shared/core/phone.ts';
import { Settings } from '../../shared/core/settings.ts';
import { endpoint, pageOf } from '../../shared/http/endpoint.ts';
import { by, type Filter, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Overview, readOverview } from '../../shared/insights/overview.ts';
import { readTimeline, Timeline, TimelineQuery } from '../../shared/insights/timeline.ts';
import { Consents, ConsentsSaid, readConsents, setConsents } from '../../shared/marketing/consent-commands.ts';
import {
  Account,
  AccountArchived,
  AccountDetails,
  AccountStage,
  accountParty,
  domainKey,
  externalKey,
  nameKey,
} from '../../shared/sales/account.ts';
import { createAccount, editAccount, externalIdIn, restoreAccount } from '../../shared/sales/account-commands.ts';
import { Contact, ContactArchived, ContactDetails, emailKey, phoneKey } from '../../shared/sales/contact.ts';
import { createContact, editContact, NewContact, restoreContact } from '../../shared/sales/contact-commands.ts';
import { accountsLike, Candidate } from '../../shared/sales/match-accounts.ts';
import { moveContact } from '../../shared/sales/move-contact.ts';
import { KnownByEmail, upsertContact } from '../../shared/sales/upsert-contact.ts';
import { archive } from '../../shared/store/edit.ts';
import { ranges } from '../../shared/store/places.ts';
import { serve } from '../serve.ts';

const account = { may: 'accounts:write', params: z.strictObject({ id: id('acc') }), answer: Account.schema } as const;
const contact = { may: 'contacts:write', params: z.strictObject({ id: id('con') }), answer: Contact.schema } as const;
const consents = { may: 'consents:write', params: contact.params, answer: Consents } as const;
const stages = AccountStage.options;

const byStage: Filter = { ...by.state('account', stages), ranges: (stage) => [ranges.inState('account', stage)] };
const byExternalId = by.key('external#account#', (value) => {
  const { source, id } = externalIdIn(value);
  return externalKey(source, id);
});
/** A number is found however it is written; a plus that became a space in the address is a plus. */
const byPhone: Filter = {
  key: 'pk = phone#<E.164>',
  consistency: 'strong',
  ranges: async (value, _, crm) => {
    const { country } = await crm.policy(Settings);
    return [ranges.under(phoneKey(normalisedPhone(value.replace(/^ /, '+'), country)))];
  },
};

export const endpoints = [
  endpoint('POST /v1/accounts', {
    summary: 'Create an account',
    may: 'accounts:write',
    body: AccountDetails,
    status: 201,
    answer: Account.schema,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: createAccount,
  }),
  listOf('GET /v1/accounts', {
    kind: Account,
    summary: 'List accounts; externalId is source:id',
    may: 'accounts:read',
    all: by.state('account', stages),
    filters: {
      stage: byStage,
      ownerId: by.owner('account', stages),
      name: by.key('name#account#', nameKey),
      domain: by.key('domain#', (domain) => domainKey(domain.trim().toLowerCase())),
      externalId: byExternalId,
    },
  }),
  endpoint('GET /v1/accounts/{id}', {
    ...account,
    summary: 'Read an account',
    may: 'accounts:read',
    does: (crm, { id }) => crm.load(Account, id),
  }),
  explains('accounts', Account),
  endpoint('GET /v1/accounts/{id}/overview', {
    ...account,
    summary: 'Where a customer stands: what is open, what happened last, what it comes to',
    may: 'accounts:read',
    answer: Overview,
    does: readOverview,
  }),
  endpoint('GET /v1/accounts/{id}/timeline', {
    ...account,
    summary: 'Everything that happened with a customer, newest first',
    may: 'accounts:read',
    query: TimelineQuery,
    answer: Timeline,
    filters: [{ filter: '(none), types', key: 'pk = log#<account>, sk begins evt_', consistency: 'strong' }],
    does: readTimeline,
  }),
  endpoint('GET /v1/accounts/{id}/duplicates', {
    ...account,
    summary: 'The accounts that may be the same, the surest first: five at the most',
    may: 'accounts:read',
    answer: pageOf(Candidate),
    does: async (crm, { id }) => ({
      data: await accountsLike(crm, accountParty(await crm.load(Account, id)), id),
      nextCursor: null,
    }),
  }),
  endpoint('PATCH /v1/accounts/{id}', {
    ...account,
    summary: 'Edit an account',
    patch: AccountDetails,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: editAccount,
  }),
  endpoint('DELETE /v1/accounts/{id}', {
    ...account,
    summary: 'Archive an account',
    does: archive(Account, AccountArchived),
  }),
  endpoint('POST /v1/accounts/{id}/restore', {
    ...account,
    summary: 'Bring an account back',
    refuses: ['record.duplicate'],
    does: restoreAccount,
  }),

  endpoint('POST /v1/contacts', {
    summary: 'Create a contact',
    may: 'contacts:write',
    body: NewContact,
    status: 201,
    answer: Contact.schema,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: createContact,
  }),
  listOf('GET /v1/contacts', {
    kind: Contact,
    summary: 'List contacts',
    may: 'contacts:read',
    all: by.state('contact', ['all']),
    filters: {
      accountId: by.account('con'),
      email: by.key('email#con#', (email) => emailKey(email.trim().replaceAll(' ', '+'))),
      phone: byPhone,
    },
  }),
  endpoint('PUT /v1/contacts/by-email/{email}', {
    summary: 'Edit the contact who has an address, or create it',
    may: 'contacts:write',
    body: KnownByEmail,
    status: ({ version }) => (version === 1 ? 201 : 200),
    answer: Contact.schema,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: upsertContact,
  }),
  endpoint('GET /v1/contacts/{id}', {
    ...contact,
    summary: 'Read a contact; one that moved says where it is now',
    may: 'contacts:read',
    does: (crm, { id }) => crm.load(Contact, id),
  }),
  explains('contacts', Contact),
  endpoint('PATCH /v1/contacts/{id}', {
    ...contact,
    summary: 'Edit a contact',
    patch: ContactDetails,
    refuses: ['record.duplicate'],
    does: editContact,
  }),
  endpoint('DELETE /v1/contacts/{id}', {
    ...contact,
    summary: 'Archive a contact; its addresses are free again',
    does: archive(Contact, ContactArchived),
  }),
  endpoint('POST /v1/contacts/{id}/restore', {
    ...contact,
    summary: 'Bring a contact back',
    refuses: ['record.wrongState', 'record.duplicate'],
    does: restoreContact,
  }),
  endpoint('GET /v1/contacts/{id}/consents', {
    ...consents,
    summary: 'What a contact agreed to and withdrew: the last word on each topic and channel',
    may: 'consents:read',
    does: readConsents,
  }),
  endpoint('PUT /v1/contacts/{id}/consents', {
    ...consents,
    summary: 'Note what a contact says: the consents that are named; all of them are answered',
    body: ConsentsSaid,
    refuses: ['record.wrongState'],
    does: setConsents,
  }),
  endpoint('POST /v1/contacts/{id}/move', {
    ...contact,
    summary: 'Move a contact to another account: it is made anew there',
    body: z.strictObject({ accountId: id('acc') }),
    refuses: ['record.wrongState', 'reference.unknown'],
    does: moveContact,
  }),
];

export const handler = serve(endpoints);
