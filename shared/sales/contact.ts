import * as z from 'zod';
import { Email, Language, plainEmail, TimeZone } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { inState, openIn, under } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Custom, ExternalId, Tags } from './account.ts';

/** What can be said of a contact. */
export const ContactDetails = z.strictObject({
  firstName: Line.max(100).optional(),
  lastName: Line.max(100).optional(),
  emails: z.array(Email).max(20).default([]),
  phones: z.array(Line.min(1).max(40)).max(20).default([]),
  role: Line.max(100).optional(),
  language: Language.optional(),
  timeZone: TimeZone.optional(),
  channelPreference: z.enum(['email', 'sms', 'phone']).optional(),
  social: z.record(Line.max(50), Line.max(300)).optional(),
  tags: Tags.optional(),
  externalIds: z.array(ExternalId).max(20).optional(),
  custom: Custom.optional(),
});

export type ContactDetails = z.infer<typeof ContactDetails>;

const ContactRecord = z
  .object({
    ...record('con'),
    accountId: id('acc'),
    ...ContactDetails.shape,
    movedTo: id('con').optional().meta({ description: 'Who it is at the account to which it moved.' }),
    movedFrom: id('con').optional(),
  })
  .meta({ id: 'Contact' });
export type Contact = z.infer<typeof ContactRecord>;

export const emailKey = (email: string): string => `email#con#${plainEmail(email)}`;
export const externalContactKey = (source: string, id: string): string => `external#contact#${source}#${id}`;
export const phoneKey = (phone: string): string => `phone#${phone}`;

/** A person at an account. An address has one contact in the whole company; an archived one lets go of it. */
export const Contact: Kind<Contact> = {
  name: 'contact',
  prefix: 'con',
  schema: ContactRecord,
  unique: ({ emails, externalIds = [], archivedAt }) =>
    archivedAt ? [] : [...emails.map(emailKey), ...externalIds.map(({ source, id }) => externalContactKey(source, id))],
  places: ({ id, accountId, firstName, lastName, emails, phones, role, createdAt }) => ({
    gsi2: inState('contact', 'all', createdAt, id),
    gsi3: openIn(accountId, 'contact', id),
    card: { id, firstName, lastName, emails, phones, role },
    shared: phones.map((phone) => under(phoneKey(phone), id)),
  }),
};

const event = eventsOf(Contact, ContactRecord.pick({ accountId: true }));
export const ContactCreated = event('created');
export const ContactUpdated = event('updated');
export const ContactArchived = event('archived');
export const ContactRestored = event('restored');

/** How a contact is called: by name, else by address. */
export const nameOf = ({ firstName, lastName, emails }: Pick<Contact, 'firstName' | 'lastName' | 'emails'>): string =>
  [firstName, lastName].filter(Boolean).join(' ') || emails[0] || 'Unknown';
