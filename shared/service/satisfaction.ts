import * as z from 'zod';
import { Prose } from '../core/text.ts';

/** How satisfied somebody is, from 1 to 5. */
export const scale = ['very dissatisfied', 'dissatisfied', 'neither', 'satisfied', 'very satisfied'] as const;
export const Score = z.int().min(1).max(scale.length);
export const Comment = Prose.trim().max(2_000);

/** What a customer says of how it went: the last word counts. */
export const Satisfaction = z.strictObject({ score: Score, comment: Comment.optional(), at: z.iso.datetime() });

/** From here on somebody is satisfied, and up to here not: then somebody asks what went wrong. Source: domain.md 9. */
export const satisfiedFrom = 4;
export const dissatisfiedTo = 2;

const words = scale.join('|');
const aFigure = new RegExp(`^([1-5])(?: ?/ ?5)?(?:[ ,:=-]{1,3}(?:${words}))?[.!]?$`, 'i');

/** The figure that a text is, if it is that and nothing else: `5`, `4/5`, `2 - dissatisfied`. */
export function scoreIn(text: string): number | undefined {
  const [, figure] = aFigure.exec(text.trim().slice(0, 50).replaceAll(/\s+/g, ' ')) ?? [];
  return figure === undefined ? undefined : Number(figure);
}
