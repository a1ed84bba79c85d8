import { dateIn } from '../../core/duration.ts';
import { byDay, byKey, byUser, counted, counting, type Report, time } from '../report.ts';
import { measured, percentiles } from '../spread.ts';
import { cases as allCases } from '../subjects.ts';

/** How many cases came and were solved, how fast, and whether as promised. Source: domain.md 9. */
export const cases: Report = {
  name: 'cases',
  about: 'Cases by the day they were opened; resolutions by the day of the resolution',
  revision: 1,
  by: {
    day: byDay,
    queue: byKey('queue'),
    owner: byUser('owner'),
    priority: byKey('priority'),
    kind: byKey('kind'),
    rootCause: byKey('rootCause'),
  },
  counts: [
    counting(allCases, ({ record }, timeZone) => {
      const { openedAt, answeredAt, resolvedAt, reopened, sla, queue, ownerId, priority, kind, rootCause } = record;
      const keys = { ...time, queue, owner: ownerId, priority, kind, rootCause };
      const dayOf = (at: string) => dateIn(timeZone, new Date(at));
      const minutesUntil = (at: string) => (Date.parse(at) - Date.parse(openedAt)) / 60_000;
      const clocks = [sla.firstResponse.state, sla.resolution.state];
      const slaBreached = Number(clocks.includes('breached'));
      const slaMet = Number(clocks.every((state) => state === 'met'));
      const openedOn = dayOf(openedAt);
      return [
        ...counted(openedOn, keys, { opened: 1, resolved: 0, reopened, slaMet, slaBreached }),
        ...(answeredAt ? measured(openedOn, keys, 'firstResponseMinutes', minutesUntil(answeredAt)) : []),
        ...(resolvedAt
          ? counted(dayOf(resolvedAt), keys, { opened: 0, resolved: 1, reopened: 0, slaMet: 0, slaBreached: 0 })
          : []),
        ...(resolvedAt ? measured(dayOf(resolvedAt), keys, 'resolutionMinutes', minutesUntil(resolvedAt)) : []),
      ];
    }),
  ],
  money: [],
  row: ({ opened = 0, resolved = 0, reopened = 0, slaMet = 0, slaBreached = 0, ...spreads }) => ({
    opened,
    resolved,
    reopened,
    firstResponseMinutes: percentiles(spreads, 'firstResponseMinutes'),
    resolutionMinutes: percentiles(spreads, 'resolutionMinutes'),
    slaMet,
    slaBreached,
  }),
  approximate: ['firstResponseMinutes', 'resolutionMinutes'],
};
