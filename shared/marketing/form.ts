import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Language } from '../core/contact-points.ts';
import { Duration } from '../core/duration.ts';
import { id } from '../core/ids.ts';
import { Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Channel, Topic } from './consent.ts';
import { usualThanks } from './form-words.ts';

export const FormStatus = z.enum(['draft', 'live', 'closed']);
const Key = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,49}$/, 'a letter, then letters, digits, _ . and -');

/** Where an answer goes: a field of the lead, a field of one's own, the country that a phone number is read by, or a consent. */
export const Target = z.enum([
  'email',
  'phone',
  'name',
  'firstName',
  'lastName',
  'company',
  'message',
  'interests',
  'budget',
  'campaignId',
  'country',
  'custom',
  'consent',
]);
export type Target = z.infer<typeof Target>;

const FieldType = z.enum(['text', 'email', 'tel', 'textarea', 'select', 'checkbox', 'number', 'hidden']);
const Text = Line.min(1).max(200);
const Choice = z.strictObject({ value: Text, label: Text });
/** `"small"` is short for a choice whose value and label are that. */
const Option = z
  .union([Text, Choice.partial({ label: true })])
  .transform((said) => (typeof said === 'string' ? { value: said } : said))
  .transform(({ value, label = value }) => ({ value, label }))
  .pipe(Choice);

/** One question of a form, all of it said. */
const WholeField = z
  .strictObject({
    key: Key,
    label: Line.min(1).max(500),
    type: FieldType,
    required: z.boolean(),
    options: z.array(Choice).max(200).optional(),
    help: Prose.max(500).optional(),
    mapsTo: Target,
    topic: Topic.optional().meta({ description: 'Where it is a consent: to what. Its key by default.' }),
    from: z
      .array(z.string().min(1).max(300))
      .max(10)
      .optional()
      .meta({ description: 'What a provider calls this question: its id, reference or title.' }),
  })
  .meta({ id: 'FormField' });

/** One question as it is asked for. What is not said follows from the key: `firstName` is a first name, a field of type `tel` a phone number. */
export const FormField = WholeField.extend({
  required: z.boolean().default(false),
  options: z.array(Option).max(200).optional(),
})
  .partial({ label: true, type: true, mapsTo: true })
  .transform(({ label, type, mapsTo, ...field }) => {
    const target = mapsTo ?? usualTarget(field.key, type);
    return {
      ...field,
      label: label ?? words(field.key),
      type: type ?? usualType(target, field.options),
      mapsTo: target,
    };
  })
  .pipe(WholeField)
  .refine(({ type, options }) => type !== 'select' || options?.length, {
    path: ['options'],
    message: 'A select has options',
  });
export type FormField = z.infer<typeof FormField>;

/** What questions about each of these are usually called. */
const calledAs: Readonly<Partial<Record<Target, string>>> = {
  email: 'email mail emailaddress workemail businessemail',
  phone: 'phone tel telephone mobile phonenumber telephonenumber mobilenumber mobilephone',
  name: 'name fullname',
  firstName: 'firstname givenname forename',
  lastName: 'lastname surname familyname',
  company: 'company organization organisation companyname organizationname organisationname',
  message: 'message comment comments',
  interests: 'interests',
  budget: 'budget',
  campaignId: 'campaignid',
  country: 'country',
};
const usual = new Map(
  Object.entries(calledAs).flatMap(([target, names]) =>
    names.split(' ').map((name) => [name, target as Target] as const),
  ),
);
/** What a question is usually about, by its name and type: `your-email` and "What's your e-mail?" ask for the same. */
export const usualTarget = (key: string, type?: string): Target =>
  usual.get(
    key
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '')
      .replace(/^(what(i?s|are))?your/, ''),
  ) ?? (type === 'email' ? 'email' : type === 'tel' ? 'phone' : 'custom');

function usualType(target: Target, options: unknown): z.infer<typeof FieldType> {
  if (options) return 'select';
  if (target === 'email') return 'email';
  if (target === 'phone') return 'tel';
  if (target === 'message') return 'textarea';
  return target === 'consent' ? 'checkbox' : 'text';
}

/** `firstName` is called "First name". */
const words = (key: string): string => {
  const text = key.replaceAll(/[_.-]+/g, ' ').replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b}`);
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
};

/** What somebody agrees to by ticking a box: the very text, its version, and its hash. */
const ConsentText = z.strictObject({
  topic: Topic,
  channel: Channel.default('email'),
  text: Prose.trim().min(1).max(1_500),
  required: z.boolean().default(false),
  version: z.int().positive().optional().meta({ description: 'Counts up by itself when the text changes.' }),
  textHash: z.string().max(100).optional().meta({ description: 'SHA-256 of the text, hexadecimal: ours to say.' }),
});
export type ConsentText = z.infer<typeof ConsentText>;

const httpsUrl = z.url({ protocol: /^https$/ }).max(2_000);
const Thanks = z.union([
  z.strictObject({ text: Prose.min(1).max(2_000) }),
  z.strictObject({ redirect: httpsUrl.meta({ description: 'An https page of yours.' }) }),
]);
const ThankYou = z
  .union([Prose.min(1).max(2_000), ...Thanks.options])
  .transform((said) => (typeof said === 'string' ? thanksOf(said) : said))
  .pipe(Thanks);
const thanksOf = (said: string) => (httpsUrl.safeParse(said).success ? { redirect: said } : { text: said });

const Origin = z
  .string()
  .regex(/^(\*|https?:\/\/[a-z0-9.-]+(:\d{1,5})?)$/i, 'an origin such as https://www.example.com, or *')
  .toLowerCase();

/** What can be said of a form. */
export const FormDetails = z.strictObject({
  name: Line.min(1).max(200),
  description: Prose.max(2_000).optional().meta({ description: 'Shown above the questions.' }),
  language: Language.optional().meta({ description: 'Of the page; English by default.' }),
  fields: z.array(FormField).min(1).max(100),
  consents: z.array(ConsentText).max(10).default([]),
  thankYou: ThankYou.default({ text: usualThanks }).meta({
    description: 'A text, or an https page of yours; said in the language of the form if absent.',
  }),
  assignment: z
    .strictObject({
      ownerId: id('usr').optional(),
      queue: Line.min(1).max(50).optional(),
      campaignId: id('cmp').optional(),
    })
    .optional()
    .meta({
      description: 'Whose the leads are: of a person, of a queue, else of whoever is next; and of which campaign.',
    }),
  allowedOrigins: z.array(Origin).max(50).default([]).meta({ description: 'Sites whose scripts may send it.' }),
  doubleOptIn: z.boolean().default(false).meta({ description: 'A mail asks to confirm each consent.' }),
  honeypot: Key.optional().meta({ description: 'A field that people do not see: who fills it in is no person.' }),
  minimumFillTime: Duration.default('PT2S').meta({ description: 'Nobody fills it in faster.' }),
  provider: z
    .strictObject({
      name: z.enum(['typeform', 'webflow', 'google-forms']),
      formId: z
        .string()
        .min(1)
        .max(200)
        .meta({ description: 'As the provider calls it; * for whatever no form is for.' }),
    })
    .optional()
    .meta({ description: 'The form of another service whose answers come here.' }),
});
export type FormDetails = z.infer<typeof FormDetails>;

const FormRecord = z
  .object({
    ...record('frm'),
    ...FormDetails.shape,
    // As stored: what follows from the key is said.
    honeypot: Key,
    status: FormStatus,
  })
  .meta({ id: 'Form' });
export type Form = z.infer<typeof FormRecord>;

export const providerKey = (provider: string, formId: string): string => `external#form#${provider}#${formId}`;

/** A form: the questions, where the answers go, and what is agreed to by sending it. */
export const Form: Kind<Form> = {
  name: 'form',
  prefix: 'frm',
  schema: FormRecord,
  unique: ({ provider, archivedAt }) => (provider && !archivedAt ? [providerKey(provider.name, provider.formId)] : []),
  places: ({ id, status, createdAt }) => ({ gsi2: inState('form', status, createdAt, id) }),
};

const event = eventsOf(Form, FormRecord.pick({ name: true, status: true }));
export const FormCreated = event('created');
export const FormUpdated = event('updated');
export const FormArchived = event('archived');
export const FormRestored = event('restored');

/** The life of a form: a closed one may open again. */
export const formMoves = {
  publish: { from: ['draft', 'closed'], to: 'live', event: event('published') },
  close: { from: ['draft', 'live'], to: 'closed', event: event('closed') },
} as const;
export const moveForm = mover<Form, Form['status'], typeof formMoves>('form', formMoves);

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A consent as its form asks for it: the name of its box, and what is agreed to. */
export const Asked = z.object({
  name: z.string(),
  topic: Topic,
  channel: Channel,
  text: z.string(),
  textHash: z.string(),
  textVersion: z.int(),
  required: z.boolean(),
});
export type Asked = z.infer<typeof Asked>;

/**
 * What a form asks consent to. A field that maps to a consent is the box of the text of its topic; where there is no such text, its
 * label is what is agreed to. A text without a field has a box by the name of its topic.
 */
export function consentsAsked({ fields, consents, version }: Pick<Form, 'fields' | 'consents' | 'version'>): Asked[] {
  const sameTopic = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const asked = (name: string, given: ConsentText, required: boolean): Asked => ({
    name,
    topic: given.topic,
    channel: given.channel,
    text: given.text,
    textHash: hashOf(given.text),
    textVersion: given.version ?? version,
    required,
  });
  const boxes = fields
    .filter(({ mapsTo }) => mapsTo === 'consent')
    .map(({ key, topic = key, label, required }) => ({ key, topic, label, required }));
  return [
    ...boxes.map(({ key, topic, label, required }) => {
      const text = consents.find((one) => sameTopic(one.topic, topic));
      return asked(
        key,
        text ?? { topic, channel: 'email', text: label, required },
        required || Boolean(text?.required),
      );
    }),
    ...consents
      .filter(({ topic }) => !boxes.some((box) => sameTopic(box.topic, topic)))
      .map((text) => asked(text.topic, text, text.required)),
  ];
}
