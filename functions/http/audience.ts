import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Explanation, explainSegment } from '../../shared/marketing/explain-segment.ts';
import { MessageTemplate, TemplateArchived, TemplateRestored } from '../../shared/marketing/message-template.ts';
import { Preview, PreviewQuestion, previewSegment } from '../../shared/marketing/preview-segment.ts';
import { startRefresh } from '../../shared/marketing/refresh-segment.ts';
import { Rendered, RenderQuestion, renderTemplate } from '../../shared/marketing/render-template.ts';
import {
  Segment,
  SegmentArchived,
  SegmentCreated,
  SegmentDetails,
  SegmentRestored,
  SegmentUpdated,
} from '../../shared/marketing/segment.ts';
import { createTemplate, editTemplate, TemplateDetails } from '../../shared/marketing/template-details.ts';
import { archive, create, edit, restore } from '../../shared/store/edit.ts';
import { serve } from '../serve.ts';

const segment = { may: 'segments:write', params: z.strictObject({ id: id('seg') }), answer: Segment.schema } as const;
const template = {
  may: 'templates:write',
  params: z.strictObject({ id: id('tpl') }),
  answer: MessageTemplate.schema,
} as const;

export const endpoints = [
  endpoint('POST /v1/segments', {
    summary: 'Create a segment',
    may: 'segments:write',
    body: SegmentDetails,
    status: 201,
    answer: Segment.schema,
    does: create(Segment, SegmentCreated),
  }),
  listOf('GET /v1/segments', {
    kind: Segment,
    summary: 'List segments',
    may: 'segments:read',
    all: by.state('segment', ['all']),
    filters: {},
  }),
  endpoint('GET /v1/segments/{id}', {
    ...segment,
    summary: 'Read a segment',
    may: 'segments:read',
    does: (crm, { id }) => crm.load(Segment, id),
  }),
  endpoint('PATCH /v1/segments/{id}', {
    ...segment,
    summary: 'Edit a segment; a rule is replaced as a whole',
    patch: SegmentDetails,
    refuses: ['record.wrongState'],
    does: edit({ kind: Segment, fields: SegmentDetails, event: SegmentUpdated, whole: ['rule'] }),
  }),
  endpoint('DELETE /v1/segments/{id}', {
    ...segment,
    summary: 'Archive a segment',
    does: archive(Segment, SegmentArchived),
  }),
  endpoint('POST /v1/segments/{id}/restore', {
    ...segment,
    summary: 'Bring a segment back',
    does: restore(Segment, SegmentRestored),
  }),
  endpoint('POST /v1/segments/{id}/preview', {
    ...segment,
    summary: 'Who is in a segment now, and who of them would get no mail, and why',
    may: 'segments:read',
    body: PreviewQuestion,
    answer: Preview,
    refuses: ['record.wrongState'],
    does: previewSegment,
  }),
  endpoint('POST /v1/segments/{id}/explain', {
    ...segment,
    summary: 'Why a contact is in a segment, or is not',
    may: 'segments:read',
    body: z.strictObject({ contactId: id('con') }),
    answer: Explanation,
    refuses: ['reference.unknown', 'record.wrongState'],
    does: explainSegment,
  }),
  endpoint('POST /v1/segments/{id}/refresh', {
    ...segment,
    summary: 'Find out who entered a segment and who left it: in the background, with an event each',
    status: 202,
    refuses: ['record.wrongState'],
    does: startRefresh,
  }),

  endpoint('POST /v1/templates', {
    summary: 'Create a template: HTML or MJML with Liquid',
    may: 'templates:write',
    body: TemplateDetails,
    status: 201,
    answer: MessageTemplate.schema,
    does: createTemplate,
  }),
  listOf('GET /v1/templates', {
    kind: MessageTemplate,
    summary: 'List templates',
    may: 'templates:read',
    all: by.state('template', ['all']),
    filters: {},
  }),
  endpoint('GET /v1/templates/{id}', {
    ...template,
    summary: 'Read a template',
    may: 'templates:read',
    does: (crm, { id }) => crm.load(MessageTemplate, id),
  }),
  explains('templates', MessageTemplate),
  endpoint('PATCH /v1/templates/{id}', {
    ...template,
    summary: 'Edit a template',
    patch: TemplateDetails,
    refuses: ['record.wrongState'],
    does: editTemplate,
  }),
  endpoint('DELETE /v1/templates/{id}', {
    ...template,
    summary: 'Archive a template',
    does: archive(MessageTemplate, TemplateArchived),
  }),
  endpoint('POST /v1/templates/{id}/restore', {
    ...template,
    summary: 'Bring a template back',
    does: restore(MessageTemplate, TemplateRestored),
  }),
  endpoint('POST /v1/templates/{id}/render', {
    ...template,
    summary: 'A template as a contact would read it',
    may: 'templates:read',
    body: RenderQuestion,
    answer: Rendered,
    refuses: ['reference.unknown', 'template.unrenderable'],
    does: renderTemplate,
  }),
];

export const handler = serve(endpoints);
