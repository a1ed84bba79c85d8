import { domainToASCII } from 'node:url';
import * as z from 'zod';
import { isCountry } from './codes.ts';
import { cut, Line, Prose } from './text.ts';

/** An address as it is compared: trimmed, lower-case, its domain as the mail system writes it (IDNA). What is no address is one no more. */
export function plainEmail(said: string): string {
  const plain = said.trim().toLowerCase();
  const at = plain.lastIndexOf('@') + 1;
  const domain = plain.slice(at);
  const isForeign = at > 0 && domain.length < 255 && /[^\0-\x7f]/.test(domain) && !/[\s/?#%:\\]/.test(domain);
  const ascii = isForeign && domainToASCII(domain);
  return ascii ? plain.slice(0, at) + ascii : plain;
}

/** As zod has it, beneath any top-level domain: some have digits and hyphens, in ASCII. */
const address = /^(?:[a-z0-9_'+-]+\.)*[a-z0-9_'+-]*[a-z0-9_+-]@(?:[a-z0-9][a-z0-9-]*\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)$/;

/** An e-mail address as we store and compare it. */
export const Email = z
  .string()
  .overwrite(plainEmail)
  .pipe(z.email({ pattern: address }).max(254))
  .meta({
    title: 'e-mail address',
    description: 'An international domain is stored in ASCII (`xn--...`), and found in either spelling.',
    examples: ['jo@acme.example'],
  });

/** ISO 3166-1 alpha-2. */
export const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, { abort: true })
  .refine(isCountry, 'No country of ISO 3166-1');
/** BCP 47. */
export const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);
/** An IANA time zone that this runtime knows. */
export const TimeZone = z.string().max(60).refine(isTimeZone, 'Not an IANA time zone');

export const Address = z
  .strictObject({
    street: Prose.max(200).optional(),
    postalCode: Line.max(20).optional(),
    city: Line.max(100).optional(),
    region: Line.max(100).optional(),
    country: Country.optional(),
  })
  .meta({ id: 'Address' });
export type Address = z.infer<typeof Address>;

function isTimeZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** Providers whose domains say nothing about a company. */
const freeMail = new Set(
  `aol.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com
  hotmail.de hotmail.fr hotmail.it icloud.com laposte.net libero.it live.com mac.com mail.com mail.ru me.com msn.com orange.fr
  outlook.com outlook.de pm.me proton.me protonmail.com qq.com t-online.de tutanota.com wanadoo.fr web.de yahoo.co.jp yahoo.co.uk
  yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru zoho.com 126.com 163.com`.split(/\s+/),
);

/** The domain of an address if it says which company somebody is of; undefined for free-mail. */
export function companyDomain(email: string): string | undefined {
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return domain && !freeMail.has(domain) ? domain : undefined;
}

/**
 * A name as it is looked up: lower-case, without accents, punctuation and double spaces. One of nothing else stays as it is: else all such
 * names were the same.
 */
export const normalisedName = (name: string): string =>
  cut(
    name
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim() || name.trim(),
    200,
  );
