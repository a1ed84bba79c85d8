import { askAboutPaymentEvent } from '../commerce/apply-payment-event.ts';
import { markInvoiceOverdue } from '../commerce/collect-invoice.ts';
import { invoiceOrder } from '../commerce/invoice-order.ts';
import { expireQuote } from '../commerce/send-quote.ts';
import { sendDueReport } from '../insights/schedule-reports.ts';
import { markTaskOverdue } from '../platform/task-commands.ts';
import type { Command } from '../store/command.ts';
import { type Range, ranges } from '../store/places.ts';
import type { Store } from '../store/store.ts';

/** What falls due without a process: where it stands by its due instant, and the command that notes it (which takes it away from there). */
const queues: readonly { range: Range; command: Command<{ id: string }, unknown> }[] = [
  { range: ranges.inState('task', 'due'), command: markTaskOverdue },
  { range: ranges.workOf('sweep', 'quote', 'due'), command: expireQuote },
  { range: ranges.workOf('sweep', 'order', 'due'), command: invoiceOrder },
  { range: ranges.workOf('sweep', 'invoice', 'due'), command: markInvoiceOverdue },
  { range: ranges.workOf('sweep', 'paymentEvent', 'due'), command: askAboutPaymentEvent },
  { range: ranges.workOf('sweep', 'reportSchedule', 'due'), command: sendDueReport },
];

const pageSize = 100;

/** What is due now, oldest last: each once, however many there are. */
export async function* overdue(
  store: Store,
  now: Date,
): AsyncGenerator<{ id: string; command: Command<{ id: string }, unknown> }> {
  for (const { range, command } of queues) {
    const sk = range.index ? `${range.index}sk` : 'sk';
    for (let before = now.toISOString(); ; ) {
      const due = await store.query(range, pageSize, before);
      for (const item of due) yield { id: String(item['sk']), command };
      if (due.length < pageSize) break;
      before = String(due.at(-1)?.[sk]).slice(range.prefix.length);
    }
  }
}
