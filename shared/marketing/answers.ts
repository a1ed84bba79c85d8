import type { FieldFault } from '../core/refusal.ts';
import { Refusal } from '../core/refusal.ts';
import { objectIn } from '../http/body.ts';
import { consentsAsked, type Form } from './form.ts';

/** What somebody answered: the name of a field -> its values as text, none where it was left empty. */
export type Answers = ReadonlyMap<string, readonly string[]>;

/**
 * The answers that a body holds: JSON or url-encoded. Objects within a JSON body are read too, their fields by both names: `{ "utm":
 * { "source": "x" } }` is `source` and `utm_source`. 415 for another media type, 400 for what is not JSON.
 */
export function answersIn(bytes: Uint8Array, contentType: string): Answers {
  const text = Buffer.from(bytes).toString();
  const answers = new Map<string, string[]>();
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    for (const [name, value] of new URLSearchParams(text)) add(answers, name, value);
  } else if (/^application\/json\b/i.test(contentType)) {
    if (text) addAll(answers, objectIn(text));
  } else throw new Refusal('request.unsupportedMediaType', `${contentType} is neither JSON nor an url-encoded form`);
  return answers;
}

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
  answers.set(name, [...(answers.get(name) ?? []), String(value)]);
}

/** The one text that was answered; several are one text of several lines. Undefined where there is nothing but space. */
export function textOf(answers: Answers, name: string): string | undefined {
  const text = (answers.get(name) ?? []).join('\n');
  return text.trim() ? text : undefined;
}

/** Whether a box was ticked, however a client says so. */
export const isTicked = (answers: Answers, name: string): boolean =>
  (answers.get(name) ?? []).some((value) => !/^(false|0|off|no|nein|non)?$/i.test(value.trim()));

/** Whether somebody agreed: by the box itself, or by its topic in a list `consents`. */
export const agrees = (answers: Answers, { name, topic }: { name: string; topic: string }): boolean =>
  isTicked(answers, name) || (answers.get('consents') ?? []).includes(topic);

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
