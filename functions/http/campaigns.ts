import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Instant } from '../../shared/core/instant.ts';
import { Prose } from '../../shared/core/text.ts';
import { endpoint, Paging, pageOf } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import {
  Campaign,
  CampaignArchived,
  CampaignDetails,
  CampaignRestored,
  CampaignStatus,
  EditableCampaign,
} from '../../shared/marketing/campaign.ts';
import {
  createCampaign,
  editCampaign,
  notWhileSending,
  scheduleCampaign,
  sendCampaign,
} from '../../shared/marketing/campaign-commands.ts';
import { CampaignResults, readResults } from '../../shared/marketing/campaign-results.ts';
import { cancelCampaign, pauseCampaign, resumeCampaign } from '../../shared/marketing/campaign-steps.ts';
import { RecipientState } from '../../shared/marketing/recipient.ts';
import { listRecipients, ShownRecipient } from '../../shared/marketing/recipient-list.ts';
import { archive, restore } from '../../shared/store/edit.ts';
import { serve } from '../serve.ts';

const one = { may: 'campaigns:write', params: z.strictObject({ id: id('cmp') }), answer: Campaign.schema } as const;
const statuses = CampaignStatus.options;
const Note = z.strictObject({ note: Prose.max(2_000).optional() });

export const endpoints = [
  endpoint('POST /v1/campaigns', {
    summary: 'Draft a campaign',
    may: 'campaigns:write',
    body: CampaignDetails,
    status: 201,
    answer: Campaign.schema,
    refuses: ['reference.unknown'],
    does: createCampaign,
  }),
  listOf('GET /v1/campaigns', {
    summary: 'List campaigns',
    kind: Campaign,
    may: 'campaigns:read',
    statuses,
    all: by.state('campaign', statuses),
    filters: {},
  }),
  endpoint('GET /v1/campaigns/{id}', {
    ...one,
    summary: 'Read a campaign',
    may: 'campaigns:read',
    does: (crm, { id }) => crm.load(Campaign, id),
  }),
  explains('campaigns', Campaign),
  endpoint('PATCH /v1/campaigns/{id}', {
    ...one,
    summary: 'Edit a campaign that has not begun',
    patch: EditableCampaign,
    refuses: ['record.wrongState', 'reference.unknown'],
    does: editCampaign,
  }),
  endpoint('DELETE /v1/campaigns/{id}', {
    ...one,
    summary: 'Archive a campaign',
    refuses: ['record.wrongState'],
    does: archive(Campaign, CampaignArchived, notWhileSending),
  }),
  endpoint('POST /v1/campaigns/{id}/restore', {
    ...one,
    summary: 'Bring a campaign back',
    does: restore(Campaign, CampaignRestored),
  }),
  endpoint('POST /v1/campaigns/{id}/schedule', {
    ...one,
    summary: 'Send a campaign at a time',
    body: z.strictObject({ sendAt: Instant.optional() }),
    refuses: ['record.wrongState', 'reference.unknown'],
    does: scheduleCampaign,
  }),
  endpoint('POST /v1/campaigns/{id}/send', {
    ...one,
    summary: 'Send a campaign now',
    refuses: ['record.wrongState', 'reference.unknown'],
    does: sendCampaign,
  }),
  endpoint('POST /v1/campaigns/{id}/pause', {
    ...one,
    summary: 'Let a campaign rest: no mail goes out once this is answered, but for the ten at most that are being sent',
    body: Note,
    refuses: ['record.wrongState'],
    does: pauseCampaign,
  }),
  endpoint('POST /v1/campaigns/{id}/resume', {
    ...one,
    summary: 'Go on with a campaign',
    body: Note,
    refuses: ['record.wrongState'],
    does: resumeCampaign,
  }),
  endpoint('POST /v1/campaigns/{id}/cancel', {
    ...one,
    summary: 'End a campaign before its time: who is still queued gets nothing',
    body: Note,
    refuses: ['record.wrongState'],
    does: cancelCampaign,
  }),
  endpoint('GET /v1/campaigns/{id}/recipients', {
    ...one,
    summary: 'List the recipients of a campaign, all or those in a state',
    may: 'campaigns:read',
    query: Paging.extend({ state: RecipientState.optional() }),
    answer: pageOf(ShownRecipient),
    filters: [
      { filter: '(none)', key: 'pk = <campaign>#<0-f>, sk begins rcp_', consistency: 'strong' },
      { filter: 'state', key: 'gsi2: <campaign>#<state>#<0-f>', consistency: 'within a second' },
    ],
    does: listRecipients,
  }),
  endpoint('GET /v1/campaigns/{id}/results', {
    ...one,
    summary: 'What became of a campaign, exactly',
    may: 'campaigns:read',
    answer: CampaignResults,
    does: readResults,
  }),
];

export const handler = serve(endpoints);
