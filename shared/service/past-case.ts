import type * as z from 'zod';
import { Instant } from '../core/instant.ts';
import { Code, Prose } from '../core/text.ts';
import { Account } from '../sales/account.ts';
import type { Command } from '../store/command.ts';
import { type Case, CaseOpened, CaseStatus } from './case.ts';
import { caseRules } from './case-sla.ts';
import { caseNumber, contactOf, NewCase, newCase } from './new-case.ts';

/** A case that another system has opened, and maybe closed: with its own number and dates. */
export const PastCase = NewCase.extend({
  number: Code.min(1).max(50).optional(),
  status: CaseStatus.exclude(['waiting', 'duplicate']).default('closed'),
  openedAt: Instant.optional(),
  resolvedAt: Instant.optional().meta({ description: 'Of a resolved or closed one; when it was opened if absent.' }),
  summary: Prose.max(4_000).optional(),
});
export type PastCase = z.infer<typeof PastCase>;

/** Takes in a case of another system. Its clocks stand where its dates put them; nobody is told of it. */
export const addPastCase: Command<PastCase, Case> = async (
  crm,
  { number, status, openedAt, resolvedAt, summary, ...said },
) => {
  await crm.refer(Account, said.accountId, '#/accountId');
  if (said.contactId) await contactOf(crm, said.accountId, said.contactId);
  const rules = await caseRules(crm);
  const opened = openedAt ?? crm.now.toISOString();
  const over = status === 'resolved' || status === 'closed';
  const at = resolvedAt ?? opened;
  const ours = number ?? caseNumber(await crm.count('case'));
  const draft = newCase(said, crm.newId('cas', said.accountId), ours, { ...rules, now: new Date(opened) });
  const met = ({ target }: { target: string }) => ({ state: 'met' as const, target, metAt: at });
  const settled = over && {
    answeredAt: at,
    resolvedAt: at,
    summary,
    sla: { firstResponse: met(draft.sla.firstResponse), resolution: met(draft.sla.resolution) },
    nextStepAt: undefined,
    ...(status === 'closed' && { closedAt: at }),
  };
  return crm.commit([CaseOpened(undefined, { ...draft, ...settled, status, statusSince: over ? at : opened })]);
};
