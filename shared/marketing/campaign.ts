import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Instant } from '../core/instant.ts';
import { Money } from '../core/money.ts';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Arms } from './arms.ts';
import { Topic } from './consent.ts';

export const CampaignStatus = z.enum(['draft', 'scheduled', 'sending', 'paused', 'sent', 'cancelled']);
export type CampaignStatus = z.infer<typeof CampaignStatus>;

const fields = z.strictObject({
  name: Line.min(1).max(200),
  segmentIds: z.array(id('seg')).min(1).max(20).meta({ description: 'Who gets it: whoever is in one of them.' }),
  exclusions: z
    .array(z.union([id('seg'), id('con')]))
    .max(100)
    .default([])
    .meta({ description: 'Segments whose members do not get it, and single contacts, wherever else they are.' }),
  templateId: id('tpl').optional().meta({ description: 'What whoever is in no arm gets.' }),
  arms: Arms.default([]),
  topic: Topic.meta({ description: 'What a recipient must have agreed to, by e-mail.' }),
  sendAt: Instant.optional(),
  cost: Money.optional().meta({ description: 'What it costs, for its return.' }),
  offerUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .meta({ description: 'A click on this address captures a lead of the campaign: one a contact at most.' }),
});

/** What can be said of a campaign. */
export const CampaignDetails = fields.refine(
  ({ templateId, arms }) => templateId || arms.reduce((sum, { share }) => sum + share, 0) === 100,
  { path: ['templateId'], message: 'Name a template, or arms whose shares are 100 together' },
);
export type CampaignDetails = z.infer<typeof fields>;
/** What an edit may change of it. */
export const EditableCampaign = fields;

const CampaignRecord = z
  .object({
    ...record('cmp'),
    ...fields.shape,
    status: CampaignStatus,
    nextStepAt: z.iso.datetime().optional().meta({
      description: 'What it waits for comes then: the time to send, the end of quiet hours, the end of a pause.',
    }),
    startedAt: z.iso.datetime().optional(),
    audience: z
      .strictObject({
        frozenAt: z.iso.datetime(),
        recipients: z.int(),
        excluded: z.record(z.string(), z.int()).meta({ description: 'How many get nothing, by the reason.' }),
      })
      .optional()
      .meta({ description: 'Who was in the audience when it was frozen.' }),
    paused: z.strictObject({ at: z.iso.datetime(), by: z.string(), reason: z.string() }).optional(),
    openTaskId: z.string().optional(),
    endedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Campaign' });
export type Campaign = z.infer<typeof CampaignRecord>;

/** One mailing to the members of segments. Its recipients are items of its own partitions (`recipient.ts`), without events. */
export const Campaign: Kind<Campaign> = {
  name: 'campaign',
  prefix: 'cmp',
  schema: CampaignRecord,
  places: ({ id, status, createdAt }) => ({ gsi2: inState('campaign', status, createdAt, id) }),
};

const event = eventsOf(
  Campaign,
  CampaignRecord.pick({
    name: true,
    status: true,
    topic: true,
    sendAt: true,
    nextStepAt: true,
    cost: true,
    audience: true,
    paused: true,
  }),
);
export const CampaignCreated = event('created');
export const CampaignUpdated = event('updated');
export const CampaignArchived = event('archived');
export const CampaignRestored = event('restored');

/** The life of a campaign. `start`, `stop` and `finish` are its process's: the time has come, the breaker, everybody is done. */
export const campaignMoves = {
  schedule: { from: ['draft'], to: 'scheduled', event: event('scheduled') },
  send: { from: ['draft'], to: 'sending', event: event('started') },
  start: { from: ['scheduled'], to: 'sending', event: event('started') },
  pause: { from: ['sending'], to: 'paused', event: event('paused') },
  stop: { from: ['sending'], to: 'paused', event: event('paused') },
  resume: { from: ['paused'], to: 'sending', event: event('resumed') },
  cancel: { from: ['draft', 'scheduled', 'sending', 'paused'], to: 'cancelled', event: event('cancelled') },
  finish: { from: ['sending'], to: 'sent', event: event('finished') },
} as const;
export const moveCampaign = mover<Campaign, CampaignStatus, typeof campaignMoves>('campaign', campaignMoves);
