import { addDuration } from '../core/duration.ts';
import { keyOf } from '../core/ids.ts';
import { Settings } from '../core/settings.ts';
import { queueMail } from '../mail/mail.ts';
import type { ActInput } from '../platform/acts.ts';
import { nameOf } from '../sales/contact.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Member } from './audience.ts';
import { eligibleNow, marketed } from './eligibility.ts';
import { type Ending, endedBy, endingOf, Journey, moveJourney } from './journey.ts';
import { Marketing, type MarketingPolicy } from './marketing-policy.ts';
import { messageFacts } from './message-facts.ts';
import { MessageTemplate } from './message-template.ts';
import { filled } from './render-template.ts';
import { Sequence } from './sequence.ts';
import { sequenceMail, type WrittenMail, wayOutLater } from './sequence-mail.ts';

/**
 * The step of a journey that is due: a mail, if its reader may be written to now; a later hour, if only time is in the way; the end, if
 * there is nothing more to say or nobody to say it to. A journey that has ended, or is not due, is answered as it is.
 */
export const takeStep: Command<ActInput, Journey> = async (crm, { id }) => {
  const journey = await crm.load(Journey, id);
  if (journey.status !== 'active' || !journey.dueAt || Date.parse(journey.dueAt) > crm.now.getTime()) return journey;
  const [sequence, stands, policy] = await Promise.all([
    crm.load(Sequence, journey.sequenceId),
    journey.enteredBy && crm.store.get(keyOf(journey.enteredBy.recordId)),
    crm.policy(Marketing),
  ]);
  const over = endingOf(journey, stands) ?? endOf(sequence, journey);
  if (over) return crm.commit([endedBy(journey, over, crm.now)]);
  const found = await eligibleNow(crm.store, [journey.contactId], { topic: sequence.topic, now: crm.now, policy });
  const { member, eligible } = found.get(journey.contactId)!;
  if (member && eligible.ok) return mail(crm, journey, sequence, member, policy);
  const { reason = 'erased', until } = eligible;
  if (!until) return crm.commit([endedBy(journey, { verb: 'retire', reason }, crm.now)]);
  const later = { dueAt: until.toISOString(), postponed: reason };
  return crm.commit([moveJourney(journey, 'postpone', later, { reasons: [reason] })]);
};

/** Whether a sequence has nothing more to say. */
const endOf = ({ status, archivedAt, steps }: Sequence, { step }: Journey): Ending | undefined => {
  if (archivedAt || status !== 'live') return { verb: 'retire', reason: 'sequenceClosed' };
  return step < steps.length ? undefined : { verb: 'retire', reason: 'noAnswer' };
};

/**
 * The next mail, written, and counted against the frequency cap in the same transaction: another sender that was faster makes this one look
 * again.
 */
async function mail(crm: Crm, journey: Journey, sequence: Sequence, member: Member, policy: MarketingPolicy) {
  const { steps, patience, topic } = sequence;
  const { accountId, contactId } = journey;
  const [template, settings] = await Promise.all([
    crm.load(MessageTemplate, steps[journey.step]!.templateId),
    crm.policy(Settings),
  ]);
  const letter = filled(template, messageFacts(member.facts, settings, wayOutLater));
  const next = steps[journey.step + 1]?.after ?? patience;
  const dueAt = addDuration(crm.now, next).toISOString();
  const moved = moveJourney(journey, 'mail', { step: journey.step + 1, dueAt, postponed: undefined });
  const queued = queueMail(crm, {
    accountId,
    recordId: journey.id,
    step: `step-${journey.step + 1}`,
    to: { name: nameOf(member.facts.contact), email: member.email! },
    template: sequenceMail,
    data: { contactId, topic, ...letter } satisfies WrittenMail,
  });
  return crm.commit([moved, queued], [marketed(crm.store, contactId, crm.now, policy)]);
}
