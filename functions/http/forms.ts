import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Prose } from '../../shared/core/text.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Form, FormArchived, FormDetails, FormRestored, FormStatus } from '../../shared/marketing/form.ts';
import { createForm, editForm, moveFormBy, NewForm } from '../../shared/marketing/form-commands.ts';
import { rawKey, Submission, SubmissionStatus } from '../../shared/marketing/submission.ts';
import { discardSubmission, retrySubmission } from '../../shared/marketing/submission-commands.ts';
import { documentUrl } from '../../shared/store/document-url.ts';
import { archive, restore } from '../../shared/store/edit.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

const one = { may: 'forms:write', params: z.strictObject({ id: id('frm') }), answer: Form.schema } as const;
const sent = { may: 'forms:write', params: z.strictObject({ id: id('sub') }), answer: Submission.schema } as const;
const Note = z.strictObject({ note: Prose.max(2_000).optional() });
const statuses = FormStatus.options;
const submissionStatuses = SubmissionStatus.options;

export const endpoints = [
  endpoint('POST /v1/forms', {
    summary: 'Create a form: live at once, or a draft',
    may: 'forms:write',
    body: NewForm,
    status: 201,
    answer: Form.schema,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: createForm,
  }),
  listOf('GET /v1/forms', {
    summary: 'List forms',
    kind: Form,
    may: 'forms:read',
    statuses,
    all: by.state('form', statuses),
    filters: {},
  }),
  endpoint('GET /v1/forms/{id}', {
    ...one,
    summary: 'Read a form',
    may: 'forms:read',
    does: (crm, { id }) => crm.load(Form, id),
  }),
  explains('forms', Form),
  endpoint('PATCH /v1/forms/{id}', {
    ...one,
    summary: 'Edit a form; a consent text that changes is another version of it',
    patch: FormDetails,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: editForm,
  }),
  endpoint('DELETE /v1/forms/{id}', { ...one, summary: 'Archive a form', does: archive(Form, FormArchived) }),
  endpoint('POST /v1/forms/{id}/restore', {
    ...one,
    summary: 'Bring a form back',
    refuses: ['record.duplicate'],
    does: restore(Form, FormRestored),
  }),
  endpoint('POST /v1/forms/{id}/publish', {
    ...one,
    summary: 'Let people fill a form in',
    refuses: ['record.wrongState'],
    does: moveFormBy('publish'),
  }),
  endpoint('POST /v1/forms/{id}/close', {
    ...one,
    summary: 'Take nothing more by a form',
    refuses: ['record.wrongState'],
    does: moveFormBy('close'),
  }),

  listOf('GET /v1/submissions', {
    summary: 'List what was sent to forms',
    kind: Submission,
    may: 'forms:read',
    statuses: submissionStatuses,
    all: by.state('submission', submissionStatuses),
    filters: {},
  }),
  endpoint('GET /v1/submissions/{id}', {
    ...sent,
    summary: 'Read what became of a submission',
    may: 'forms:read',
    does: (crm, { id }) => crm.load(Submission, id),
  }),
  explains('submissions', Submission, 'forms:read'),
  endpoint('GET /v1/submissions/{id}/raw', {
    ...sent,
    summary: 'Where its words are, exactly as they came, for a quarter of an hour; they are kept for 30 days',
    may: 'forms:read',
    status: 302,
    answer: z.object({ url: z.string() }),
    location: ({ url }) => url,
    refuses: ['record.busy'],
    does: async (crm, { id }) => ({
      url: await documentUrl(given('INTAKE_BUCKET'), rawKey((await crm.load(Submission, id)).id)),
    }),
  }),
  endpoint('POST /v1/submissions/{id}/retry', {
    ...sent,
    summary: 'Read a submission again that was parked or held to be spam',
    body: Note,
    refuses: ['record.wrongState'],
    does: retrySubmission,
  }),
  endpoint('POST /v1/submissions/{id}/discard', {
    ...sent,
    summary: 'Make nothing of a submission that was parked or held to be spam',
    body: Note,
    refuses: ['record.wrongState'],
    does: discardSubmission,
  }),
];

export const handler = serve(endpoints);
