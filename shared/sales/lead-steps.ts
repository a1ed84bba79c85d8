import { addBusinessTime, officeHours } from '../core/calendar.ts';
import { addDuration, toMilliseconds } from '../core/duration.ts';
import type { InForce } from '../core/policy.ts';
import { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import { openTask, type Task } from '../platform/task.ts';
import type { Crm } from '../store/command.ts';
import { type Lead, leadName } from './lead.ts';
import { LeadHandling } from './lead-policies.ts';

/** What the next step of a lead is, who sees to it: the title and the actions of the owner's task. */
const steps = {
  accept: {
    title: (name: string) => `Accept ${name}`,
    actions: [
      { key: 'accept', label: 'Accept' },
      { key: 'qualify', label: 'Qualify' },
      { key: 'nurture', label: 'Nurture' },
      { key: 'disqualify', label: 'Disqualify' },
    ],
  },
  qualify: {
    title: (name: string) => `Qualify ${name}`,
    actions: [
      { key: 'qualify', label: 'Qualify' },
      { key: 'nurture', label: 'Nurture' },
      { key: 'disqualify', label: 'Disqualify' },
    ],
  },
  convert: {
    title: (name: string) => `Convert ${name}`,
    actions: [
      { key: 'convert', label: 'Convert' },
      { key: 'nurture', label: 'Nurture' },
      { key: 'disqualify', label: 'Disqualify' },
    ],
  },
} as const;
export type LeadStep = keyof typeof steps;

export type Handling = InForce<typeof LeadHandling.defaults>;

/** How leads are handled here, and on whose clock. */
export async function leadHandling(crm: Crm): Promise<{ handling: Handling; timeZone: string }> {
  const [handling, { timeZone }] = await Promise.all([crm.policy(LeadHandling), crm.policy(Settings)]);
  return { handling, timeZone };
}

/** By when a step must be taken: acceptance in business hours, the others by the calendar. */
export function stepDueAt(
  step: LeadStep,
  { handling, timeZone }: { handling: Handling; timeZone: string },
  now: Date,
): string {
  const within = { accept: handling.acceptWithin, qualify: handling.qualifyWithin, convert: handling.convertWithin }[
    step
  ];
  const inBusinessHours = step === 'accept' && handling.businessHours;
  const due = inBusinessHours
    ? addBusinessTime(officeHours(timeZone), now, toMilliseconds(within))
    : addDuration(now, within);
  return due.toISOString();
}

/** The task of the owner for the next step: to be committed with the move that leads to it. */
export const stepTask = (
  crm: Pick<Crm, 'newId'>,
  step: LeadStep,
  lead: Lead,
  to: { ownerId?: string | undefined; dueAt: string; processId?: string | undefined },
): Fact<Task> =>
  openTask(crm, {
    title: steps[step].title(leadName(lead)),
    accountId: lead.accountId,
    recordId: lead.id,
    dueAt: to.dueAt,
    processId: to.processId,
    actions: [...steps[step].actions],
    ...(to.ownerId ? { assigneeId: to.ownerId } : { queue: 'leads' }),
  });
