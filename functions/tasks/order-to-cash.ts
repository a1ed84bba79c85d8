import { chaseOrder } from '../../shared/commerce/end-order.ts';
import { invoiceOrder } from '../../shared/commerce/invoice-order.ts';
import { acts } from '../../shared/platform/acts.ts';

export const handler = acts({ invoice: invoiceOrder, chase: chaseOrder });
