import { companyDomain, normalisedName, plainEmail } from '../core/contact-points.ts';

/** What is known of somebody, as it is written: an account, or a row of a file that may be one. */
export interface Described {
  name?: string | undefined;
  domain?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  taxId?: string | undefined;
  address?: { street?: string | undefined; postalCode?: string | undefined; city?: string | undefined } | undefined;
}

/** The same, as it is compared. */
export interface Party {
  /** The words of the name that tell somebody apart: without the form of the company. */
  words: readonly string[];
  name: string;
  domain?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  taxId?: string | undefined;
  postalCode?: string | undefined;
  /** House number and street. */
  place?: { number: string; street: string; heading: string } | undefined;
}

/** What a company is called by law says nothing about which it is. */
const forms = new Set(
  `ab ag aps as asa bv bvba co company corp corporation ev eg gbr gmbh inc incorporated kft kg kgaa limited llc llp ltd mbh nv ohg oy oyj
  plc pte pty sa sarl sas se sl spa srl sro ug`.split(/\s+/),
);
/** `S.A.` and `G.m.b.H.` are one word. */
const joined = (name: string): string => name.replaceAll(/\b(\p{L})\.(?=\p{L}\b)/gu, '$1');

const streets: Readonly<Record<string, string>> = Object.fromEntries(
  `street st,strasse str,avenue ave,av ave,road rd,boulevard blvd,boul blvd,drive dr,place pl,parkway pkwy,highway hwy,court ct,lane ln,square
  sq,north n,south s,east e,west w,northeast ne,northwest nw,southeast se,southwest sw,saint st`
    .split(',')
    .map((pair) => pair.trim().split(/\s+/) as [string, string]),
);
/** How a street is called says less than its name: it is left out as often as not. */
const kinds = new Set('st str ave rd blvd dr pl pkwy hwy ct ln sq'.split(' '));
const headings = new Set('n s e w ne nw se sw'.split(' '));

/** Somebody as they are compared: without accents, forms of company, ways of writing. Source: domain.md 2. */
export function partyOf({ name = '', domain, email, phone, taxId, address = {} }: Described): Party {
  const all = normalisedName(joined(name)).split(' ').filter(Boolean);
  const core = all.filter((word) => !forms.has(word));
  const words = core.length ? core : all;
  const mail = email && plainEmail(email);
  const site = registrable(domain ?? (mail && companyDomain(mail)));
  return {
    words,
    name: words.join(' '),
    domain: site && companyDomain(`@${site}`),
    email: mail,
    phone: digitsOf(phone),
    taxId: taxId ? taxId.replaceAll(/[^\p{L}\p{N}]/gu, '').toUpperCase() : undefined,
    postalCode:
      address.postalCode
        ?.replaceAll(/\s/g, '')
        .toUpperCase()
        .replace(/^(\d{5})-?\d{4}$/, '$1') || undefined,
    place: placeIn(address.street),
  };
}

/** Digits that are enough to be somebody's number; with its country where it has one. */
function digitsOf(phone = ''): string | undefined {
  const digits = phone.replace(/\b(x|ext)\.?\s*\d+$/i, '').replaceAll(/\D/g, '');
  return digits.length >= 7 && !/^(\d)\1+$/.test(digits) ? digits : undefined;
}

/** Second-level domains under which others are registered. */
const shared = /^(co|com|org|net|gov|ac|edu)\.[a-z]{2}$/;

/** The part of a host name that somebody registered: `shop.acme.co.uk` is `acme.co.uk`. */
export function registrable(host: string | undefined): string | undefined {
  const labels = host?.toLowerCase().replace(/\.$/, '').split('.') ?? [];
  if (labels.length < 2) return undefined;
  return labels.slice(shared.test(labels.slice(-2).join('.')) ? -3 : -2).join('.');
}

/** `1 N. Ogden Ave, Suite 3`, `Main Street 12a`: the number, and the street without its kind. */
function placeIn(address = ''): Party['place'] {
  const words = normalisedName(address.replaceAll(/(\p{L})str(?:asse|aße|\.)?(?=[\s,\d]|$)/giu, '$1 str'))
    .split(' ')
    .map((word) => streets[word] ?? word);
  const at = words.findIndex((word) => /^\d+[a-z]?$/.test(word));
  if (at < 0) return undefined;
  const rest = at === 0 ? words.slice(1) : words.slice(0, at);
  const named = rest
    .filter((word) => !headings.has(word) && !kinds.has(word))
    .map((word) => word.replace(/^(\d+)(st|nd|rd|th)$/, '$1'));
  const street = named[0] ?? rest[0];
  return street ? { number: words[at]!, street, heading: rest.find((word) => headings.has(word)) ?? '' } : undefined;
}
