import { Email } from '../core/contact-points.ts';
import { isId } from '../core/ids.ts';
import { exponentOf } from '../core/money.ts';
import { normalisedPhone } from '../core/phone.ts';
import type { FieldFault } from '../core/refusal.ts';
import { cut, oneLine } from '../core/text.ts';
import type { LeadDetails } from '../sales/lead.ts';
import { type Answers, agreedIn, isTicked, missingIn, textOf } from './answers.ts';
import { type Asked, consentsAsked, type Form, type FormField, type Target } from './form.ts';
import type { Submission } from './submission.ts';

/** What a form's answers come to. */
export interface Mapped {
  lead: LeadDetails;
  /** What was agreed to. */
  consents: Asked[];
  /** Everything that was answered, as people read it. */
  transcript: string;
  /** Why it needs a person: with a pointer and a code each. None where the lead can be captured. */
  faults: FieldFault[];
}

/** What a deployment assumes where an answer does not say. */
export interface Assumed {
  /** ISO 3166-1 alpha-2: of a phone number without a country code. */
  country: string;
  /** ISO 4217: of a budget. */
  currency: string;
}

/** What is known of a submission beside its answers. */
type Around = Partial<Pick<Submission, 'utm' | 'provider' | 'agreed'>>;

/** Reads the answers to a form by the form's own definition. Pure. Source: domain.md 1, 2. */
export function mapSubmission(
  form: Form,
  answers: Answers,
  assumed: Assumed,
  { utm, provider, agreed }: Around = {},
): Mapped {
  const faults = [...missingIn(form, answers)];
  // What a person agreed to is the text that they saw, whatever the form says by now.
  const consents = agreed ?? agreedIn(form, answers);
  const read = (target: Target) =>
    form.fields.filter(({ mapsTo, key }) => mapsTo === target && textOf(answers, key)).map((field) => asRead(field));
  const asRead = (field: FormField) => ({ field, text: textOf(answers, field.key)! });
  const first = (target: Target) => read(target)[0];
  const understood = <T>(target: Target, reads: (text: string) => T | undefined, code: string): T | undefined => {
    const answer = first(target);
    const value = answer && reads(answer.text);
    if (answer && value === undefined)
      faults.push({ pointer: `#/${answer.field.key}`, code, detail: `${answer.field.label} cannot be read` });
    return value;
  };
  for (const field of form.fields)
    if (field.type === 'select' && !inOptions(field, answers))
      faults.push({ pointer: `#/${field.key}`, code: 'option.unknown', detail: `${field.label} has no such option` });

  const country = countryIn(first('country')?.text) ?? assumed.country;
  const named = nameIn(first('name')?.text);
  const message = read('message')
    .map(({ text }) => text)
    .join('\n\n');
  if (message.length > 32_000)
    faults.push({
      pointer: `#/${first('message')!.field.key}`,
      code: 'text.tooLong',
      detail: 'Over 32,000 characters',
    });
  const interests = read('interests').flatMap(({ field }) => listed(answers.get(field.key) ?? []));
  const lead = {
    source: 'form' as const,
    email: understood('email', emailIn, 'email.invalid'),
    phone: understood('phone', (text) => phoneIn(text, country), 'phone.invalid'),
    firstName: tidied(first('firstName')?.text) ?? named.firstName,
    lastName: tidied(first('lastName')?.text) ?? named.lastName,
    company: tidied(first('company')?.text, 200),
    message: message.slice(0, 32_000).toWellFormed() || undefined,
    interests: interests.length ? interests : undefined,
    budget: understood('budget', (text) => moneyIn(text, assumed.currency), 'budget.invalid'),
    campaignId: understood('campaignId', campaignIn, 'campaign.invalid') ?? form.assignment?.campaignId,
    utm: present({ ...utm, ...utmIn(answers) }),
    custom: present(ownFields(form, answers, faults)),
  };
  if (!faults.length && !(lead.email || lead.phone || lead.firstName || lead.lastName))
    faults.push({
      pointer: '#',
      code: 'identity.missing',
      detail: 'Nobody is named: no e-mail address, phone or name',
    });
  return {
    lead: present(lead) as LeadDetails,
    consents,
    transcript: transcriptOf(form, answers, consents, provider ? othersIn(form, answers) : []),
    faults,
  };
}

/** An object without what is undefined; undefined where nothing is left. */
function present<T extends object>(of: T): T | undefined {
  const entries = Object.entries(of).filter(([, value]) => value !== undefined);
  return entries.length ? (Object.fromEntries(entries) as T) : undefined;
}

/** A name as it is stored: without control characters, single spaces, trimmed, not longer than the record holds. */
export function tidied(text: string | undefined, most = 100): string | undefined {
  return cut(oneLine(text ?? ''), most).trim() || undefined;
}

/** "Jo Ruiz" and "Ruiz, Jo": the last word is the last name, unless a comma says otherwise. */
export function nameIn(text: string | undefined): { firstName?: string | undefined; lastName?: string | undefined } {
  const whole = tidied(text, 200);
  if (!whole) return {};
  const [family, given] = whole.split(/,\s*/, 2);
  if (given) return { firstName: tidied(given), lastName: tidied(family) };
  const words = whole.split(' ');
  if (words.length === 1) return { firstName: tidied(whole) };
  return { firstName: tidied(words.slice(0, -1).join(' ')), lastName: tidied(words.at(-1)) };
}

/** As it is stored. */
export const emailIn = (text: string): string | undefined => Email.safeParse(text).data;

/** E.164 where it can be read as a number of the country; as written where a person may still make something of it. */
export function phoneIn(text: string, country: string): string | undefined {
  const written = tidied(text, 41) ?? '';
  const digits = written.replaceAll(/\D/g, '').length;
  if (digits < 3) return undefined;
  const phone = normalisedPhone(written, country);
  return phone.length <= 40 ? phone : undefined;
}

const countryIn = (text: string | undefined): string | undefined =>
  /^\s*([a-z]{2})\s*$/i.exec(text ?? '')?.[1]?.toUpperCase();

/** Major units, as people write them: `1500`, `1,500.00`, `1.500,00 €`. The last mark before one or two digits is the decimal one. */
export function moneyIn(text: string, currency: string): { amount: number; currency: string } | undefined {
  const plain = text.replaceAll(/[\p{Sc}\s'’]|\b[A-Z]{3}\b/gu, '');
  const [, whole = '', fraction = ''] = /^(\d{1,15}|\d{1,3}(?:[.,]\d{3}){1,4})(?:[.,](\d{1,2}))?$/.exec(plain) ?? [];
  const digits = exponentOf(currency);
  if (!whole || fraction.length > digits) return undefined;
  const amount = Number(`${whole.replaceAll(/\D/g, '')}${fraction.padEnd(digits, '0')}`);
  return Number.isSafeInteger(amount) ? { amount, currency } : undefined;
}

const campaignIn = (text: string): string | undefined => (isId('cmp', text.trim()) ? text.trim() : undefined);

const listed = (values: readonly string[]): string[] =>
  [...new Set(values.flatMap((value) => value.split(/[,;\n]/)).flatMap((value) => tidied(value) ?? []))].slice(0, 50);

/** The parameters by which campaigns are told apart, without their prefix. */
export const utmIn = (answers: Answers): Record<string, string> =>
  Object.fromEntries(
    [...answers].flatMap(([name, values]) => {
      const [, parameter] = /^utm_([a-z][a-z_]{0,49})$/i.exec(name) ?? [];
      const click = /^(gclid|fbclid|msclkid)$/i.exec(name)?.[1];
      const value = tidied(values[0], 200);
      return (parameter || click) && value ? [[(parameter ?? click ?? '').toLowerCase(), value]] : [];
    }),
  );

const inOptions = ({ key, options = [] }: FormField, answers: Answers): boolean =>
  (answers.get(key) ?? []).every((value) => options.some((option) => option.value === value || option.label === value));

/** The answers that no field of a lead has a place for, by their type. A number that is none is a fault. */
function ownFields(form: Form, answers: Answers, faults: FieldFault[]): Record<string, string | number | boolean> {
  const own = form.fields.filter(({ mapsTo }) => mapsTo === 'custom' || mapsTo === 'country');
  return Object.fromEntries(
    own.flatMap(({ key, type, label }): [string, string | number | boolean][] => {
      if (type === 'checkbox') return answers.has(key) ? [[key, isTicked(answers, key)]] : [];
      const text = textOf(answers, key);
      if (text === undefined) return [];
      if (type !== 'number') return [[key, text.slice(0, 2_000).toWellFormed()]];
      const number = Number(text.replace(',', '.'));
      if (Number.isFinite(number)) return [[key, number]];
      faults.push({ pointer: `#/${key}`, code: 'number.invalid', detail: `${label} is not a number` });
      return [];
    }),
  );
}

/** Answers that no field or box of the form is for: a question that was added at the service since. */
function othersIn(form: Form, answers: Answers): string[] {
  const known = new Set([...form.fields.map(({ key }) => key), ...consentsAsked(form).map(({ name }) => name)]);
  return [...answers.keys()].filter((name) => !known.has(name));
}

const transcriptOf = (form: Form, answers: Answers, consents: readonly Asked[], others: readonly string[]): string =>
  [
    ...form.fields
      .filter(({ mapsTo }) => mapsTo !== 'consent')
      .map(({ key, label }) => [label, textOf(answers, key)] as const),
    ...consents.map(({ text }) => ['Agreed to', text] as const),
    ...others.map((name) => [name, textOf(answers, name)] as const),
  ]
    .flatMap(([label, text]) => (text === undefined ? [] : [`${label}: ${text}`]))
    .join('\n')
    .slice(0, 32_000)
    .toWellFormed();
