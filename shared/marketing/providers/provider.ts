import type { Scheme } from '../../core/signature.ts';
import type { Answers } from '../answers.ts';
import { type Form, type FormField, usualTarget } from '../form.ts';

/** One answer as another service tells it. */
export interface Told {
  /** What the question may be called: id, reference, title. */
  names: readonly string[];
  values: readonly string[];
  /** What the service knows the answer to be. */
  about?: 'email' | 'phone';
}

/** Another service whose forms come here: how it signs, and where in its body is what. Bodies differ by version: whatever is missing is none. */
export interface Provider {
  readonly scheme: Scheme;
  /** By what a repeated delivery is known. */
  event(body: Json): string | undefined;
  /** What the form may be called. */
  forms(body: Json): string[];
  answers(body: Json): Told[];
}

export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** The object in a field, empty where there is none. */
export const objectAt = (value: unknown, name: string): Json => {
  const found = isJson(value) ? value[name] : undefined;
  return isJson(found) ? found : {};
};
/** The objects of a list in a field. */
export const listAt = (value: Json, name: string): Json[] => {
  const found = value[name];
  return Array.isArray(found) ? found.filter(isJson) : [];
};
/** What of these is text or a number, as text. */
export const textsOf = (...values: unknown[]): string[] =>
  values.flatMap((value) =>
    (typeof value === 'string' && value.trim()) || typeof value === 'number' || typeof value === 'boolean'
      ? [String(value)]
      : [],
  );

/** All that is said in a value, however deep: of a choice its label, else every text of it. */
export function saidIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(saidIn);
  if (!isJson(value)) return textsOf(value);
  const chosen = [value['label'], value['labels'], value['other']].filter((one) => one !== undefined);
  return (chosen.length ? chosen : Object.values(value)).flatMap(saidIn);
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/**
 * The answers to the questions of our form: each goes to the field that names it (`from`, then key, then label), else to the one that
 * is about the same. What fits nowhere keeps its own name.
 */
export function answersTo(form: Form, told: readonly Told[]): Answers {
  const answers = new Map<string, string[]>();
  const give = (name: string, { values }: Told) => answers.set(name, [...(answers.get(name) ?? []), ...values]);
  const left = told.filter((one) => {
    const field = fieldNamed(form, one.names);
    if (field) give(field.key, one);
    return !field;
  });
  for (const one of left) {
    const targets = new Set([one.about, ...one.names.map((name) => usualTarget(name))]);
    const field = form.fields.find(
      ({ mapsTo, key }) => mapsTo !== 'custom' && targets.has(mapsTo) && !answers.has(key),
    );
    give(field?.key ?? one.names[0] ?? 'answer', one);
  }
  return answers;
}

function fieldNamed({ fields }: Form, names: readonly string[]): FormField | undefined {
  const wanted = new Set(names.map(plain).filter(Boolean));
  const calls = [({ from = [] }: FormField) => from, ({ key }: FormField) => [key], ({ label }: FormField) => [label]];
  for (const call of calls) {
    const found = fields.find((field) => call(field).some((name) => wanted.has(plain(name))));
    if (found) return found;
  }
  return undefined;
}
