import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { Contact } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import { compiler, membersOf } from './audience.ts';
import { Segment } from './segment.ts';

export const Explanation = z
  .object({
    contactId: z.string(),
    holds: z.boolean().meta({ description: 'Whether the contact is in the segment.' }),
    verdict: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The rule as a tree, each condition with the value that it found and whether it holds.' }),
  })
  .meta({ id: 'SegmentExplanation' });

/** Why a contact is in a segment, or is not. */
export async function explainSegment(
  crm: Crm,
  { id, contactId }: { id: string; contactId: string },
): Promise<z.infer<typeof Explanation>> {
  const segment = await crm.load(Segment, id);
  await crm.refer(Contact, contactId, '#/contactId');
  const rule = (await compiler(crm))(segment.rule);
  const [member] = await membersOf(crm.store, [contactId], { sources: rule.sources });
  if (!member) throw new Refusal('record.wrongState', 'The contact or its account is archived');
  const { holds, ...rest } = rule.explain(member.facts);
  return { contactId, holds, verdict: { holds, ...rest } };
}
