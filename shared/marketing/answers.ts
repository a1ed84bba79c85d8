import type { FieldFault } from '../core/refusal.ts';
import { Refusal } from '../core/refusal.ts';
import { objectIn } from '../http/body.ts';
import { type Asked, consentsAsked, type Form } from './form.ts';

/** What somebody answered: the name of a field -> its values as text, none where it was left empty. */
export type Answers = ReadonlyMap<string, readonly string[]>;

/**
 * The answers that a body holds: JSON, url-encoded or multipart. Objects within a JSON body are read too, their fields by both names:
 * `{ "utm": { "source": "x" } }` is `source` and `utm_source`. Of a file its name is the answer. 415 for another media type, 400 for what is
 * not what it says.
 */
export async function answersIn(bytes: Uint8Array, contentType: string): Promise<Answers> {
  const text = () => Buffer.from(bytes).toString();
  const answers = new Map<string, string[]>();
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    for (const [name, value] of new URLSearchParams(text())) add(answers, name, value);
  } else if (/^multipart\/form-data\b/i.test(contentType)) {
    for (const [name, value] of await partsIn(bytes, contentType))
      add(answers, name, typeof value === 'string' ? value : value.name);
  } else if (/^application\/json\b/i.test(contentType)) {
    if (bytes.length) addAll(answers, objectIn(text()));
  } else throw new Refusal('request.unsupportedMediaType', `${contentType} is neither JSON nor a form`);
  return answers;
}

const partsIn = (bytes: Uint8Array, contentType: string) =>
  new Response(Buffer.from(bytes), { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw new Refusal('request.invalid', 'The body is not a multipart form');
  });

function addAll(answers: Map<string, string[]>, values: object, within = ''): void {
  for (const [name, value] of Object.entries(values)) {
    for (const one of [value].flat(4) as unknown[]) {
      if (typeof one === 'object' && one !== null) addAll(answers, one, name);
      else add(answers, name, one);
      if (within && typeof one !== 'object') add(answers, `${within}_${name}`, one);
    }
  }
}

function add(answers: Map<string, string[]>, name: string, value: unknown): void {
  if (value === null || value === undefined || value === false || value === '') return;
  const known = answers.get(name);
  if (known) known.push(String(value));
  else answers.set(name, [String(value)]);
}

/** The one text that was answered; several are one text of several lines. Undefined where there is nothing but space. */
export function textOf(answers: Answers, name: string): string | undefined {
  const text = (answers.get(name) ?? []).join('\n');
  return text.trim() ? text : undefined;
}

/** How people and clients say that they do not: `No, thank you`. */
const declined =
  /^\s*($|(false|0|off|unchecked|n|no|not|none|never|nein|nee|nej|nei|non|não|nie|нет)(?![\p{L}\p{N}-]))/iu;

/** Whether a box was ticked, however a client says so. */
export const isTicked = (answers: Answers, name: string): boolean =>
  (answers.get(name) ?? []).some((value) => !declined.test(value));

/** Whether somebody agreed: by the box itself, or by its topic in a list `consents`. */
export const agrees = (answers: Answers, { name, topic }: { name: string; topic: string }): boolean =>
  isTicked(answers, name) || (answers.get('consents') ?? []).includes(topic);

/** What somebody agreed to, by the boxes of a form as it is. */
export const agreedIn = (form: Form, answers: Answers): Asked[] =>
  consentsAsked(form).filter((asked) => agrees(answers, asked));

/** What a form requires and was not answered. */
export function missingIn(form: Form, answers: Answers): FieldFault[] {
  const required = (pointer: string, label: string) => ({
    pointer: `#/${pointer}`,
    code: 'required',
    detail: `${label} is required`,
  });
  const fields = form.fields.filter(({ required, mapsTo }) => required && mapsTo !== 'consent');
  return [
    ...fields
      .filter(({ key, type }) => (type === 'checkbox' ? !isTicked(answers, key) : !textOf(answers, key)))
      .map(({ key, label }) => required(key, label)),
    ...consentsAsked(form)
      .filter((asked) => asked.required && !agrees(answers, asked))
      .map(({ name, text }) => required(name, `“${text.length > 80 ? `${text.slice(0, 79)}…` : text}”`)),
  ];
}
