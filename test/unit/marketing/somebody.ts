import { newId } from '../../../shared/core/ids.ts';
import type { Facts } from '../../../shared/marketing/facts.ts';
import type { Account } from '../../../shared/sales/account.ts';
import type { Contact } from '../../../shared/sales/contact.ts';

export const now = new Date('2026-06-15T12:00:00.000Z');
export const around = { now, timeZone: 'Europe/Madrid', currency: 'EUR' };
const stamps = {
  version: 1,
  createdAt: '2026-01-10T08:00:00.000Z',
  updatedAt: '2026-01-10T08:00:00.000Z',
  createdBy: 'usr',
};
const accountId = newId('acc', now);

/** Somebody at a customer in Madrid, with what a test says otherwise. */
export const somebody = ({
  contact = {},
  account = {},
  ...more
}: { contact?: Partial<Contact>; account?: Partial<Account> } & Partial<
  Omit<Facts, 'contact' | 'account'>
> = {}): Facts => ({
  contact: {
    ...stamps,
    id: newId('con', now, accountId),
    accountId,
    firstName: 'Jo',
    lastName: 'Ruiz',
    emails: ['jo@acme.example'],
    phones: [],
    ...contact,
  },
  account: {
    ...stamps,
    id: accountId,
    kind: 'organization',
    name: 'Acme Ltd',
    stage: 'customer',
    location: { lat: 40.4168, lon: -3.7038 },
    ...account,
  },
  ...more,
});
