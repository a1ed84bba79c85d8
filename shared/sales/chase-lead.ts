import { User } from '../people/user.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { findOwner, handOn } from './assign-lead.ts';
import { Lead, LeadUpdated, moveLead } from './lead.ts';
import { mailToOwner } from './lead-mails.ts';
import { leadHandling, stepDueAt, stepTask } from './lead-steps.ts';

/**
 * A deadline of the lead has passed. Not accepted: the next owner. Not qualified or converted: its owner is told, and after the same time
 * again the lead goes to nurturing. A lead that has moved on since, or whose deadline was put off, is answered as it is.
 */
export const chaseLead: Command<ActInput, Lead> = async (crm, input) => {
  const lead = await crm.load(Lead, input.id);
  if (!lead.dueAt || Date.parse(lead.dueAt) > crm.now.getTime()) return lead;
  if (lead.status === 'new') return findOwner(crm, input);
  if (lead.status === 'assigned') return handOn(crm, lead, input.processId);
  if (lead.status !== 'working' && lead.status !== 'qualified') return lead;
  return lead.reminded ? giveUp(crm, lead) : remind(crm, lead, input.processId);
};

async function remind(crm: Crm, lead: Lead, processId: string): Promise<Lead> {
  const around = await leadHandling(crm);
  const step = lead.status === 'working' ? 'qualify' : 'convert';
  const dueAt = stepDueAt(step, around, crm.now);
  const task = stepTask(crm, step, lead, { ownerId: lead.ownerId, dueAt, processId });
  const owner = lead.ownerId ? await crm.store.find(User, lead.ownerId) : undefined;
  const why = { reasons: ['The step is overdue'], policy: around.handling.policy };
  return crm.commit([
    LeadUpdated(lead, { ...lead, dueAt, reminded: true, openTaskId: task.after.id }, why),
    task,
    ...(owner ? [mailToOwner(crm, 'lead-overdue', lead, owner, task.after)] : []),
    ...(await closing(crm, lead.openTaskId, 'chase')),
  ]);
}

async function giveUp(crm: Crm, lead: Lead): Promise<Lead> {
  const { handling } = await leadHandling(crm);
  const why = { reasons: ['Overdue twice'], policy: handling.policy };
  const moved = moveLead(lead, 'nurture', { dueAt: undefined, openTaskId: undefined }, why);
  return crm.commit([moved, ...(await closing(crm, lead.openTaskId, 'chase'))]);
}
