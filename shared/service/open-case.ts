import * as z from 'zod';
import { id } from '../core/ids.ts';
import { refuseField } from '../core/refusal.ts';
import { User } from '../people/user.ts';
import { Account } from '../sales/account.ts';
import { Contact } from '../sales/contact.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { type Case, CaseDetails, CaseOpened } from './case.ts';
import { mailToColleague } from './case-mails.ts';
import { type CaseRules, caseRules, readSla, timed } from './case-sla.ts';
import { caseTask, withTask } from './case-task.ts';

/** A new case. */
export const NewCase = CaseDetails.extend({
  accountId: id('acc'),
  queue: z.string().trim().min(1).max(50).optional(),
  ownerId: id('usr').optional().meta({ description: 'Without one the process finds an owner.' }),
});
type NewCase = z.infer<typeof NewCase>;

/** Opens a case: its clocks run from now on. One that names its owner is theirs at once. */
export const openCase: Command<NewCase, Case> = async (crm, details) => {
  await crm.refer(Account, details.accountId, '#/accountId');
  if (details.contactId) await contactOf(crm, details.accountId, details.contactId);
  const owner = details.ownerId ? await crm.refer(User, details.ownerId, '#/ownerId') : undefined;
  const number = caseNumber(await crm.count('case'));
  const draft = newCase(details, crm.newId('cas', details.accountId), number, await caseRules(crm));
  const opened = CaseOpened(undefined, draft);
  if (!owner) return crm.commit([opened]);
  const task = caseTask(crm, draft);
  const mail = mailToColleague(crm, draft, owner, {
    template: 'case-assigned',
    step: `assigned-${task.after.id}`,
    task,
  });
  return crm.commit([withTask(opened, task), task, ...mail]);
};

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
