import * as z from 'zod';
import { ignorePaymentEvent, retryPaymentEvent } from '../../shared/commerce/apply-payment-event.ts';
import { WriteOff, writeOffInvoice } from '../../shared/commerce/collect-invoice.ts';
import { CreditRequest, creditInvoice } from '../../shared/commerce/credit-invoice.ts';
import { CreditNote, creditNotesOf } from '../../shared/commerce/credit-note.ts';
import { documentKey } from '../../shared/commerce/documents.ts';
import { archiveInvoice, draftInvoice, editInvoice } from '../../shared/commerce/draft-invoice.ts';
import {
  Dispute,
  disputeInvoice,
  PaymentPromise,
  promisePayment,
  Settlement,
  settleDispute,
} from '../../shared/commerce/hold-invoice.ts';
import {
  EditableInvoice,
  Invoice,
  InvoiceDetails,
  InvoiceRestored,
  InvoiceStatus,
  invoiceNumberKey,
  invoicesOfOrder,
} from '../../shared/commerce/invoice.ts';
import { issueInvoice } from '../../shared/commerce/issue-invoice.ts';
import {
  Payment,
  PaymentDetails,
  PaymentStatus,
  paymentReferenceKey,
  paymentsOf,
  unappliedWork,
} from '../../shared/commerce/payment.ts';
import { PaymentEvent, PaymentEventStatus } from '../../shared/commerce/payment-event.ts';
import { AccountPayment, receivePayment } from '../../shared/commerce/receive-payment.ts';
import { allocatePayment, recordPayment } from '../../shared/commerce/record-payment.ts';
import { refundPayment } from '../../shared/commerce/refund-payment.ts';
import { id } from '../../shared/core/ids.ts';
import { PositiveMoney } from '../../shared/core/money.ts';
import { Prose } from '../../shared/core/text.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { documentUrl } from '../../shared/store/document-url.ts';
import { restore } from '../../shared/store/edit.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

const one = { may: 'invoices:write', params: z.strictObject({ id: id('inv') }), answer: Invoice.schema } as const;
const payment = { may: 'payments:write', params: z.strictObject({ id: id('pay') }), answer: Payment.schema } as const;
const told = { may: 'payments:write', params: z.strictObject({ id: id('pev') }), answer: PaymentEvent.schema } as const;
const note = { may: 'invoices:read', params: z.strictObject({ id: id('crn') }), answer: CreditNote.schema } as const;
const InvoiceWithCreated = Invoice.schema.and(z.object({ createdId: z.string() }));
const Located = z.object({ url: z.string() });
const statuses = InvoiceStatus.options;
const leads = {
  status: 302,
  answer: Located,
  location: ({ url }: { url: string }) => url,
  refuses: ['record.busy'],
} as const;
const pdfOf = async (recordId: string) => ({
  url: await documentUrl(given('DOCUMENTS_BUCKET'), documentKey(recordId)),
});

export const endpoints = [
  endpoint('POST /v1/invoices', {
    summary: 'Draft an invoice: of an order, or of lines of its own',
    may: 'invoices:write',
    body: InvoiceDetails,
    status: 201,
    answer: Invoice.schema,
    refuses: ['reference.unknown', 'currency.mismatch', 'order.nothingToInvoice', 'invoice.negative'],
    does: draftInvoice,
  }),
  listOf('GET /v1/invoices', {
    summary: 'List invoices',
    kind: Invoice,
    may: 'invoices:read',
    statuses,
    alsoWith: ['accountId'],
    all: by.state('invoice', statuses),
    filters: {
      accountId: by.account('inv'),
      orderId: by.key('invoice#', invoicesOfOrder),
      number: by.key('number#invoice#', invoiceNumberKey),
    },
  }),
  endpoint('GET /v1/invoices/{id}', {
    ...one,
    may: 'invoices:read',
    summary: 'Read an invoice',
    does: (crm, { id }) => crm.load(Invoice, id),
  }),
  explains('invoices', Invoice),
  endpoint('PATCH /v1/invoices/{id}', {
    ...one,
    summary: 'Edit a draft',
    patch: EditableInvoice,
    refuses: ['record.wrongState', 'reference.unknown', 'currency.mismatch', 'order.exceedsOpen', 'invoice.negative'],
    does: editInvoice,
  }),
  endpoint('DELETE /v1/invoices/{id}', {
    ...one,
    summary: 'Archive a draft',
    refuses: ['record.wrongState'],
    does: archiveInvoice,
  }),
  endpoint('POST /v1/invoices/{id}/restore', {
    ...one,
    summary: 'Bring a draft back',
    does: restore(Invoice, InvoiceRestored),
  }),
  endpoint('POST /v1/invoices/{id}/issue', {
    ...one,
    summary: 'Issue a draft: it gets its number',
    refuses: ['record.wrongState', 'order.exceedsOpen'],
    does: issueInvoice,
  }),
  endpoint('POST /v1/invoices/{id}/payments', {
    ...one,
    may: 'payments:write',
    summary: 'Note a payment',
    body: PaymentDetails,
    status: 201,
    answer: InvoiceWithCreated,
    refuses: ['record.wrongState', 'record.duplicate', 'currency.mismatch'],
    does: recordPayment,
  }),
  endpoint('POST /v1/invoices/{id}/credit-notes', {
    ...one,
    summary: 'Credit by lines, by amount or in full',
    body: CreditRequest,
    status: 201,
    answer: InvoiceWithCreated,
    refuses: [
      'record.wrongState',
      'invoice.nothingToCredit',
      'invoice.exceedsCreditable',
      'currency.mismatch',
      'reference.unknown',
    ],
    does: creditInvoice,
  }),
  endpoint('POST /v1/invoices/{id}/write-off', {
    ...one,
    summary: 'Write off what is open',
    body: WriteOff,
    refuses: ['record.wrongState'],
    does: writeOffInvoice,
  }),
  endpoint('POST /v1/invoices/{id}/dispute', {
    ...one,
    summary: 'The customer contests it: nobody is reminded, and a person gets it',
    body: Dispute,
    refuses: ['record.wrongState'],
    does: disputeInvoice,
  }),
  endpoint('POST /v1/invoices/{id}/settle-dispute', {
    ...one,
    summary: 'The dispute is over and the invoice stands: reminding goes on',
    body: Settlement,
    refuses: ['record.wrongState'],
    does: settleDispute,
  }),
  endpoint('POST /v1/invoices/{id}/promise', {
    ...one,
    summary: 'The customer says when they pay: nobody is reminded before',
    body: PaymentPromise,
    refuses: ['record.wrongState'],
    does: promisePayment,
  }),
  endpoint('GET /v1/invoices/{id}/pdf', {
    ...one,
    ...leads,
    may: 'invoices:read',
    refuses: ['record.busy'],
    summary: 'Where its PDF is, for a quarter of an hour',
    does: async (crm, { id }) => pdfOf((await crm.load(Invoice, id)).id),
  }),

  endpoint('POST /v1/payments', {
    summary: 'Note a payment that is not allocated yet',
    may: 'payments:write',
    body: PaymentDetails.extend(AccountPayment.shape),
    status: 201,
    answer: Payment.schema,
    refuses: ['record.duplicate', 'reference.unknown'],
    does: receivePayment,
  }),
  listOf('GET /v1/payments', {
    summary: 'List payments',
    kind: Payment,
    may: 'payments:read',
    all: by.state('payment', PaymentStatus.options),
    filters: {
      invoiceId: by.key('payment#', paymentsOf),
      reference: by.key('payref#', paymentReferenceKey),
      unapplied: by.work(unappliedWork, 'payment', 'unapplied'),
    },
  }),
  endpoint('GET /v1/payments/{id}', {
    ...payment,
    may: 'payments:read',
    summary: 'Read a payment',
    does: (crm, { id }) => crm.load(Payment, id),
  }),
  explains('payments', Payment),
  endpoint('POST /v1/payments/{id}/allocate', {
    ...payment,
    summary: 'Allocate what is unapplied',
    body: z.strictObject({ invoiceId: id('inv'), amount: PositiveMoney.optional() }),
    refuses: [
      'payment.exceedsUnapplied',
      'payment.exceedsOpen',
      'currency.mismatch',
      'reference.unknown',
      'record.wrongState',
    ],
    does: allocatePayment,
  }),
  endpoint('POST /v1/payments/{id}/refund', {
    ...payment,
    summary: 'Give money back',
    body: z.strictObject({ amount: PositiveMoney.optional(), reason: Prose.max(500).optional() }),
    refuses: ['payment.exceedsReceived', 'currency.mismatch', 'record.wrongState'],
    does: refundPayment,
  }),

  listOf('GET /v1/payment-events', {
    summary: 'List what payment providers told us',
    kind: PaymentEvent,
    may: 'payments:read',
    statuses: PaymentEventStatus.options,
    all: by.state('paymentEvent', PaymentEventStatus.options),
    filters: {},
  }),
  endpoint('GET /v1/payment-events/{id}', {
    ...told,
    may: 'payments:read',
    summary: 'Read what a payment provider told us, and what came of it',
    does: (crm, { id }) => crm.load(PaymentEvent, id),
  }),
  explains('payment-events', PaymentEvent, 'payments:read'),
  endpoint('POST /v1/payment-events/{id}/retry', {
    ...told,
    summary: 'Look again whether a parked event can be applied',
    refuses: ['record.wrongState'],
    does: retryPaymentEvent,
  }),
  endpoint('POST /v1/payment-events/{id}/ignore', {
    ...told,
    summary: 'Let a parked event be',
    body: z.strictObject({ note: Prose.trim().min(1).max(500).optional() }),
    refuses: ['record.wrongState'],
    does: ignorePaymentEvent,
  }),

  listOf('GET /v1/credit-notes', {
    summary: 'List credit notes',
    kind: CreditNote,
    may: 'invoices:read',
    all: by.state('creditNote', ['issued']),
    filters: { invoiceId: by.key('creditNote#', creditNotesOf) },
  }),
  endpoint('GET /v1/credit-notes/{id}', {
    ...note,
    summary: 'Read a credit note',
    does: (crm, { id }) => crm.load(CreditNote, id),
  }),
  explains('credit-notes', CreditNote, 'invoices:read'),
  endpoint('GET /v1/credit-notes/{id}/pdf', {
    ...note,
    ...leads,
    refuses: ['record.busy'],
    summary: 'Where its PDF is, for a quarter of an hour',
    does: async (crm, { id }) => pdfOf((await crm.load(CreditNote, id)).id),
  }),
];

export const handler = serve(endpoints);
