import { byKey, byTeam, byUser, counted, counting, daysBetween, type Report, ratio, rounded } from '../report.ts';
import { opportunities } from '../subjects.ts';

/** What is open now, by the day it was opened. */
export const pipeline: Report = {
  name: 'pipeline',
  about: 'Open opportunities as they stand now; a range is of the days on which they were opened',
  revision: 1,
  by: {
    stage: byKey('stage'),
    owner: byUser('owner'),
    team: byTeam('owner'),
    pipeline: byKey('pipeline'),
    category: byKey('category'),
  },
  counts: [
    counting(opportunities, ({ record: { status, amount, probability, openedOn, stage, ownerId, ...record } }) => {
      if (status !== 'open') return [];
      const keys = { stage, owner: ownerId, pipeline: record.pipelineId, category: record.forecastCategory };
      const worth = amount?.amount ?? 0;
      return counted(openedOn, keys, { deals: 1, amount: worth, percents: worth * probability }, amount?.currency);
    }),
  ],
  money: ['amount', 'percents'],
  amounts: ['amount', 'weighted'],
  headline: 'amount',
  // The age is counted when it is read: it grows overnight without an event.
  today: (sums, openedOn, today) => ({ ...sums, age: (sums['deals'] ?? 0) * daysBetween(openedOn, today) }),
  row: ({ deals = 0, amount = 0, percents = 0, age = 0 }) => ({
    count: deals,
    amount,
    weighted: Math.round(percents / 100),
    averageAge: rounded(ratio(age, deals)),
  }),
};
