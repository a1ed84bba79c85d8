import type * as z from 'zod';
import { id } from '../core/ids.ts';
import { refuseField } from '../core/refusal.ts';
import { Line } from '../core/text.ts';
import { Contact } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { type Case, CaseDetails } from './case.ts';
import { type CaseRules, readSla, timed } from './case-sla.ts';

/** A new case. */
export const NewCase = CaseDetails.extend({
  accountId: id('acc'),
  queue: Line.min(1).max(50).optional(),
  ownerId: id('usr').optional().meta({ description: 'Without one the process finds an owner.' }),
});
export type NewCase = z.infer<typeof NewCase>;

/** `C-000001`: numbers may have gaps. */
export const caseNumber = (n: number): string => `C-${String(n).padStart(6, '0')}`;

/** A case as it is when it is opened. */
export function newCase(details: NewCase, id: string, number: string, rules: CaseRules): Draft<Case> {
  const at = rules.now.toISOString();
  const draft = {
    ...details,
    id,
    number,
    status: 'new' as const,
    openedAt: at,
    statusSince: at,
    holds: [],
    reopened: 0,
  };
  return timed({ ...draft, sla: readSla(draft, rules) }, rules);
}

/** The contact that a case names: one of its account. */
export async function contactOf(crm: Crm, accountId: string, contactId: string): Promise<Contact> {
  const contact = await crm.refer(Contact, contactId, '#/contactId');
  if (contact.accountId !== accountId)
    throw refuseField('reference.unknown', '#/contactId', 'The contact belongs to another account');
  return contact;
}
