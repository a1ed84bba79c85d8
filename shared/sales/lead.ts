import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { id } from '../core/ids.ts';
import { Money } from '../core/money.ts';
import { Line, Prose } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, openIn, under, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Custom } from './account.ts';

export const LeadStatus = z.enum(['new', 'assigned', 'working', 'qualified', 'converted', 'nurturing', 'disqualified']);
export type LeadStatus = z.infer<typeof LeadStatus>;

/** What a person or a form says about a lead. */
export const LeadDetails = z.strictObject({
  source: z.enum(['form', 'email', 'api', 'import', 'campaign', 'referral']).default('api'),
  email: Email.optional(),
  phone: Line.min(1).max(40).optional(),
  firstName: Line.max(100).optional(),
  lastName: Line.max(100).optional(),
  company: Line.max(200).optional(),
  message: Prose.max(32_000).optional(),
  interests: z.array(Line.max(100)).max(50).optional(),
  budget: Money.optional(),
  campaignId: id('cmp').optional(),
  utm: z.record(Line.max(50), Line.max(200)).optional(),
  custom: Custom.optional(),
});
export type LeadDetails = z.infer<typeof LeadDetails>;

/** Fit: who they are; engagement: what they did. The grade is a letter of the one and a number of the other. */
export const Score = z.strictObject({
  fit: z.int().min(0).max(100),
  engagement: z.int().min(0).max(100),
  grade: z.string().regex(/^[A-C][1-3]$/),
  reasons: z.array(z.string()),
});
export type Score = z.infer<typeof Score>;

const LeadRecord = z
  .object({
    ...record('lea'),
    ...LeadDetails.shape,
    accountId: id('acc'),
    contactId: id('con').optional(),
    ownerId: id('usr').optional(),
    queue: z.string().optional().meta({ description: 'Whose turn it is to take it, where its form names a queue.' }),
    status: LeadStatus,
    score: Score,
    dueAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'By when the next step must be taken: acceptance, qualification or conversion.' }),
    openTaskId: z.string().optional(),
    hops: z.int().meta({ description: 'How many owners let it lie.' }),
    escalated: z
      .boolean()
      .optional()
      .meta({ description: 'Nobody took it in time: it stays with its owner, a manager.' }),
    passedBy: z.array(id('usr')).max(20).meta({ description: 'The owners who let it lie.' }),
    disqualified: z.strictObject({ reason: z.string(), note: z.string().optional() }).optional(),
    reminded: z.boolean().optional().meta({ description: 'The owner was told that the step is overdue.' }),
    nurtureNote: z.string().optional(),
    reopenedAt: z.iso.datetime().optional().meta({ description: 'When they last wrote again while it was nurtured.' }),
    repliedAt: z.iso.datetime().optional().meta({ description: 'When they last answered a mail about it.' }),
    converted: z
      .strictObject({
        at: z.iso.datetime(),
        accountId: id('acc'),
        contactId: id('con').optional(),
        opportunityId: id('opp').optional(),
        madeOpportunity: z.boolean(),
      })
      .optional(),
  })
  .meta({ id: 'Lead' });
export type Lead = z.infer<typeof LeadRecord>;

/** A contact has one open lead at most: two simultaneous captures meet at this key. */
export const openLeadKey = (contactId: string): string => `openlead#${contactId}`;

/** Under which the leads stand that have become an opportunity. */
export const leadsOfOpportunity = (opportunityId: string): string => `lead#${opportunityId}`;

export const isOpen = (status: LeadStatus): boolean => status !== 'converted' && status !== 'disqualified';

export const Lead: Kind<Lead> = {
  name: 'lead',
  prefix: 'lea',
  schema: LeadRecord,
  unique: ({ contactId, status, archivedAt }) =>
    contactId && isOpen(status) && !archivedAt ? [openLeadKey(contactId)] : [],
  places: ({ id, accountId, ownerId, status, createdAt, dueAt, score, company, firstName, lastName, converted }) => ({
    ...(ownerId && { gsi1: workOf(ownerId, 'lead', status, createdAt, id) }),
    gsi2: inState('lead', status, createdAt, id),
    ...(isOpen(status) && {
      gsi3: openIn(accountId, 'lead', id),
      card: { id, status, ownerId, dueAt, company, firstName, lastName, grade: score.grade },
    }),
    shared: converted?.opportunityId ? [under(leadsOfOpportunity(converted.opportunityId), id)] : [],
  }),
};

const event = eventsOf(
  Lead,
  LeadRecord.pick({
    status: true,
    source: true,
    ownerId: true,
    contactId: true,
    campaignId: true,
    dueAt: true,
    converted: true,
  }),
);
export const LeadCaptured = event('captured');
export const LeadResubmitted = event('resubmitted');
export const LeadUpdated = event('updated');
export const LeadReplied = event('replied');
export const LeadArchived = event('archived');
export const LeadRestored = event('restored');

/** The life of a lead: each verb, the states it may start from, where it leads, and the event that tells of it. */
export const leadMoves = {
  assign: { from: ['new', 'assigned', 'working'], to: 'assigned', event: event('assigned') },
  accept: { from: ['new', 'assigned'], to: 'working', event: event('accepted') },
  qualify: { from: ['new', 'assigned', 'working', 'nurturing'], to: 'qualified', event: event('qualified') },
  nurture: {
    from: ['new', 'assigned', 'working', 'qualified', 'nurturing'],
    to: 'nurturing',
    event: event('nurtured'),
  },
  // Who writes again while their lead is nurtured.
  reopen: { from: ['nurturing'], to: 'new', event: LeadResubmitted },
  disqualify: {
    from: ['new', 'assigned', 'working', 'qualified', 'nurturing', 'disqualified'],
    to: 'disqualified',
    event: event('disqualified'),
  },
  convert: { from: ['qualified'], to: 'converted', event: event('converted') },
  undoConvert: { from: ['converted'], to: 'qualified', event: event('conversionUndone') },
} as const;
/** What a lead begins with: nobody had it. */
export const startsAnew = { hops: 0, passedBy: [], escalated: undefined } as const satisfies Partial<Lead>;

/** Moves a lead by a verb. */
export const moveLead = mover<Lead, LeadStatus, typeof leadMoves>('lead', leadMoves);

/** How a lead is called in a to-do list. */
export const leadName = ({ company, firstName, lastName, email }: Lead): string =>
  company || [firstName, lastName].filter(Boolean).join(' ') || email || 'a lead';
