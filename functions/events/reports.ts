import { consumer } from '../../shared/events/consume.ts';
import { keepReports } from '../../shared/insights/keep-reports.ts';
import { run } from '../../shared/store/command.ts';

/** Keeps the reports: events may come again, or in any order. */
export const handler = consumer('reports', ({ id, recordId, changes }, { store, policies }, on) =>
  run(store, policies, on, keepReports, { recordId, changes, eventId: id }),
);
