import * as z from 'zod';
import { Line, Prose } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { archive } from '../store/edit.ts';
import { Lead, LeadArchived, moveLead } from './lead.ts';
import { type LeadStep, leadHandling, stepDueAt, stepTask } from './lead-steps.ts';

interface OnTask {
  id: string;
  note?: string | undefined;
}

/** The owner takes the lead on (nobody's: whoever accepts). By the policy's time it should be qualified. */
export const acceptLead: Command<OnTask, Lead> = (crm, input) => stepOn(crm, input, 'accept', 'qualify');

/** Its owner vouches for the lead: it may be converted from now on. To qualify is to accept: an owner need not do both. */
export const qualifyLead: Command<OnTask, Lead> = (crm, input) => stepOn(crm, input, 'qualify', 'convert');

async function stepOn(crm: Crm, { id, note }: OnTask, verb: 'accept' | 'qualify', next: LeadStep): Promise<Lead> {
  const lead = await crm.load(Lead, id);
  const around = await leadHandling(crm);
  const dueAt = stepDueAt(next, around, crm.now);
  const ownerId = lead.ownerId ?? (crm.on.actor.kind === 'user' ? crm.on.actor.id : undefined);
  const task = stepTask(crm, next, lead, { ownerId, dueAt });
  const changed = { ownerId, dueAt, openTaskId: task.after.id, reminded: undefined };
  const moved: Fact<Lead> = moveLead(lead, verb, changed, { policy: around.handling.policy });
  return crm.commit([moved, ...(await closing(crm, lead.openTaskId, verb, note)), task]);
}

/** Not now, but not never. */
export const nurtureLead: Command<OnTask, Lead> = async (crm, { id, note }) => {
  const lead = await crm.load(Lead, id);
  const moved = moveLead(lead, 'nurture', { dueAt: undefined, openTaskId: undefined, nurtureNote: note });
  return crm.commit([moved, ...(await closing(crm, lead.openTaskId, 'nurture', note))]);
};

export const Disqualification = z
  .strictObject({ reason: Line.min(1).max(100), note: Prose.max(2_000).optional() })
  .refine(({ reason, note }) => reason !== 'other' || note?.trim(), {
    path: ['note'],
    message: 'The reason "other" needs a note',
  });

/** It leads nowhere. From a task the note says why. */
export const disqualifyLead: Command<OnTask & { reason?: string | undefined }, Lead> = async (
  crm,
  { id, reason, note },
) => {
  const lead = await crm.load(Lead, id);
  const disqualified = { reason: reason ?? (note ? 'other' : 'notAFit'), ...(note && { note }) };
  const moved = moveLead(
    lead,
    'disqualify',
    { disqualified, dueAt: undefined, openTaskId: undefined },
    { reasons: [disqualified.reason] },
  );
  return crm.commit([moved, ...(await closing(crm, lead.openTaskId, 'disqualify', note))]);
};

const itsTask = (crm: Crm, { openTaskId }: Lead) => closing(crm, openTaskId, 'archive');
/** An archived lead is nobody's work: its task goes with it. */
export const archiveLead = archive(Lead, LeadArchived, undefined, itsTask);
