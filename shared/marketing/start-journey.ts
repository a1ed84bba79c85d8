import { addDuration } from '../core/duration.ts';
import { accountOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { Contact } from '../sales/contact.ts';
import type { Command, Crm } from '../store/command.ts';
import { eligibleNow } from './eligibility.ts';
import { Journey, JourneyStarted, journeyKey } from './journey.ts';
import { Marketing } from './marketing-policy.ts';
import { Sequence } from './sequence.ts';

interface Enrolment {
  sequenceId: string;
  contactId: string;
  enteredBy?: Journey['enteredBy'];
}

/**
 * Sends a contact on the journey through a sequence; who is on it already stays where they are. 409 where the sequence is not live, 422
 * `journey.notEligible` for somebody who may not be written to: there would be nothing to wait for.
 */
export const startJourney: Command<Enrolment, Journey> = async (crm, { sequenceId, contactId, enteredBy }) => {
  const sequence = await crm.refer(Sequence, sequenceId, '#/sequenceId');
  if (sequence.status !== 'live')
    throw new Refusal('record.wrongState', `A sequence that is ${sequence.status} enrols nobody`);
  await crm.refer(Contact, contactId, '#/contactId');
  const already = await journeyOf(crm, sequenceId, contactId);
  if (already) return already;
  const policy = await crm.policy(Marketing);
  const found = await eligibleNow(crm.store, [contactId], { topic: sequence.topic, now: crm.now, policy });
  const { reason, until } = found.get(contactId)!.eligible;
  if (reason && !until) throw new Refusal('journey.notEligible', `The contact may not be written to: ${reason}`);
  const accountId = accountOf(contactId)!;
  return crm.commit([
    JourneyStarted(undefined, {
      id: crm.newId('jny', accountId),
      accountId,
      contactId,
      sequenceId,
      ...(enteredBy && { enteredBy }),
      status: 'active',
      step: 0,
      dueAt: addDuration(crm.now, sequence.steps[0]!.after).toISOString(),
    }),
  ]);
};

async function journeyOf(crm: Crm, sequenceId: string, contactId: string): Promise<Journey | undefined> {
  const holder = await crm.store.holderOf(journeyKey(sequenceId, contactId));
  return holder ? crm.store.find(Journey, holder) : undefined;
}
