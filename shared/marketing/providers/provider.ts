import type { Scheme } from '../../core/signature.ts';
import type { Answers } from '../answers.ts';
import { consentsAsked, type Form, type Target, usualTarget } from '../form.ts';

/** One answer as another service tells it. */
export interface Told {
  /** What the question may be called: title, reference, id. */
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
 * The answers to the questions of our form: each goes to the field that names it (`from`, then key, then label), or to the box whose text
 * it is about, else to the field that is about the same: a first and a last name make a whole one. What fits nowhere keeps its own name.
 */
export function answersTo(form: Form, told: readonly Told[]): Answers {
  const answers = new Map<string, string[]>();
  const give = (name: string, { values }: Told) => answers.set(name, [...(answers.get(name) ?? []), ...values]);
  const calls = callsOf(form);
  const left = told.filter((one) => {
    const name = named(calls, one.names);
    if (name) give(name, one);
    return !name;
  });
  const free = form.fields.filter(({ mapsTo, key }) => mapsTo !== 'custom' && !answers.has(key));
  for (const one of left) {
    const targets = [one.about, ...one.names.map((name) => usualTarget(name))];
    const field =
      free.find(({ mapsTo, key }) => targets.includes(mapsTo) && !answers.has(key)) ??
      free.find(({ mapsTo }) => targets.some((target) => target && partly[target] === mapsTo));
    give(field?.key ?? one.names[0] ?? 'answer', one);
  }
  return answers;
}

/** Where a part of a name goes, or a whole one, if no field is for it alone. */
const partly: Readonly<Partial<Record<Target, Target>>> = { firstName: 'name', lastName: 'name', name: 'firstName' };

/** What each question of our form may be called, the surest names of all of them first. */
function callsOf(form: Form): (readonly [name: string, calls: ReadonlySet<string>])[] {
  const call = (name: string, ...texts: string[]) => [name, new Set(texts.map(plain).filter(Boolean))] as const;
  return [
    ...form.fields.map(({ key, from = [] }) => call(key, ...from)),
    ...form.fields.map(({ key }) => call(key, key)),
    ...form.fields.map(({ key, label }) => call(key, label)),
    ...consentsAsked(form).map(({ name, topic, text }) => call(name, name, topic, text)),
  ];
}

const named = (calls: ReturnType<typeof callsOf>, names: readonly string[]): string | undefined =>
  calls.find(([, called]) => names.some((name) => called.has(plain(name))))?.[0];
