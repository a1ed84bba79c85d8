import { Refusal } from '../core/refusal.ts';
import { archive, edit } from '../store/edit.ts';
import { Case, CaseArchived, CaseDetails, CaseUpdated, isActive } from './case.ts';
import { caseRules, timed } from './case-sla.ts';
import { contactOf } from './new-case.ts';

/** What is said of a case may change. Another priority has other targets, counted from the start; a breach on record stays. */
export const editCase = edit<Case>({
  kind: Case,
  fields: CaseDetails,
  event: CaseUpdated,
  rule: async (crm, after, before) => {
    if (after.contactId && after.contactId !== before.contactId)
      await contactOf(crm, before.accountId, after.contactId);
    return after.priority === before.priority ? after : timed(after, await caseRules(crm));
  },
});

/** Takes a case out of sight once nobody has to do anything about it. */
export const archiveCase = archive<Case>(Case, CaseArchived, (_, { status }) => {
  if (isActive(status) || status === 'resolved')
    throw new Refusal(
      'record.wrongState',
      `A case that is ${status} cannot be archived; it must be closed or rejected`,
    );
});
