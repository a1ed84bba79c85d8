import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Prose } from '../../shared/core/text.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { endJourney } from '../../shared/marketing/follow-journeys.ts';
import { Journey, JourneyStatus } from '../../shared/marketing/journey.ts';
import {
  archiveSequence,
  createSequence,
  editSequence,
  moveSequenceBy,
  Sequence,
  SequenceDetails,
  SequenceRestored,
  SequenceStatus,
} from '../../shared/marketing/sequence.ts';
import { startJourney } from '../../shared/marketing/start-journey.ts';
import { restore } from '../../shared/store/edit.ts';
import { serve } from '../serve.ts';

const sequence = {
  may: 'campaigns:write',
  params: z.strictObject({ id: id('seq') }),
  answer: Sequence.schema,
} as const;
const journey = { may: 'campaigns:write', params: z.strictObject({ id: id('jny') }), answer: Journey.schema } as const;

export const endpoints = [
  endpoint('POST /v1/sequences', {
    summary: 'Create a sequence: mails that follow one another, and what enrols into it',
    may: 'campaigns:write',
    body: SequenceDetails,
    status: 201,
    answer: Sequence.schema,
    refuses: ['reference.unknown', 'opportunity.stageUnknown'],
    does: createSequence,
  }),
  listOf('GET /v1/sequences', {
    kind: Sequence,
    summary: 'List sequences',
    may: 'campaigns:read',
    statuses: SequenceStatus.options,
    all: by.state('sequence', SequenceStatus.options),
    filters: {},
  }),
  endpoint('GET /v1/sequences/{id}', {
    ...sequence,
    summary: 'Read a sequence',
    may: 'campaigns:read',
    does: (crm, { id }) => crm.load(Sequence, id),
  }),
  endpoint('PATCH /v1/sequences/{id}', {
    ...sequence,
    summary: 'Edit a sequence',
    patch: SequenceDetails,
    refuses: ['record.wrongState', 'reference.unknown', 'opportunity.stageUnknown'],
    does: editSequence,
  }),
  endpoint('DELETE /v1/sequences/{id}', {
    ...sequence,
    summary: 'Archive a sequence that is not live',
    refuses: ['record.wrongState'],
    does: archiveSequence,
  }),
  endpoint('POST /v1/sequences/{id}/restore', {
    ...sequence,
    summary: 'Bring a sequence back',
    does: restore(Sequence, SequenceRestored),
  }),
  endpoint('POST /v1/sequences/{id}/open', {
    ...sequence,
    summary: 'Let a sequence enrol',
    refuses: ['record.wrongState'],
    does: moveSequenceBy('open'),
  }),
  endpoint('POST /v1/sequences/{id}/close', {
    ...sequence,
    summary: 'Close a sequence: its journeys end before their next mail',
    refuses: ['record.wrongState'],
    does: moveSequenceBy('close'),
  }),

  endpoint('POST /v1/journeys', {
    summary: 'Send a contact on the journey through a sequence: 201, or 200 with the one that they are on',
    may: 'campaigns:write',
    body: z.strictObject({ sequenceId: id('seq'), contactId: id('con') }),
    status: ({ version }) => (version === 1 ? 201 : 200),
    answer: Journey.schema,
    refuses: ['record.wrongState', 'reference.unknown', 'journey.notEligible'],
    does: startJourney,
  }),
  listOf('GET /v1/journeys', {
    kind: Journey,
    summary: 'List journeys',
    may: 'campaigns:read',
    statuses: JourneyStatus.options,
    alsoWith: ['accountId', 'sequenceId'],
    all: by.state('journey', JourneyStatus.options),
    filters: { accountId: by.account('jny'), sequenceId: by.owner('journey', JourneyStatus.options) },
  }),
  endpoint('GET /v1/journeys/{id}', {
    ...journey,
    summary: 'Read a journey',
    may: 'campaigns:read',
    does: (crm, { id }) => crm.load(Journey, id),
  }),
  endpoint('POST /v1/journeys/{id}/end', {
    ...journey,
    summary: 'End a journey: nothing more is sent',
    body: z.strictObject({ reason: Prose.trim().min(1).max(200).optional() }),
    does: (crm, { id, reason = 'byHand' }) => endJourney(crm, { id, ending: { verb: 'retire', reason } }),
  }),
];

export const handler = serve(endpoints);
