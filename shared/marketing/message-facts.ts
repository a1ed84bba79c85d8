import type { Settings } from '../core/settings.ts';
import { nameOf } from '../sales/contact.ts';
import type { Facts } from './facts.ts';

/** What a template may speak of. `custom` holds fields of one's own. */
export interface MessageFacts {
  contact: Record<string, unknown>;
  account: Record<string, unknown>;
  company: Record<string, unknown>;
  unsubscribeUrl: string;
}

/** Every variable of a template; fields of one's own are not listed. */
const known = new Set(
  [
    'contact contact.id contact.firstName contact.lastName contact.name contact.email contact.phone contact.role contact.language contact.tags',
    'account account.id account.name account.domain account.industry account.size account.stage account.city account.country account.tags',
    'company company.name company.email company.street company.postalCode company.city company.country',
    'unsubscribeUrl',
  ].flatMap((line) => line.split(' ')),
);

/** Whether a template may name a variable: a list also by what is asked of it (`contact.tags.size`). */
export const isKnownVariable = (path: string): boolean =>
  known.has(path) ||
  /^(contact|account)\.custom\.[^.]{1,50}$/.test(path) ||
  /^(contact|account)\.tags\.(size|first|last)$/.test(path);

/** What a template is filled with for one reader. */
export function messageFacts(
  { contact, account }: Facts,
  { seller }: Pick<typeof Settings.defaults, 'seller'>,
  unsubscribeUrl: string,
): MessageFacts {
  const { id, firstName, lastName, emails, phones, role, language, tags = [], custom = {} } = contact;
  const { city, country } = account.billingAddress ?? account.shippingAddress ?? {};
  const { domain, industry, size, stage } = account;
  return {
    contact: {
      id,
      firstName,
      lastName,
      name: nameOf(contact),
      email: emails[0],
      phone: phones[0],
      role,
      language,
      tags,
      custom,
    },
    account: {
      id: account.id,
      name: account.name,
      domain,
      industry,
      size,
      stage,
      city,
      country,
      tags: account.tags ?? [],
      custom: account.custom ?? {},
    },
    company: { name: seller.name, email: seller.email, ...seller.address },
    unsubscribeUrl,
  };
}
