import { add, least, type Money, subtract } from '../core/money.ts';
import { type Invoice, type InvoiceStatus, type InvoiceSums, isCollected } from './invoice.ts';
import type { InvoiceTotals } from './invoice-totals.ts';

/** The sums of an invoice of which nothing has been paid yet. */
export const unpaid = ({ net, tax, gross }: InvoiceTotals): InvoiceSums => {
  const nothing = { ...gross, amount: 0 };
  return { net, tax, gross, paid: nothing, credited: nothing, writtenOff: nothing, open: gross };
};

/** Some of what is open is paid. The caller sees to it that it is no more than that. */
export const paidOf = (sums: InvoiceSums, amount: Money): InvoiceSums => ({
  ...sums,
  paid: add(sums.paid, amount),
  open: subtract(sums.open, amount),
});

/** Some of what was paid is taken back, and is open again. */
export const takenBackOf = (sums: InvoiceSums, amount: Money): InvoiceSums => ({
  ...sums,
  paid: subtract(sums.paid, amount),
  open: add(sums.open, amount),
});

/**
 * Some of the gross is credited: first what is open, then what was paid (`released`: the customer has it to their credit again), last
 * what was written off.
 */
export const creditedOf = (sums: InvoiceSums, gross: Money): { sums: InvoiceSums; released: Money } => {
  const fromOpen = least(gross, sums.open);
  const released = least(subtract(gross, fromOpen), sums.paid);
  const fromWrittenOff = subtract(subtract(gross, fromOpen), released);
  return {
    released,
    sums: {
      ...sums,
      paid: subtract(sums.paid, released),
      credited: add(sums.credited, gross),
      writtenOff: subtract(sums.writtenOff, fromWrittenOff),
      open: subtract(sums.open, fromOpen),
    },
  };
};

/** Nobody expects what is open any more. */
export const writtenOffOf = (sums: InvoiceSums): InvoiceSums => ({
  ...sums,
  writtenOff: add(sums.writtenOff, sums.open),
  open: { ...sums.open, amount: 0 },
});

/** The state of an issued invoice is what became of its gross. */
export const statusOf = ({ gross, paid, credited, writtenOff, open }: InvoiceSums): InvoiceStatus => {
  if (open.amount > 0) return paid.amount > 0 ? 'partlyPaid' : 'issued';
  if (writtenOff.amount > 0) return 'writtenOff';
  return credited.amount > 0 && credited.amount === gross.amount ? 'credited' : 'paid';
};

/** Nothing is in the way of reminding any more. */
export const unhindered = {
  disputed: false,
  dispute: undefined,
  promisedOn: undefined,
} as const satisfies Partial<Invoice>;

/** What changes of an invoice with its sums: its state and, if nothing is open any more, what dunning, dispute or promise there was. */
export const standing = (totals: InvoiceSums): Partial<Invoice> => {
  const status = statusOf(totals);
  if (isCollected(status)) return { totals, status };
  return { totals, status, ...unhindered, nextStepAt: undefined, openTaskId: undefined };
};
