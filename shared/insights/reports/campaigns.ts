import { dateIn } from '../../core/duration.ts';
import { byKey, byMonth, counted, counting, type Report, ratio, time } from '../report.ts';
import { campaigns as subject } from '../subjects.ts';

/** What campaigns brought, by the day they began: mails, what people did with them, and what they came to against what they cost. */
export const campaigns: Report = {
  name: 'campaigns',
  about: 'Campaigns by the day they began: mails sent, human clicks, answers, leads, revenue against cost',
  revision: 1,
  by: { campaign: byKey('campaign'), channel: byKey('channel'), month: byMonth },
  counts: [
    counting(subject, ({ record, mails, came }, timeZone) => {
      const { id, startedAt, cost } = record;
      if (!startedAt) return [];
      const on = dateIn(timeZone, new Date(startedAt));
      const keys = { ...time, campaign: id, channel: 'email' };
      const { sent, replied, clicked } = mails;
      const currencies = new Set([...Object.keys(came.revenue), ...(cost ? [cost.currency] : [])]);
      return [
        ...counted(on, keys, { sent, clicked: clicked.human, replied, leads: came.leads }),
        ...[...currencies].flatMap((currency) => {
          const spent = cost?.currency === currency ? cost.amount : 0;
          return counted(on, keys, { revenue: came.revenue[currency] ?? 0, cost: spent }, currency);
        }),
      ];
    }),
  ],
  money: ['revenue', 'cost'],
  amounts: ['revenue', 'cost'],
  rates: ['roi'],
  row: ({ sent = 0, clicked = 0, replied = 0, leads = 0, revenue = 0, cost = 0 }) => ({
    sent,
    clicked,
    replied,
    leads,
    revenue,
    cost,
    roi: ratio(revenue - cost, cost),
  }),
};
