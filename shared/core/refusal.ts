/** Every fault that a caller can act on: its status and title. The codes are the contract; OpenAPI and the docs list them from here. */
export const faults = {
  'request.invalid': [400, 'The request is not valid'],
  'query.notIndexed': [400, 'No index serves this query'],
  'access.unauthenticated': [401, 'Who is asking?'],
  'access.forbidden': [403, 'This is not permitted'],
  'access.personNeeded': [403, 'Only a person may do this'],
  'record.notFound': [404, 'There is no such record'],
  'route.notFound': [404, 'There is no such address'],
  'route.methodNotAllowed': [405, 'The address does not know this method'],
  'record.wrongState': [409, 'The record is in another state'],
  'record.duplicate': [409, 'There is one already'],
  'record.busy': [409, 'Somebody else is changing the record'],
  'request.running': [409, 'The same request is still running'],
  'record.versionConflict': [412, 'The record has changed since you read it'],
  'record.tooLarge': [413, 'This is more than a record may hold'],
  'request.unsupportedMediaType': [415, 'The body must be JSON'],
  'idempotency.mismatch': [422, 'This Idempotency-Key belongs to another request'],
  'reference.unknown': [422, 'A reference leads nowhere'],
  'opportunity.stageUnknown': [422, 'The pipeline has no such stage'],
  'opportunity.fieldsMissing': [422, 'The stage asks for more'],
  'lead.conversionFixed': [409, 'The conversion can no longer be undone'],
  'quote.expired': [409, 'The quote has expired'],
  'quote.empty': [422, 'The quote has no lines'],
  'quote.approverIsSubmitter': [403, 'Nobody approves their own quote'],
  'currency.mismatch': [422, 'The currencies differ'],
  'order.exceedsOpen': [422, 'More than is still open'],
  'order.nothingToInvoice': [409, 'There is nothing to invoice'],
  'invoice.negative': [422, 'The lines come to less than nothing'],
  'invoice.nothingToCredit': [409, 'Everything has been credited'],
  'invoice.exceedsCreditable': [422, 'More than can be credited'],
  'payment.exceedsOpen': [422, 'More than is open'],
  'payment.exceedsReceived': [422, 'More than was received'],
  'payment.exceedsUnapplied': [422, 'More than is unapplied'],
  'case.windowClosed': [409, 'The case was closed too long ago'],
  'task.actionUnknown': [422, 'The task does not know this action'],
  'policy.unknown': [404, 'There is no such policy'],
  'journey.notEligible': [422, 'The contact may not be written to'],
  'template.unrenderable': [422, 'The template cannot be filled'],
  'link.expired': [410, 'This link is no longer valid'],
  'form.closed': [410, 'The form is closed'],
  'form.tooFast': [429, 'This was faster than a person'],
  'request.tooMany': [429, 'Too much at once'],
} as const satisfies Record<string, readonly [status: number, title: string]>;
export type Fault = keyof typeof faults;

/** One fault of a request: where (JSON pointer), which rule, in words. */
export interface FieldFault {
  pointer: string;
  code: string;
  detail: string;
}

/** A request that is understood and declined. Thrown by rules and by the store, answered as problem+json by `shared/http`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: Fault;
  readonly more: { errors?: FieldFault[]; existingId?: string; retryAfter?: number; allow?: string };
  constructor(code: Fault, detail: string, more: Refusal['more'] = {}) {
    super(detail);
    this.code = code;
    this.more = more;
  }
}

/** A refusal that points at one field of the body. */
export const refuseField = (code: Fault, pointer: string, detail: string): Refusal =>
  new Refusal(code, detail, { errors: [{ pointer, code, detail }] });
