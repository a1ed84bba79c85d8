import { escalateApproval } from '../../shared/commerce/decide-approval.ts';
import { acts } from '../../shared/platform/acts.ts';

export const handler = acts({ escalate: escalateApproval });
