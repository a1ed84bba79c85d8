import {
  byKey,
  byMonth,
  byQuarter,
  byTeam,
  byUser,
  counted,
  counting,
  daysBetween,
  type Report,
  ratio,
  rounded,
  time,
} from '../report.ts';
import { opportunities } from '../subjects.ts';

/** What was won and lost, by the day it closed: imported history by its own dates. */
export const sales: Report = {
  name: 'sales',
  about: 'Won and lost opportunities by the day they closed',
  revision: 1,
  by: {
    month: byMonth,
    quarter: byQuarter,
    owner: byUser('owner'),
    team: byTeam('owner'),
    product: byKey('product'),
    industry: byKey('industry'),
    country: byKey('country'),
  },
  counts: [
    counting(
      opportunities,
      ({ record: { status, amount, openedOn, closeOn, closedOn, ownerId, products }, account }) => {
        const on = closedOn ?? closeOn;
        if (status === 'open' || !on) return [];
        const won = Number(status === 'won');
        const figures = {
          won,
          lost: 1 - won,
          amountWon: won * (amount?.amount ?? 0),
          days: won * Math.max(0, daysBetween(openedOn, on)),
        };
        const { industry, billingAddress } = account ?? {};
        const keys = { ...time, owner: ownerId, product: products, industry, country: billingAddress?.country };
        return counted(on, keys, figures, amount?.currency);
      },
    ),
  ],
  money: ['amountWon'],
  amounts: ['amountWon'],
  rates: ['winRate'],
  headline: 'amountWon',
  row: ({ won = 0, lost = 0, amountWon = 0, days = 0 }) => ({
    won,
    lost,
    amountWon,
    winRate: ratio(won, won + lost),
    averageDays: rounded(ratio(days, won)),
  }),
};
