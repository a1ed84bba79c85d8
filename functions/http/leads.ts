import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Prose } from '../../shared/core/text.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { assignLead } from '../../shared/sales/assign-lead.ts';
import { captureLead } from '../../shared/sales/capture-lead.ts';
import { Converted } from '../../shared/sales/conversion.ts';
import { Conversion, convertLead } from '../../shared/sales/convert-lead.ts';
import { editLead } from '../../shared/sales/edit-lead.ts';
import { Lead, LeadDetails, LeadRestored, LeadStatus } from '../../shared/sales/lead.ts';
import {
  acceptLead,
  archiveLead,
  Disqualification,
  disqualifyLead,
  nurtureLead,
  qualifyLead,
} from '../../shared/sales/move-lead.ts';
import { undoConvertLead } from '../../shared/sales/undo-conversion.ts';
import { restore } from '../../shared/store/edit.ts';
import { serve } from '../serve.ts';

const one = { may: 'leads:write', params: z.strictObject({ id: id('lea') }), answer: Lead.schema } as const;
const statuses = LeadStatus.options;
const Note = z.strictObject({ note: Prose.max(2_000).optional() });

export const endpoints = [
  endpoint('POST /v1/leads', {
    summary: 'Capture a lead: 201, or 200 with the open lead that its contact has',
    may: 'leads:write',
    body: LeadDetails,
    status: ({ version }) => (version === 1 ? 201 : 200),
    answer: Lead.schema,
    refuses: ['reference.unknown'],
    does: captureLead,
  }),
  listOf('GET /v1/leads', {
    summary: 'List leads',
    kind: Lead,
    may: 'leads:read',
    statuses,
    alsoWith: ['accountId', 'ownerId'],
    all: by.state('lead', statuses),
    filters: { accountId: by.account('lea'), ownerId: by.owner('lead', statuses) },
  }),
  endpoint('GET /v1/leads/{id}', {
    ...one,
    summary: 'Read a lead',
    may: 'leads:read',
    does: (crm, { id }) => crm.load(Lead, id),
  }),
  explains('leads', Lead),
  endpoint('PATCH /v1/leads/{id}', {
    ...one,
    summary: 'Edit a lead',
    patch: LeadDetails,
    refuses: ['record.wrongState', 'reference.unknown'],
    does: editLead,
  }),
  endpoint('DELETE /v1/leads/{id}', { ...one, summary: 'Archive a lead', does: archiveLead }),
  endpoint('POST /v1/leads/{id}/restore', { ...one, summary: 'Bring a lead back', does: restore(Lead, LeadRestored) }),
  endpoint('POST /v1/leads/{id}/assign', {
    ...one,
    summary: 'Give a lead to a user',
    body: z.strictObject({ ownerId: id('usr') }),
    refuses: ['record.wrongState', 'reference.unknown'],
    does: assignLead,
  }),
  endpoint('POST /v1/leads/{id}/accept', {
    ...one,
    summary: 'Take a lead on',
    body: Note,
    refuses: ['record.wrongState'],
    does: acceptLead,
  }),
  endpoint('POST /v1/leads/{id}/qualify', {
    ...one,
    summary: 'Qualify a lead',
    body: Note,
    refuses: ['record.wrongState'],
    does: qualifyLead,
  }),
  endpoint('POST /v1/leads/{id}/nurture', {
    ...one,
    summary: 'Put a lead off',
    body: Note,
    refuses: ['record.wrongState'],
    does: nurtureLead,
  }),
  endpoint('POST /v1/leads/{id}/disqualify', {
    ...one,
    summary: 'Disqualify a lead; the reason "other" needs a note',
    body: Disqualification,
    refuses: ['record.wrongState'],
    does: disqualifyLead,
  }),
  endpoint('POST /v1/leads/{id}/convert', {
    ...one,
    summary: 'Make a customer of a lead: account, contact, and an opportunity unless it is null',
    body: Conversion,
    answer: Converted,
    refuses: ['record.wrongState', 'reference.unknown', 'opportunity.stageUnknown', 'opportunity.fieldsMissing'],
    does: convertLead,
  }),
  endpoint('POST /v1/leads/{id}/undo-convert', {
    ...one,
    summary: 'Take a conversion back, with the order that came of it, until something of that is delivered or invoiced',
    body: Note,
    refuses: ['record.wrongState', 'record.duplicate', 'lead.conversionFixed'],
    does: undoConvertLead,
  }),
];

export const handler = serve(endpoints);
