import type { Fact } from '../events/event.ts';
import { User } from '../people/user.ts';
import type { Crm } from '../store/command.ts';
import type { Case } from './case.ts';
import { mailToColleague } from './case-mails.ts';
import { caseRules, moveInTime } from './case-sla.ts';
import { caseTask, withTask } from './case-task.ts';
import { released } from './move-case.ts';

/**
 * A customer says something on a case: one that waited for them goes on, and its owner is told. Where nobody has a task yet, there is one
 * to read it; a new case gets its first task from its process.
 */
export async function heardOn(crm: Crm, record: Case): Promise<[Fact<Case>, ...Fact[]]> {
  const at = crm.now.toISOString();
  const waited = record.status === 'waiting';
  const patch = waited ? { status: 'open' as const, ...released(record, at) } : {};
  const moved = moveInTime(await caseRules(crm), record, 'hear', patch, { reasons: ['The customer answered'] });
  const owner = record.ownerId ? await crm.store.find(User, record.ownerId) : undefined;
  const task = record.openTaskId || record.status === 'new' ? undefined : caseTask(crm, moved.after, 'read');
  const mail = { template: 'case-answered', step: `answered-${record.version + 1}`, task } as const;
  return [
    task ? withTask(moved, task) : moved,
    ...(task ? [task] : []),
    ...mailToColleague(crm, moved.after, owner, mail),
  ];
}
