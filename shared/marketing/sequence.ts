import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { id } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { Pipeline } from '../sales/pipeline.ts';
import type { Command, Crm } from '../store/command.ts';
import { archive, edit } from '../store/edit.ts';
import { mover } from '../store/moves.ts';
import { inState, under } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { referAll } from '../store/references.ts';
import { Topic } from './consent.ts';
import { Segment } from './segment.ts';

/** What enrols a contact: a lead that is put off, an opportunity that enters a stage, an entry into a segment. */
export const Entrance = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('lead.nurtured') }),
  z.strictObject({ on: z.literal('stage'), pipelineId: id('pip'), stage: z.string().min(1).max(40) }),
  z.strictObject({ on: z.literal('segment'), segmentId: id('seg') }),
]);
export type Entrance = z.infer<typeof Entrance>;

const Step = z.strictObject({
  after: Duration.meta({ description: 'How long after the mail before, or after the entry.' }),
  templateId: id('tpl'),
});

/** What can be said of a sequence. */
export const SequenceDetails = z.strictObject({
  name: Line.min(1).max(200),
  topic: Topic.meta({ description: 'What its readers must have agreed to.' }),
  enrols: z
    .array(Entrance)
    .max(20)
    .default([])
    .meta({ description: 'What enrols a contact by itself; leaving it ends the journey.' }),
  steps: z.array(Step).min(1).max(20),
  patience: Duration.default('P14D').meta({
    description: 'How long after its last mail a reply or a click is waited for.',
  }),
});
export type SequenceDetails = z.infer<typeof SequenceDetails>;
export const SequenceStatus = z.enum(['draft', 'live', 'closed']);

const SequenceRecord = z
  .object({ ...record('seq'), ...SequenceDetails.shape, status: SequenceStatus })
  .meta({ id: 'Sequence' });
export type Sequence = z.infer<typeof SequenceRecord>;

/** The key under which the live sequences stand that something enrols into. */
export const entranceKey = (entrance: Entrance): string => {
  if (entrance.on === 'lead.nurtured') return 'enrols#lead.nurtured';
  if (entrance.on === 'stage') return `enrols#stage#${entrance.pipelineId}#${entrance.stage}`;
  return `enrols#segment#${entrance.segmentId}`;
};

/** Mails that follow one another, to whoever enters, until they answer. */
export const Sequence: Kind<Sequence> = {
  name: 'sequence',
  prefix: 'seq',
  schema: SequenceRecord,
  places: ({ id, status, enrols, createdAt }) => ({
    gsi2: inState('sequence', status, createdAt, id),
    shared: status === 'live' ? enrols.map((entrance) => under(entranceKey(entrance), id)) : [],
  }),
};

const event = eventsOf(Sequence, SequenceRecord.pick({ name: true, topic: true, status: true, enrols: true }));
export const SequenceCreated = event('created');
export const SequenceArchived = event('archived');
export const SequenceRestored = event('restored');

const sequenceMoves = {
  open: { from: ['draft', 'closed'], to: 'live', event: event('opened') },
  close: { from: ['live'], to: 'closed', event: event('closed') },
} as const;
const moveSequence = mover<Sequence, Sequence['status'], typeof sequenceMoves>('sequence', sequenceMoves);

/** Opens a sequence, so that it enrols, or closes it: then every journey through it ends before its next mail. */
export const moveSequenceBy =
  (verb: keyof typeof sequenceMoves): Command<{ id: string }, Sequence> =>
  async (crm, { id }) =>
    crm.commit([moveSequence(await crm.load(Sequence, id), verb)]);

/** Makes a sequence: a draft, until it is opened. 422 where a template, segment, pipeline or stage is not there. */
export const createSequence: Command<SequenceDetails, Sequence> = async (crm, details) => {
  await refersRightly(crm, details);
  return crm.commit([SequenceCreated(undefined, { ...details, id: crm.newId('seq'), status: 'draft' })]);
};

/** Edits a sequence; a journey under way takes its next step as the sequence says by then. */
export const editSequence = edit<Sequence>({
  kind: Sequence,
  fields: SequenceDetails,
  event: event('updated'),
  rule: async (crm, after) => {
    await refersRightly(crm, after);
    return after;
  },
});

export const archiveSequence = archive<Sequence>(Sequence, SequenceArchived, (_, { status }) => {
  if (status === 'live') throw new Refusal('record.wrongState', 'A sequence that is live is closed first');
});

async function refersRightly(crm: Crm, { steps, enrols }: SequenceDetails): Promise<void> {
  for (const [n, { templateId }] of steps.entries()) await referAll(crm, { templateId }, {}, `#/steps/${n}`);
  for (const [n, entrance] of enrols.entries()) await entranceIsThere(crm, entrance, `#/enrols/${n}`);
}

async function entranceIsThere(crm: Crm, entrance: Entrance, at: string): Promise<void> {
  if (entrance.on === 'segment') await crm.refer(Segment, entrance.segmentId, `${at}/segmentId`);
  if (entrance.on !== 'stage') return;
  const { stages, name } = await crm.refer(Pipeline, entrance.pipelineId, `${at}/pipelineId`);
  if (stages.some(({ key }) => key === entrance.stage)) return;
  const detail = `${name} has no stage ${entrance.stage}`;
  throw new Refusal('opportunity.stageUnknown', detail, {
    errors: [{ pointer: `${at}/stage`, code: 'opportunity.stageUnknown', detail }],
  });
}
