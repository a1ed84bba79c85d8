import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Assignment, assignCase, Escalation, escalateCase } from '../../shared/service/assign-case.ts';
import { Case, CaseDetails, CaseRestored, CaseStatus, numberKey, queueKey } from '../../shared/service/case.ts';
import { archiveCase, editCase } from '../../shared/service/edit-case.ts';
import {
  letCaseWait,
  Rejection,
  Resolution,
  rejectCase,
  reopenCase,
  resolveCase,
  Waiting,
} from '../../shared/service/move-case.ts';
import { NewCase } from '../../shared/service/new-case.ts';
import { openCase } from '../../shared/service/open-case.ts';
import { Reply, replyToCase } from '../../shared/service/reply-to-case.ts';
import { restore } from '../../shared/store/edit.ts';
import { serve } from '../serve.ts';

const one = { may: 'cases:write', params: z.strictObject({ id: id('cas') }), answer: Case.schema } as const;
const statuses = CaseStatus.options;

export const endpoints = [
  endpoint('POST /v1/cases', {
    summary: 'Open a case: its clocks run from now on',
    may: 'cases:write',
    body: NewCase,
    status: 201,
    answer: Case.schema,
    refuses: ['reference.unknown'],
    does: openCase,
  }),
  listOf('GET /v1/cases', {
    summary: 'List cases; those of a queue as long as they are not closed',
    kind: Case,
    may: 'cases:read',
    statuses,
    alsoWith: ['accountId', 'ownerId'],
    all: by.state('case', statuses),
    filters: {
      accountId: by.account('cas'),
      ownerId: by.owner('case', statuses),
      queue: by.key('queue#', queueKey),
      number: by.key('number#case#', numberKey),
    },
  }),
  endpoint('GET /v1/cases/{id}', {
    ...one,
    summary: 'Read a case',
    may: 'cases:read',
    does: (crm, { id }) => crm.load(Case, id),
  }),
  explains('cases', Case),
  endpoint('PATCH /v1/cases/{id}', {
    ...one,
    summary: 'Edit a case: another priority has other targets, counted from the start',
    patch: CaseDetails,
    refuses: ['reference.unknown'],
    does: editCase,
  }),
  endpoint('DELETE /v1/cases/{id}', {
    ...one,
    summary: 'Archive a case that is closed or rejected',
    refuses: ['record.wrongState'],
    does: archiveCase,
  }),
  endpoint('POST /v1/cases/{id}/restore', { ...one, summary: 'Bring a case back', does: restore(Case, CaseRestored) }),
  endpoint('POST /v1/cases/{id}/reply', {
    ...one,
    summary: 'Answer the customer, or note something for us; the first public answer is the first response',
    body: Reply,
    refuses: ['record.wrongState'],
    does: replyToCase,
  }),
  endpoint('POST /v1/cases/{id}/wait', {
    ...one,
    summary: "It is the customer's turn, or somebody else's: the resolution clock stands still",
    body: Waiting,
    refuses: ['record.wrongState'],
    does: letCaseWait,
  }),
  endpoint('POST /v1/cases/{id}/resolve', {
    ...one,
    summary: 'Resolve a case: the customer is told, and asked later how it went',
    body: Resolution,
    refuses: ['record.wrongState'],
    does: resolveCase,
  }),
  endpoint('POST /v1/cases/{id}/reopen', {
    ...one,
    summary: 'Reopen a case that was resolved not too long ago',
    refuses: ['record.wrongState', 'case.windowClosed'],
    does: reopenCase,
  }),
  endpoint('POST /v1/cases/{id}/assign', {
    ...one,
    summary: 'Give a case to a user or to a queue',
    body: Assignment,
    refuses: ['record.wrongState', 'reference.unknown'],
    does: assignCase,
  }),
  endpoint('POST /v1/cases/{id}/escalate', {
    ...one,
    summary: "Bring a case before its owner's manager",
    body: Escalation,
    refuses: ['record.wrongState'],
    does: escalateCase,
  }),
  endpoint('POST /v1/cases/{id}/reject', {
    ...one,
    summary: 'Turn a case away',
    body: Rejection,
    refuses: ['record.wrongState'],
    does: rejectCase,
  }),
];

export const handler = serve(endpoints);
