import { createHash } from 'node:crypto';
import * as z from 'zod';
import { id } from '../core/ids.ts';

const Arm = z.strictObject({
  key: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,19}$/)
    .meta({ description: 'How its results are called.' }),
  share: z.int().min(1).max(100).meta({ description: 'Percent of the recipients.' }),
  templateId: id('tpl'),
});
export type Arm = z.infer<typeof Arm>;

/** Whoever is in no arm of a test. */
export const rest = 'main';

/** The arms of a test: what their shares leave of a hundred gets the campaign's own template, as `main`. */
export const Arms = z
  .array(Arm)
  .max(10)
  .refine((arms) => arms.reduce((sum, { share }) => sum + share, 0) <= 100, 'The shares are more than 100 together')
  .refine(
    (arms) => new Set([rest, ...arms.map(({ key }) => key)]).size === arms.length + 1,
    'Every arm has a key of its own',
  );

/**
 * The arm of a contact: hash(campaign, contact) mod 100 against the shares, in their order. The same however often it is asked, so that no
 * retry sends somebody to another arm.
 */
export function armOf(arms: readonly Arm[], campaignId: string, contactId: string): string {
  const bucket = createHash('sha256').update(`${campaignId}#${contactId}`).digest().readUInt32BE() % 100;
  let upTo = 0;
  for (const { key, share } of arms) {
    upTo += share;
    if (bucket < upTo) return key;
  }
  return rest;
}
