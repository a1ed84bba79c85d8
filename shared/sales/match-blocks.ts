import type { Party } from './match-party.ts';

/**
 * The keys under which somebody is looked for: whoever is the same has one in common, as a rule. Each is as narrow as it can be, as a block is
 * read whole. An exact e-mail address or id of another system is a unique key of its own and needs none.
 */
export const blocksOf = ({ phone, place, domain, words }: Party): string[] => [
  ...(words.length ? [`name#${[...words].sort().join(' ').slice(0, 100).toWellFormed()}`] : []),
  ...(phone ? [`phone#${phone.slice(-7)}`] : []),
  ...(place ? [`place#${place.number} ${place.street}`] : []),
  ...(domain ? [`domain#${domain}`] : []),
];
