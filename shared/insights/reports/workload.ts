import { dateIn } from '../../core/duration.ts';
import { isActive } from '../../service/case.ts';
import { byTeam, byUser, type Count, counted, counting, type Report, type Sums } from '../report.ts';
import { cases, opportunities, tasks } from '../subjects.ts';

const nothing = { openTasks: 0, overdueTasks: 0, openCases: 0, openOpportunities: 0 };

/** Open work of somebody, or of nobody yet, under the day that it was created. */
const work = (ownerId: string | undefined, createdAt: string, timeZone: string, figures: Sums): Count[] =>
  counted(dateIn(timeZone, new Date(createdAt)), { owner: ownerId }, { ...nothing, ...figures });

/** What everybody has to do now, and how much they can take. */
export const workload: Report = {
  name: 'workload',
  about: 'Open tasks, cases and opportunities of each person now; a range is of the days on which they were created',
  revision: 2,
  by: {
    user: {
      ...byUser('owner'),
      rows: ({ users }) => [...users.values()].filter(({ status }) => status === 'active').map(({ id }) => id),
    },
    team: byTeam('owner'),
  },
  counts: [
    // A task that nobody has waits in a queue, of which there is no list that a rebuild could walk.
    counting(tasks, ({ record: { status, assigneeId, overdueAt, createdAt } }, zone) =>
      status === 'open' && assigneeId
        ? work(assigneeId, createdAt, zone, { openTasks: 1, overdueTasks: overdueAt ? 1 : 0 })
        : [],
    ),
    counting(cases, ({ record: { status, ownerId, createdAt } }, zone) =>
      isActive(status) ? work(ownerId, createdAt, zone, { openCases: 1 }) : [],
    ),
    counting(opportunities, ({ record: { status, ownerId, createdAt } }, zone) =>
      status === 'open' ? work(ownerId, createdAt, zone, { openOpportunities: 1 }) : [],
    ),
  ],
  money: [],
  row: (sums, { key, users }) => {
    const people = [...users.values()].filter(
      ({ id, teamId, status }) => status === 'active' && (key === undefined || key === id || key === teamId),
    );
    const capacities = people.flatMap(({ capacity }) => capacity ?? []);
    return {
      ...nothing,
      ...Object.fromEntries(Object.keys(nothing).map((name) => [name, sums[name] ?? 0])),
      // Who has no limit makes none of a team's either.
      capacity: capacities.length && capacities.length === people.length ? capacities.reduce((a, b) => a + b, 0) : null,
    };
  },
};
