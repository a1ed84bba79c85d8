import * as z from 'zod';
import { Acceptance, Accepted, acceptQuote } from '../../shared/commerce/accept-quote.ts';
import { approveQuote, Rejection, recallQuote, rejectQuote } from '../../shared/commerce/decide-approval.ts';
import { draftQuote, editQuote, reviseQuote } from '../../shared/commerce/draft-quote.ts';
import {
  EditableQuote,
  Quote,
  QuoteArchived,
  QuoteDetails,
  QuoteRestored,
  QuoteStatus,
  quoteNumberKey,
} from '../../shared/commerce/quote.ts';
import { Decline, declineQuote, sendQuote } from '../../shared/commerce/send-quote.ts';
import { submitQuote } from '../../shared/commerce/submit-quote.ts';
import { id } from '../../shared/core/ids.ts';
import { Refusal } from '../../shared/core/refusal.ts';
import { Prose } from '../../shared/core/text.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { archive, restore } from '../../shared/store/edit.ts';
import { serve } from '../serve.ts';

const one = { may: 'quotes:write', params: z.strictObject({ id: id('quo') }), answer: Quote.schema } as const;
const statuses = QuoteStatus.options;
const onlyDrafts = (_: unknown, { status }: Quote) => {
  if (status !== 'draft') throw new Refusal('record.wrongState', `A quote that is ${status} stays`);
};

export const endpoints = [
  endpoint('POST /v1/quotes', {
    summary: 'Draft a quote for an opportunity',
    may: 'quotes:write',
    body: QuoteDetails,
    status: 201,
    answer: Quote.schema,
    refuses: ['reference.unknown', 'currency.mismatch', 'record.wrongState'],
    does: draftQuote,
  }),
  listOf('GET /v1/quotes', {
    summary: 'List quotes',
    kind: Quote,
    may: 'quotes:read',
    statuses,
    all: by.state('quote', statuses),
    filters: { opportunityId: by.thread('quote'), number: by.key('number#quote#', quoteNumberKey) },
  }),
  endpoint('GET /v1/quotes/{id}', {
    ...one,
    may: 'quotes:read',
    summary: 'Read a quote',
    does: (crm, { id }) => crm.load(Quote, id),
  }),
  explains('quotes', Quote),
  endpoint('PATCH /v1/quotes/{id}', {
    ...one,
    summary: 'Edit a draft',
    patch: EditableQuote,
    refuses: ['record.wrongState', 'reference.unknown', 'currency.mismatch'],
    does: editQuote,
  }),
  endpoint('DELETE /v1/quotes/{id}', {
    ...one,
    summary: 'Archive a draft',
    refuses: ['record.wrongState'],
    does: archive(Quote, QuoteArchived, onlyDrafts),
  }),
  endpoint('POST /v1/quotes/{id}/restore', {
    ...one,
    summary: 'Bring a draft back',
    does: restore(Quote, QuoteRestored),
  }),
  endpoint('POST /v1/quotes/{id}/submit', {
    ...one,
    summary: 'Submit a draft: approved at once, or somebody is asked',
    refuses: ['record.wrongState', 'quote.empty'],
    does: submitQuote,
  }),
  endpoint('POST /v1/quotes/{id}/recall', {
    ...one,
    summary: 'Take a submitted quote back',
    refuses: ['record.wrongState'],
    does: recallQuote,
  }),
  endpoint('POST /v1/quotes/{id}/approve', {
    ...one,
    may: 'quotes:approve',
    person: true,
    summary: 'Approve a quote',
    body: z.strictObject({ note: Prose.max(2_000).optional() }),
    refuses: ['record.wrongState', 'quote.approverIsSubmitter'],
    does: approveQuote,
  }),
  endpoint('POST /v1/quotes/{id}/reject', {
    ...one,
    may: 'quotes:approve',
    person: true,
    summary: 'Send a quote back to its author',
    body: Rejection,
    refuses: ['record.wrongState'],
    does: rejectQuote,
  }),
  endpoint('POST /v1/quotes/{id}/send', {
    ...one,
    summary: 'Send an approved quote to the customer',
    refuses: ['record.wrongState', 'quote.expired'],
    does: sendQuote,
  }),
  endpoint('POST /v1/quotes/{id}/accept', {
    ...one,
    summary: 'Note that the customer accepts: makes the order',
    body: Acceptance,
    answer: Accepted,
    refuses: ['record.wrongState', 'quote.expired'],
    does: acceptQuote,
  }),
  endpoint('POST /v1/quotes/{id}/decline', {
    ...one,
    summary: 'Note that the customer declines',
    body: Decline,
    refuses: ['record.wrongState'],
    does: declineQuote,
  }),
  endpoint('POST /v1/quotes/{id}/revise', {
    ...one,
    summary: 'A new draft in its place',
    status: 201,
    refuses: ['record.wrongState'],
    does: reviseQuote,
  }),
];

export const handler = serve(endpoints);
