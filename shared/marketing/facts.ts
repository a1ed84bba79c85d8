import * as z from 'zod';
import { Country, Language } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import type { KeptFigures } from '../insights/figures.ts';
import { type Account, AccountStage } from '../sales/account.ts';
import type { Contact } from '../sales/contact.ts';
import { type Lead, LeadStatus, Score } from '../sales/lead.ts';

/** What is known of somebody whom marketing speaks to: the records that rules and templates read. */
export interface Facts {
  readonly contact: Contact;
  readonly account: Account;
  /** What the account came to, and the open lead of the contact: loaded where they are asked for, else missing. */
  readonly figures?: KeptFigures | undefined;
  readonly lead?: Pick<Lead, 'status' | 'score'> | undefined;
}

/** What must be loaded beside contact and account before a fact can be read. */
export type Source = 'figures' | 'lead';

/** Minor units by currency. */
export type Sums = Readonly<Record<string, number>>;

/** What a fact is: it says which operators apply to it. `any`: a field of one's own, typed by its value alone. */
export interface FactValues {
  text: string;
  number: number;
  flag: boolean;
  list: readonly string[];
  instant: string;
  money: Sums;
  place: { lat: number; lon: number };
  any: string | number | boolean;
}
export type FactType = keyof FactValues;

export interface Fact<T extends FactType = FactType> {
  readonly type: T;
  readonly read: (facts: Facts) => FactValues[T] | undefined;
  readonly source?: Source;
  /** What a rule may compare it with, where that is less than any text. */
  readonly value?: z.ZodType<string>;
}

const text = (read: Fact<'text'>['read'], value?: z.ZodType<string>, source?: Source): Fact<'text'> => ({
  type: 'text',
  read,
  ...(value && { value }),
  ...(source && { source }),
});
const of = <T extends FactType>(type: T, read: Fact<T>['read'], source?: Source): Fact<T> => ({
  type,
  read,
  ...(source && { source }),
});

const address = ({ account: { billingAddress, shippingAddress } }: Facts) => billingAddress ?? shippingAddress;

/** Every fact that a rule may name. Beside these: `account.custom.<name>` and `contact.custom.<name>`. */
const known = {
  'account.kind': text(({ account }) => account.kind, z.enum(['organization', 'person'])),
  'account.name': text(({ account }) => account.name),
  'account.domain': text(({ account }) => account.domain),
  'account.industry': text(({ account }) => account.industry),
  'account.size': of('number', ({ account }) => account.size),
  'account.stage': text(({ account }) => account.stage, AccountStage),
  'account.ownerId': text(({ account }) => account.ownerId, id('usr')),
  'account.teamId': text(({ account }) => account.teamId, id('tea')),
  'account.tags': of('list', ({ account }) => account.tags),
  'account.country': text((facts) => address(facts)?.country, Country),
  'account.city': text((facts) => address(facts)?.city),
  'account.postalCode': text((facts) => address(facts)?.postalCode),
  'account.location': of('place', ({ account }) => account.location),
  'account.createdAt': of('instant', ({ account }) => account.createdAt),
  'contact.firstName': text(({ contact }) => contact.firstName),
  'contact.lastName': text(({ contact }) => contact.lastName),
  'contact.role': text(({ contact }) => contact.role),
  'contact.language': text(({ contact }) => contact.language, Language),
  'contact.timeZone': text(({ contact }) => contact.timeZone),
  'contact.channelPreference': text(({ contact }) => contact.channelPreference, z.enum(['email', 'sms', 'phone'])),
  'contact.tags': of('list', ({ contact }) => contact.tags),
  'contact.hasEmail': of('flag', ({ contact }) => contact.emails.length > 0),
  'contact.hasPhone': of('flag', ({ contact }) => contact.phones.length > 0),
  'contact.createdAt': of('instant', ({ contact }) => contact.createdAt),
  'profile.revenue': of('money', ({ figures }) => figures?.revenue, 'figures'),
  'profile.openReceivables': of('money', ({ figures }) => figures?.openReceivables, 'figures'),
  'profile.lastOrderAt': of('instant', ({ figures }) => figures?.lastOrderAt, 'figures'),
  'profile.lastContactAt': of('instant', ({ figures }) => figures?.lastContactAt, 'figures'),
  'profile.leadStatus': text(({ lead }) => lead?.status, LeadStatus, 'lead'),
  'profile.grade': text(({ lead }) => lead?.score.grade, Score.shape.grade, 'lead'),
  'profile.fit': of('number', ({ lead }) => lead?.score.fit, 'lead'),
  'profile.engagement': of('number', ({ lead }) => lead?.score.engagement, 'lead'),
} as const satisfies Record<string, Fact>;

export const factNames = Object.keys(known);

/** The fact of a name; undefined if there is none. */
export function factNamed(name: string): Fact | undefined {
  if (Object.hasOwn(known, name)) return known[name as keyof typeof known];
  const [, of, field] = /^(account|contact)\.custom\.(.{1,50})$/s.exec(name) ?? [];
  if (!of || !field) return undefined;
  return { type: 'any', read: (facts) => own(facts[of as 'account' | 'contact'].custom, field) };
}

const own = <T>(fields: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
