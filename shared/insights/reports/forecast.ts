import { byMonth, byQuarter, byUser, counted, counting, type Report, time, undated } from '../report.ts';
import { opportunities } from '../subjects.ts';

/**
 * What will be sold, by the day it is expected to close. Cumulative as Salesforce rolls up: each category holds those that are surer.
 * Source: domain.md 5.
 */
export const forecast: Report = {
  name: 'forecast',
  about: 'Won and open opportunities by the day they close, in cumulative categories',
  revision: 1,
  by: { month: byMonth, quarter: byQuarter, owner: byUser('owner') },
  counts: [
    counting(
      opportunities,
      ({ record: { status, amount, probability, forecastCategory, closeOn, closedOn, ownerId } }) => {
        if (status === 'lost' || !amount) return [];
        const worth = amount.amount;
        const won = status === 'won';
        const within = (category: string) => (!won && forecastCategory === category ? worth : 0);
        const figures = {
          closed: won ? worth : 0,
          commit: within('commit') + within('closed'),
          bestCase: within('bestCase'),
          pipeline: within('pipeline'),
          percents: won || forecastCategory === 'omitted' ? 0 : worth * probability,
        };
        const on = (won ? (closedOn ?? closeOn) : closeOn) ?? undated;
        return counted(on, { ...time, owner: ownerId }, figures, amount.currency);
      },
    ),
  ],
  money: ['closed', 'commit', 'bestCase', 'pipeline', 'percents', 'overdue'],
  amounts: ['closed', 'commit', 'bestCase', 'openPipeline', 'weighted', 'overdue'],
  headline: 'bestCase',
  // What should have closed by now is overdue, and no longer expected of that day.
  today: ({ closed = 0, commit = 0, bestCase = 0, pipeline = 0, ...sums }, closeOn, today) =>
    closeOn < today
      ? { closed, overdue: commit + bestCase + pipeline }
      : { ...sums, closed, commit, bestCase, pipeline },
  row: ({ closed = 0, commit = 0, bestCase = 0, pipeline = 0, percents = 0, overdue = 0 }) => ({
    closed,
    commit: closed + commit,
    bestCase: closed + commit + bestCase,
    openPipeline: commit + bestCase + pipeline,
    weighted: closed + Math.round(percents / 100),
    overdue,
  }),
};
