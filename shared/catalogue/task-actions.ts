import { ignorePaymentEvent, retryPaymentEvent } from '../commerce/apply-payment-event.ts';
import { writeOffInvoice } from '../commerce/collect-invoice.ts';
import { approveQuote, rejectQuote } from '../commerce/decide-approval.ts';
import { disputeInvoice, promiseByTask, settleDispute } from '../commerce/hold-invoice.ts';
import { allocateByTask } from '../commerce/record-payment.ts';
import { refundUnapplied } from '../commerce/refund-payment.ts';
import { cancelCampaign, resumeCampaign } from '../marketing/campaign-steps.ts';
import { discardSubmission, retrySubmission } from '../marketing/submission-commands.ts';
import type { TaskActions } from '../platform/task-commands.ts';
import { convertLead } from '../sales/convert-lead.ts';
import { acceptLead, disqualifyLead, nurtureLead, qualifyLead } from '../sales/move-lead.ts';
import { resolveByTask } from '../service/move-case.ts';
import { replyByTask } from '../service/reply-to-case.ts';
import { captureLeadOfMail, ignoreMail, openCaseOfMail } from '../service/sort-mail.ts';

/** What the actions of tasks do: the moves of the records they are about. An action that is not here only closes its task. */
export const taskActions: TaskActions = {
  lea: {
    accept: acceptLead,
    qualify: qualifyLead,
    nurture: nurtureLead,
    disqualify: disqualifyLead,
    convert: convertLead,
  },
  quo: { approve: approveQuote, reject: rejectQuote },
  cmp: { resume: resumeCampaign, cancel: cancelCampaign },
  sub: { retry: retrySubmission, discard: discardSubmission },
  inv: { promise: promiseByTask, dispute: disputeInvoice, settleDispute, writeOff: writeOffInvoice },
  pay: { allocate: allocateByTask, refund: refundUnapplied },
  pev: { retry: retryPaymentEvent, ignore: ignorePaymentEvent },
  cas: { reply: replyByTask, resolve: resolveByTask },
  inm: { openCase: openCaseOfMail, captureLead: captureLeadOfMail, ignore: ignoreMail },
};
