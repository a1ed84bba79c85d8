import { isCollected } from '../../commerce/invoice.ts';
import { type By, byKey, counted, counting, daysBetween, type Report, time } from '../report.ts';
import { invoices } from '../subjects.ts';

/** By how long they are past due today: what is not due yet is in the first. Read, not stored: so they do not go stale overnight. */
const byAge: By = {
  dimension: 'time',
  row: ({ on }, { today }) => {
    const late = daysBetween(on, today);
    return late <= 30 ? '0-30' : late <= 60 ? '31-60' : late <= 90 ? '61-90' : '90+';
  },
  rows: () => ['0-30', '31-60', '61-90', '90+'],
};

/** What customers owe now, by the day it falls due. */
export const receivables: Report = {
  name: 'receivables',
  about: 'What is open of issued invoices now, by days past due; a range is of due dates',
  revision: 1,
  by: { bucket: byAge, account: byKey('account') },
  counts: [
    counting(invoices, ({ record: { status, dueOn, issuedOn, totals, accountId, currency } }) => {
      const on = dueOn ?? issuedOn;
      if (!isCollected(status) || !on) return [];
      return counted(on, { ...time, account: accountId }, { invoices: 1, open: totals.open.amount }, currency);
    }),
  ],
  // An invoice is counted beside what is open of it: in its currency.
  money: ['open', 'invoices'],
  amounts: ['open'],
  headline: 'open',
  row: ({ invoices: count = 0, open = 0 }) => ({ count, open }),
};
