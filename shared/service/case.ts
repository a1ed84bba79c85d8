import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, openIn, under, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Satisfaction } from './satisfaction.ts';

export const CaseStatus = z.enum(['new', 'open', 'waiting', 'resolved', 'closed', 'rejected', 'duplicate']);
export type CaseStatus = z.infer<typeof CaseStatus>;
export const Priority = z.enum(['low', 'normal', 'high', 'urgent']);

/** What may be said of a case, and said anew. */
export const CaseDetails = z.strictObject({
  subject: Line.min(1).max(300),
  description: Prose.max(32_000).optional(),
  kind: z.enum(['question', 'problem', 'request', 'complaint']).default('question'),
  priority: Priority.default('normal'),
  channel: Line.min(1)
    .max(50)
    .default('api')
    .meta({ examples: ['email', 'phone', 'form', 'chat'] }),
  contactId: id('con').optional(),
  rootCause: Prose.max(2_000).optional(),
  correctiveAction: Prose.max(4_000).optional(),
});

const instant = z.iso.datetime();

/** One of the two promises of a case, as it stands. */
const SlaClock = z.strictObject({
  state: z.enum(['running', 'paused', 'met', 'breached']),
  target: z.string().meta({ description: 'ISO 8601, in opening hours.' }),
  dueAt: instant.optional().meta({ description: 'Absent only while the clock stands still before it fell due.' }),
  remainingMinutes: z.number().optional().meta({ description: 'Of opening hours, while the clock stands still.' }),
  metAt: instant.optional(),
  breachedAt: instant.optional().meta({ description: 'When it fell due unmet: stays, whatever comes later.' }),
  warnedAt: instant.optional(),
  toldAt: instant.optional().meta({ description: 'When the breach was told.' }),
  escalatedAt: instant.optional().meta({ description: 'When the breach went to the manager.' }),
});
export type SlaClock = z.infer<typeof SlaClock>;
export const clockNames = ['firstResponse', 'resolution'] as const;
export type ClockName = (typeof clockNames)[number];

/** A time in which nobody here could do anything: the resolution clock stands still. The last one may still last. */
const Hold = z.strictObject({
  for: z.enum(['customer', 'thirdParty', 'resolved']),
  from: instant,
  to: instant.optional(),
});
/** A list of a record has a hundred entries at most. */
export const mostHolds = 100;

const CaseRecord = z
  .object({
    ...record('cas'),
    ...CaseDetails.shape,
    accountId: id('acc'),
    number: z.string(),
    status: CaseStatus,
    queue: Line.max(50).optional(),
    ownerId: id('usr').optional(),
    sla: z.strictObject({ firstResponse: SlaClock, resolution: SlaClock }),
    waitsFor: z.enum(['customer', 'thirdParty']).optional(),
    summary: z.string().optional().meta({ description: 'How it was resolved.' }),
    rejection: z.string().optional(),
    openedAt: instant,
    answeredAt: instant.optional().meta({ description: 'First public answer by a person.' }),
    resolvedAt: instant.optional(),
    closedAt: instant.optional(),
    holds: z.array(Hold).max(mostHolds),
    reopened: z.int().meta({ description: 'How often.' }),
    escalation: z.strictObject({ at: instant, toId: z.string().optional(), reason: z.string().optional() }).optional(),
    surveyAt: instant.optional().meta({ description: 'When the customer will be asked how it went.' }),
    surveyedAt: instant.optional(),
    satisfaction: Satisfaction.optional().meta({ description: 'What the customer said of how it went, 5 being best.' }),
    followsId: id('cas')
      .optional()
      .meta({ description: 'The case that it takes up again, which was closed too long ago.' }),
    closesAt: instant.optional().meta({ description: 'Until when a resolved case may be reopened.' }),
    chasedAt: instant.optional().meta({ description: 'When its process last reminded somebody of it.' }),
    nextStepAt: instant.optional().meta({ description: 'When its process must act next.' }),
    statusSince: instant,
    openTaskId: z.string().optional(),
    escalationTaskId: z.string().optional(),
  })
  .meta({ id: 'Case' });
export type Case = z.infer<typeof CaseRecord>;

export const numberKey = (number: string): string => `number#case#${number}`;
export const queueKey = (queue: string): string => `queue#${queue}`;

/** Nothing more will be done. */
const isOver = (status: CaseStatus): boolean => status === 'closed' || status === 'rejected' || status === 'duplicate';

/** A question, problem, request or complaint of a customer. */
export const Case: Kind<Case> = {
  name: 'case',
  prefix: 'cas',
  schema: CaseRecord,
  unique: ({ number }) => [numberKey(number)],
  places: ({ id, accountId, number, subject, status, priority, queue, ownerId, nextStepAt, createdAt }) => ({
    ...(ownerId && { gsi1: workOf(ownerId, 'case', status, createdAt, id) }),
    gsi2: inState('case', status, createdAt, id),
    ...(!isOver(status) && {
      gsi3: openIn(accountId, 'case', id),
      card: { id, number, subject, status, priority, queue, ownerId, nextStepAt },
      ...(queue && { shared: [under(queueKey(queue), `${createdAt}#${id}`)] }),
    }),
  }),
};

const event = eventsOf(
  Case,
  CaseRecord.pick({
    number: true,
    kind: true,
    priority: true,
    status: true,
    queue: true,
    ownerId: true,
    contactId: true,
    sla: true,
    openedAt: true,
    answeredAt: true,
    resolvedAt: true,
    reopened: true,
    nextStepAt: true,
  }),
);
export const CaseOpened = event('opened');
export const CaseUpdated = event('updated');
export const CaseArchived = event('archived');
export const CaseRestored = event('restored');
/** Told as `survey.answered`: it is the answer to a survey, of whatever it asks. */
export const SurveyAnswered = eventsOf(
  { ...Case, name: 'survey' },
  CaseRecord.pick({ number: true, status: true, ownerId: true, contactId: true, satisfaction: true }),
)('answered');

const active = ['new', 'open', 'waiting'] as const;

/** The life of a case: each verb, the states it may start from, where it leads, and the event that tells of it. */
export const caseMoves = {
  reply: { from: active, to: 'open', event: event('replied') },
  hear: { from: active, event: event('replied') },
  wait: { from: ['open'], to: 'waiting', event: event('waiting') },
  resolve: { from: active, to: 'resolved', event: event('resolved') },
  reopen: { from: ['resolved', 'closed'], to: 'open', event: event('reopened') },
  reject: { from: ['new', 'open'], to: 'rejected', event: event('rejected') },
  close: { from: ['resolved'], to: 'closed', event: event('closed') },
  assign: { from: active, event: event('assigned') },
  escalate: { from: active, event: event('escalated') },
  warn: { from: active, event: event('slaWarned') },
  breach: { from: active, event: event('slaBreached') },
  survey: { from: ['resolved'], event: event('updated') },
  followUp: { from: active, event: event('updated') },
  rate: { from: ['open', 'waiting', 'resolved', 'closed'], event: SurveyAnswered },
} as const;
/** Moves a case by a verb. */
export const moveCase = mover<Case, CaseStatus, typeof caseMoves>('case', caseMoves);

/** Whether somebody here still has to do something about it. */
export const isActive = (status: CaseStatus): boolean => (active as readonly string[]).includes(status);
