import { writeOffInvoice } from '../commerce/collect-invoice.ts';
import { approveQuote, rejectQuote } from '../commerce/decide-approval.ts';
import { cancelCampaign, resumeCampaign } from '../marketing/campaign-steps.ts';
import { discardSubmission, retrySubmission } from '../marketing/process-submission.ts';
import { convertLead } from '../sales/convert-lead.ts';
import { acceptLead, disqualifyLead, nurtureLead, qualifyLead } from '../sales/move-lead.ts';
import { resolveByTask } from '../service/move-case.ts';
import { replyByTask } from '../service/reply-to-case.ts';
import type { TaskActions } from './task-commands.ts';

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
  inv: { writeOff: writeOffInvoice },
  cmp: { resume: resumeCampaign, cancel: cancelCampaign },
  sub: { retry: retrySubmission, discard: discardSubmission },
  cas: { reply: replyByTask, resolve: resolveByTask },
};
