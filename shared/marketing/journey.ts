import * as z from 'zod';
import { id } from '../core/ids.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, openIn, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import type { Item } from '../store/store.ts';

export const JourneyStatus = z.enum(['active', 'reEngaged', 'retired']);

/** A contact's way through a sequence. */
const JourneyRecord = z
  .object({
    ...record('jny'),
    accountId: id('acc'),
    contactId: id('con'),
    sequenceId: id('seq'),
    enteredBy: z
      .strictObject({ recordId: z.string(), stage: z.string().optional() })
      .optional()
      .meta({ description: 'The lead, opportunity or membership that enrolled; missing where a person did.' }),
    status: JourneyStatus,
    step: z.int().nonnegative().meta({ description: 'How many of the mails are out.' }),
    dueAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'When the next mail is due; after the last one, until when an answer is waited for.' }),
    postponed: z.string().optional().meta({ description: 'Why the next mail waits: frequencyCap, quietHours.' }),
    reason: z.string().optional().meta({ description: 'Why it ended.' }),
    endedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Journey' });
export type Journey = z.infer<typeof JourneyRecord>;

/** A contact is on one journey through a sequence at a time. */
export const journeyKey = (sequenceId: string, contactId: string): string => `journey#${sequenceId}#${contactId}`;

export const Journey: Kind<Journey> = {
  name: 'journey',
  prefix: 'jny',
  schema: JourneyRecord,
  unique: ({ status, sequenceId, contactId }) => (status === 'active' ? [journeyKey(sequenceId, contactId)] : []),
  places: ({ id, accountId, sequenceId, contactId, status, step, dueAt, createdAt }) => ({
    gsi1: workOf(sequenceId, 'journey', status, createdAt, id),
    gsi2: inState('journey', status, createdAt, id),
    ...(status === 'active' && {
      gsi3: openIn(accountId, 'journey', id),
      card: { id, status, sequenceId, contactId, step, dueAt },
    }),
  }),
};

const event = eventsOf(
  Journey,
  JourneyRecord.pick({ sequenceId: true, contactId: true, status: true, step: true, dueAt: true, reason: true }),
);
export const JourneyStarted = event('started');
/** The life of a journey. */
export const journeyMoves = {
  mail: { from: ['active'], event: event('mailed') },
  postpone: { from: ['active'], event: event('postponed') },
  reEngage: { from: ['active'], to: 'reEngaged', event: event('reEngaged') },
  retire: { from: ['active'], to: 'retired', event: event('retired') },
} as const;
export const moveJourney = mover<Journey, Journey['status'], typeof journeyMoves>('journey', journeyMoves);

/** What enrolled a journey, as it is stored: its process is listed with that too. */
export const enrolledBy = (item: Item): string[] => {
  const { recordId } = (item['enteredBy'] ?? {}) as Partial<NonNullable<Journey['enteredBy']>>;
  return recordId ? [recordId] : [];
};

/** How a journey ends: somebody is with us again, or is left in peace. */
export interface Ending {
  verb: 'reEngage' | 'retire';
  reason: string;
}

/** A journey at its end. */
export const endedBy = (journey: Journey, { verb, reason }: Ending, now: Date) =>
  moveJourney(
    journey,
    verb,
    { reason, endedAt: now.toISOString(), dueAt: undefined, postponed: undefined },
    { reasons: [reason] },
  );

/**
 * What becomes of a journey now that what enrolled it stands as it does; undefined while it still stands there. A lead that was taken up
 * again and an opportunity that moved on are with us again; what is lost, archived or left is not.
 */
export function endingOf({ enteredBy }: Pick<Journey, 'enteredBy'>, item: Item | undefined): Ending | undefined {
  if (!enteredBy) return undefined;
  const status = String(item?.['status']);
  if (!item || item['archivedAt']) return { verb: 'retire', reason: 'left' };
  if (enteredBy.recordId.startsWith('lea_')) {
    if (status === 'nurturing') return undefined;
    return status === 'disqualified' ? { verb: 'retire', reason: 'left' } : { verb: 'reEngage', reason: 'left' };
  }
  if (enteredBy.recordId.startsWith('opp_')) {
    if (item['stage'] === enteredBy.stage) return undefined;
    return status === 'lost' ? { verb: 'retire', reason: 'left' } : { verb: 'reEngage', reason: 'left' };
  }
  return status === 'in' ? undefined : { verb: 'retire', reason: 'left' };
}
