import * as z from 'zod';
import { policy } from '../core/policy.ts';
import type { Party } from './match-party.ts';
import { jaroWinkler, wordsInCommon } from './match-similarity.ts';

/** What two parties can have in common. */
export const MatchKey = z.enum([
  'email',
  'taxId',
  'phone',
  'domain',
  'place',
  'postalCode',
  'sameName',
  'similarName',
  'relatedName',
]);
export type MatchKey = z.infer<typeof MatchKey>;

/** When two are the same, and how sure that is: configuration. What to do then is another rule: an import's `onDuplicate`. */
export const Matching = policy(
  'matching',
  z.strictObject({
    rules: z
      .array(z.strictObject({ all: z.array(MatchKey).min(1), score: z.int().min(0).max(100) }))
      .max(50)
      .meta({ description: 'What two must have in common for a score; the best that holds counts.' }),
    apart: z.int().min(0).max(100).meta({ description: 'The most that two score who are at different places.' }),
    same: z.int().min(0).max(100).meta({ description: 'From this score on two are taken to be the same.' }),
    maybe: z.int().min(0).max(100).meta({ description: 'From this score on a person should look.' }),
  }),
  {
    rules: [
      { all: ['email'], score: 100 },
      { all: ['taxId'], score: 98 },
      { all: ['place', 'phone'], score: 97 },
      { all: ['place', 'relatedName'], score: 92 },
      { all: ['phone', 'similarName'], score: 90 },
      { all: ['place', 'postalCode'], score: 88 },
      { all: ['domain', 'similarName'], score: 85 },
      { all: ['sameName'], score: 85 },
      { all: ['similarName', 'postalCode'], score: 80 },
      { all: ['phone'], score: 70 },
      { all: ['domain'], score: 60 },
    ],
    apart: 70,
    same: 85,
    maybe: 75,
  },
);
export type Matching = typeof Matching.defaults;

export interface Match {
  score: number;
  /** What they have in common. */
  keys: MatchKey[];
}

const alike = { name: 0.92, word: 0.2, street: 0.92 };

/** How sure it is that two are the same, and why. Source: domain.md 2; Fellegi and Sunter 1969 for weighing agreement and disagreement. */
export function match(a: Party, b: Party, { rules, apart }: Pick<Matching, 'rules' | 'apart'>): Match {
  const keys = commonTo(a, b);
  const held = rules.filter(({ all }) => all.every((key) => keys.includes(key)));
  const best = Math.max(0, ...held.map(({ score }) => score));
  const certain = keys.includes('email') || keys.includes('taxId');
  return { score: !certain && areApart(a, b) ? Math.min(best, apart) : best, keys };
}

function commonTo(a: Party, b: Party): MatchKey[] {
  const equal = (['email', 'taxId', 'phone', 'domain', 'postalCode'] as const).filter(
    (key) => a[key] !== undefined && a[key] === b[key],
  );
  const keys: MatchKey[] = [...equal, ...(isSamePlace(a, b) ? ['place' as const] : [])];
  const related = wordsInCommon(a.words, b.words);
  if (related >= alike.word) keys.push('relatedName');
  if (isSimilar(a, b, related)) keys.push('similarName');
  if (a.name && a.name === b.name && !contradicts(a, b)) keys.push('sameName');
  return keys;
}

/** One name is the other, with typing errors, or says all of it and at least two words. */
const isSimilar = (a: Party, b: Party, related: number): boolean =>
  a.name !== '' &&
  b.name !== '' &&
  (jaroWinkler(a.name, b.name) >= alike.name || (related === 1 && Math.min(a.words.length, b.words.length) > 1));

/** The same name is nobody's own: it counts only where nothing else that is known of both differs. */
const contradicts = (a: Party, b: Party): boolean =>
  (['email', 'taxId', 'phone', 'domain', 'postalCode'] as const).some(
    (key) => a[key] !== undefined && b[key] !== undefined && a[key] !== b[key],
  ) || areApart(a, b);

const isSamePlace = ({ place: a, postalCode: x }: Party, { place: b, postalCode: y }: Party): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.number === b.number &&
  (a.street === b.street || jaroWinkler(a.street, b.street) >= alike.street) &&
  (a.heading === b.heading || !a.heading || !b.heading) &&
  (x === y || !x || !y);

const areApart = (a: Party, b: Party): boolean => a.place !== undefined && b.place !== undefined && !isSamePlace(a, b);
