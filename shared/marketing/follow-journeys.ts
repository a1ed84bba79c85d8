import * as z from 'zod';
import { keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Envelope } from '../events/event.ts';
import { Mail } from '../mail/mail.ts';
import { emailKey } from '../sales/contact.ts';
import { Lead } from '../sales/lead.ts';
import { Opportunity } from '../sales/opportunity.ts';
import { Activity } from '../service/activity.ts';
import { type Command, run } from '../store/command.ts';
import type { Occasion } from '../store/occasion.ts';
import { ranges } from '../store/places.ts';
import type { Store } from '../store/store.ts';
import type { Surroundings } from '../store/surroundings.ts';
import { type Ending, endedBy, endingOf, Journey } from './journey.ts';
import { Membership } from './membership.ts';
import { type Entrance, entranceKey, Sequence } from './sequence.ts';
import { startJourney } from './start-journey.ts';

/** What may end a journey, and what may begin one. */
export const journeyEvents = [
  'lead.nurtured',
  'lead.resubmitted',
  'lead.assigned',
  'lead.accepted',
  'lead.qualified',
  'lead.converted',
  'lead.disqualified',
  'lead.archived',
  'opportunity.opened',
  'opportunity.moved',
  'opportunity.reopened',
  'opportunity.won',
  'opportunity.lost',
  'opportunity.archived',
  'segment.entered',
  'segment.left',
  'activity.done',
  'mail.updated',
  'consent.withdrawn',
] as const;

/** Lets an event end the journeys that it speaks of, and begin those that it calls for. Told twice, it does both once. */
export async function followJourneys(event: Envelope, { store, policies }: Surroundings, on: Occasion): Promise<void> {
  for (const { journey, ending } of await endingsIn(store, event))
    await run(store, policies, on, endJourney, { id: journey.id, ending });
  const entry = await entryIn(store, event);
  if (!entry) return;
  for (const sequenceId of await enrolling(store, entry.entrance)) {
    const key = `enrol#${event.id}#${sequenceId}`;
    const once = { ...on, once: { key, fingerprint: event.id } };
    const { contactId, enteredBy } = entry;
    await run(store, policies, once, startJourney, { sequenceId, contactId, enteredBy }).catch((error: unknown) => {
      // Closed since, gone since, or somebody who may not be written to: there is no journey to go on. Busy: once more.
      if (!(error instanceof Refusal) || error.code === 'record.busy') throw error;
    });
  }
}

/** Ends a journey for a reason; one that has ended stays as it did. */
export const endJourney: Command<{ id: string; ending: Ending }, Journey> = async (crm, { id, ending }) => {
  const journey = await crm.load(Journey, id);
  return journey.status === 'active' ? crm.commit([endedBy(journey, ending, crm.now)]) : journey;
};

/** The journeys of an account that an event ends. */
async function endingsIn(store: Store, event: Envelope): Promise<{ journey: Journey; ending: Ending }[]> {
  const judge = event.accountId && judgeOf(store, event);
  if (!judge) return [];
  const open = await store.queryAll(ranges.openIn(event.accountId!, 'journey'));
  const keys = open.map((item) => keyOf(String(item['sk'])));
  const journeys = (await store.getMany(keys, true)).map((item) => Journey.schema.parse(item));
  const endings: { journey: Journey; ending: Ending }[] = [];
  for (const journey of journeys) {
    const ending = journey.status === 'active' ? await judge(journey) : undefined;
    if (ending) endings.push({ journey, ending });
  }
  return endings;
}

type Judge = (journey: Journey) => Promise<Ending | undefined>;

/** What an event has to say to a journey; undefined where it says nothing to any. */
function judgeOf(store: Store, { type, recordId, changes, data }: Envelope): Judge | undefined {
  if (type === 'activity.done') return isReply(data) ? (journey) => repliedBy(store, recordId, journey) : undefined;
  if (type === 'mail.updated')
    return byPerson(changes['clicked']?.new) ? (journey) => clickedIn(store, recordId, journey) : undefined;
  if (type === 'consent.withdrawn') {
    const { contactId, topic } = Withdrawal.parse(data);
    return async (journey) => {
      const sequence = journey.contactId === contactId ? await store.find(Sequence, journey.sequenceId) : undefined;
      const same = sequence?.topic.toLowerCase() === topic.toLowerCase();
      return same ? { verb: 'retire', reason: 'consent.missing' } : undefined;
    };
  }
  return async (journey) =>
    journey.enteredBy?.recordId === recordId ? endingOf(journey, await store.get(keyOf(recordId))) : undefined;
}

const Withdrawal = z.object({ contactId: z.string(), topic: z.string() });
const isReply = ({ kind, direction }: Envelope['data']): boolean => kind === 'email' && direction === 'inbound';
const byPerson = (click: unknown): boolean =>
  typeof click === 'object' && click !== null && (click as { byPerson?: boolean }).byPerson === true;

/**
 * A mail in the thread of the journey is a reply, and so is any other from its contact; unless a machine wrote it: they are away. A click in
 * any mail of ours stands among them.
 */
async function repliedBy(store: Store, activityId: string, { id, contactId }: Journey): Promise<Ending | undefined> {
  const { recordId, participants = [], mail, clicked } = (await store.find(Activity, activityId)) ?? {};
  if (mail?.automatic) return undefined;
  const wrote = [...(await store.holdersOf(participants.map(emailKey))).values(), ...participants];
  const reason = clicked ? 'clicked' : 'replied';
  return recordId === id || wrote.includes(contactId) ? { verb: 'reEngage', reason } : undefined;
}

async function clickedIn(store: Store, mailId: string, { id }: Journey): Promise<Ending | undefined> {
  const mail = await store.find(Mail, mailId);
  return mail?.recordId === id ? { verb: 'reEngage', reason: 'clicked' } : undefined;
}

interface Entry {
  entrance: Entrance;
  contactId: string;
  enteredBy: NonNullable<Journey['enteredBy']>;
}

/** Whom an event brings to which entrance; undefined where it is nobody's, or no longer so. */
async function entryIn(store: Store, { type, recordId }: Envelope): Promise<Entry | undefined> {
  if (type === 'lead.nurtured') {
    const lead = await store.find(Lead, recordId);
    if (lead?.status !== 'nurturing' || !lead.contactId || lead.archivedAt) return undefined;
    return { entrance: { on: 'lead.nurtured' }, contactId: lead.contactId, enteredBy: { recordId } };
  }
  if (type === 'segment.entered') {
    const membership = await store.find(Membership, recordId);
    if (membership?.status !== 'in') return undefined;
    const { segmentId, contactId } = membership;
    return { entrance: { on: 'segment', segmentId }, contactId, enteredBy: { recordId } };
  }
  if (!type.startsWith('opportunity.')) return undefined;
  const opportunity = await store.find(Opportunity, recordId);
  const [contactId] = opportunity?.contactIds ?? [];
  if (!opportunity || opportunity.archivedAt || !contactId) return undefined;
  const { pipelineId, stage } = opportunity;
  return { entrance: { on: 'stage', pipelineId, stage }, contactId, enteredBy: { recordId, stage } };
}

/** The live sequences that something enrols into. */
const enrolling = async (store: Store, entrance: Entrance): Promise<string[]> =>
  (await store.queryAll(ranges.under(entranceKey(entrance)), true)).map((item) => String(item['recordId']));
