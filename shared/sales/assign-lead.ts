import { addDuration, asLongAgain } from '../core/duration.ts';
import type { Fact, Why } from '../events/event.ts';
import { type Choice, managerOf, nextAssignee } from '../people/assign.ts';
import { referOwner } from '../people/owner.ts';
import { User, worksHere } from '../people/user.ts';
import type { ActInput } from '../platform/acts.ts';
import { closing, openTask, Task } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { Lead, LeadUpdated, leadName, moveLead, startsAnew } from './lead.ts';
import { leadsAtHand } from './lead-load.ts';
import { mailToOwner } from './lead-mails.ts';
import { leadHandling, stepDueAt, stepTask } from './lead-steps.ts';

/** Gives a lead to a user: by hand, whoever had it before. */
export const assignLead: Command<{ id: string; ownerId: string }, Lead> = async (crm, { id, ownerId }) => {
  const owner = await referOwner(crm, ownerId, '#/ownerId');
  return crm.commit(await givenTo(crm, await crm.load(Lead, id), owner, { reasons: ['Assigned by hand'] }, startsAnew));
};

/** The first act of the process: finds the lead an owner. A lead that has one already, or needs none, is answered as it is. */
export const findOwner: Command<ActInput, Lead> = async (crm, { id, processId }) => {
  const lead = await crm.load(Lead, id);
  if (lead.status !== 'new') return lead;
  const choice = (await namedOwner(crm, lead)) ?? (lead.queue ? forQueue(lead.queue) : await nextFor(crm, lead));
  if (!choice.user) return nobodyAble(crm, lead, processId, choice.reasons);
  const { user, reasons, also } = choice;
  return crm.commit(await givenTo(crm, lead, user, { reasons }, {}, processId), also);
};

const forQueue = (queue: string): Choice<undefined> => ({ user: undefined, reasons: [`For the queue ${queue}`] });

/** Whose turn it is for a lead, among those who can take another one. */
const nextFor = (crm: Crm, { id, passedBy }: Pick<Lead, 'id' | 'passedBy'>): Promise<Choice | Choice<undefined>> =>
  nextAssignee(crm, {
    name: 'leads',
    except: passedBy,
    loadOf: (user, capacity) => leadsAtHand(crm, { id: user.id, capacity }, id),
  });

/** The owner that a lead came with, or came back to, while they work here. */
async function namedOwner(crm: Crm, { ownerId, reopenedAt }: Lead): Promise<Choice | undefined> {
  const user = ownerId ? await crm.store.find(User, ownerId) : undefined;
  return user && worksHere(user)
    ? { user, reasons: [reopenedAt ? `${user.name} had it before` : `It came for ${user.name}`] }
    : undefined;
}

/**
 * The owner let the lead lie: the next one gets it; after three hops (policy), or where nobody else can take it, the manager of the last
 * one. With them it stays: who answers for it is told once more, and it goes to nobody else.
 */
export async function handOn(crm: Crm, lead: Lead, processId: string): Promise<Lead> {
  const { handling } = await leadHandling(crm);
  const { policy } = handling;
  const owner = lead.ownerId ? await crm.store.find(User, lead.ownerId) : undefined;
  const stays = owner && worksHere(owner) ? owner : undefined;
  if (stays && lead.escalated) return leftWith(crm, lead, stays);
  const passedBy = [...new Set([...lead.passedBy, ...(lead.ownerId ? [lead.ownerId] : [])])].slice(-20);
  const next = lead.hops < handling.hops ? await nextFor(crm, { id: lead.id, passedBy }) : undefined;
  const changed = { hops: lead.hops + 1, passedBy };
  if (next?.user) {
    const why = { reasons: ['Not accepted in time', ...next.reasons], policy };
    return crm.commit(await givenTo(crm, lead, next.user, why, changed, processId), next.also);
  }
  const manager = await managerOf(crm, lead.ownerId);
  if (!manager) return stays ? leftWith(crm, lead, stays) : nobodyAble(crm, lead, processId, ['Nobody is available']);
  const reasons = ['Not accepted in time', `After ${lead.hops} hops to ${manager.name}`, ...(next?.reasons ?? [])];
  return crm.commit(await givenTo(crm, lead, manager, { reasons, policy }, { ...changed, escalated: true }, processId));
}

/** It stays with its owner: told once, then left alone, and looked at ever more rarely. */
async function leftWith(crm: Crm, lead: Lead, owner: User): Promise<Lead> {
  const { handling } = await leadHandling(crm);
  const task = lead.openTaskId ? await crm.store.find(Task, lead.openTaskId) : undefined;
  const since = task?.createdAt ?? crm.now.toISOString();
  const dueAt = asLongAgain(since, crm.now, handling.acceptWithin).toISOString();
  const why = { reasons: ['Not accepted in time', `It stays with ${owner.name}`], policy: handling.policy };
  const told = !lead.reminded && task ? [mailToOwner(crm, 'lead-unaccepted', lead, owner, task)] : [];
  return crm.commit([LeadUpdated(lead, { ...lead, dueAt, escalated: true, reminded: true }, why), ...told]);
}

/** The facts of an assignment: the lead, the new owner's task and mail, the old owner's task void. */
async function givenTo(
  crm: Crm,
  lead: Lead,
  owner: User,
  why: Why,
  changed: Partial<Lead>,
  processId?: string,
): Promise<[Fact<Lead>, ...Fact[]]> {
  const dueAt = stepDueAt('accept', await leadHandling(crm), crm.now);
  const task = stepTask(crm, 'accept', lead, { ownerId: owner.id, dueAt, processId });
  const assigned = { ...changed, ownerId: owner.id, dueAt, openTaskId: task.after.id, reminded: undefined };
  return [
    moveLead(lead, 'assign', assigned, why),
    task,
    mailToOwner(crm, 'lead-assigned', lead, owner, task.after),
    ...(await closing(crm, lead.openTaskId, 'assign')),
  ];
}

/** Nobody is available, or it is for a queue: a task for whoever looks after the queue, and another try later. Never a silent fallback. */
async function nobodyAble(crm: Crm, lead: Lead, processId: string, reasons: string[]): Promise<Lead> {
  const { handling } = await leadHandling(crm);
  const dueAt = addDuration(crm.now, handling.retryAssignmentAfter).toISOString();
  const { queue = 'leads' } = lead;
  const why = { reasons, policy: handling.policy };
  if (lead.openTaskId) return crm.commit([LeadUpdated(lead, { ...lead, dueAt }, why)]);
  const title = `Find an owner for ${leadName(lead)}`;
  const task = openTask(crm, {
    title,
    accountId: lead.accountId,
    recordId: lead.id,
    queue,
    dueAt,
    processId,
    actions: [{ key: 'accept', label: 'Take it' }],
  });
  return crm.commit([LeadUpdated(lead, { ...lead, dueAt, openTaskId: task.after.id }, why), task]);
}
