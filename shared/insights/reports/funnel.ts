import { dateIn } from '../../core/duration.ts';
import { byDay, byKey, byMonth, byUser, byWeek, counted, counting, type Report, time } from '../report.ts';
import { leads } from '../subjects.ts';

const steps = ['captured', 'qualified', 'converted', 'won', 'invoiced', 'paid'] as const;

/** How far the leads have come that were captured in a time: each counts in every step that it has reached and stands by. */
export const funnel: Report = {
  name: 'funnel',
  about: 'Leads by the day they were captured, and how far they have come',
  revision: 1,
  by: {
    source: byKey('source'),
    campaign: byKey('campaign'),
    owner: byUser('owner'),
    day: byDay,
    week: byWeek,
    month: byMonth,
  },
  counts: [
    counting(leads, ({ record, sale, invoices }, timeZone) => {
      const { createdAt, source, campaignId, ownerId, status } = record;
      const converted = status === 'converted';
      const issued = invoices.filter((invoice) => invoice.issuedOn && !invoice.archivedAt);
      const won = converted && sale?.status === 'won' && !sale.archivedAt;
      const figures = {
        captured: 1,
        qualified: Number(converted || status === 'qualified'),
        converted: Number(converted),
        won: Number(won),
        invoiced: Number(won && issued.length > 0),
        paid: Number(won && issued.length > 0 && issued.every((invoice) => invoice.status === 'paid')),
      };
      const keys = { ...time, source, campaign: campaignId, owner: ownerId };
      return counted(dateIn(timeZone, new Date(createdAt)), keys, figures);
    }),
  ],
  money: [],
  row: (sums) => Object.fromEntries(steps.map((step) => [step, sums[step] ?? 0])),
};
