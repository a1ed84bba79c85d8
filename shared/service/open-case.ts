import { referOwner } from '../people/owner.ts';
import { Account } from '../sales/account.ts';
import type { Command } from '../store/command.ts';
import { type Case, CaseOpened } from './case.ts';
import { mailToColleague } from './case-mails.ts';
import { caseRules } from './case-sla.ts';
import { caseTask, withTask } from './case-task.ts';
import { caseNumber, contactOf, type NewCase, newCase } from './new-case.ts';

/** Opens a case: its clocks run from now on. One that names its owner is theirs at once. */
export const openCase: Command<NewCase, Case> = async (crm, details) => {
  await crm.refer(Account, details.accountId, '#/accountId');
  if (details.contactId) await contactOf(crm, details.accountId, details.contactId);
  const owner = details.ownerId ? await referOwner(crm, details.ownerId, '#/ownerId') : undefined;
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
