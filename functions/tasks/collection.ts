import { remindInvoice } from '../../shared/commerce/collect-invoice.ts';
import { acts } from '../../shared/platform/acts.ts';

export const handler = acts({ remind: remindInvoice });
