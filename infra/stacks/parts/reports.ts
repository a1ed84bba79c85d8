import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/aws-events';
import { concerning } from '../../../shared/insights/subjects.ts';
import { Arrow } from '../../constructs/arrow.ts';
import { Parking } from '../../constructs/parking.ts';
import { schedule } from '../../constructs/schedule.ts';
import type { Part } from './part.ts';

/** Reports: counted from every event of the records that they are about. */
export const reports: Part = (service) => {
  const { stack, house, data, table } = service;
  new Arrow(stack, 'Reports', {
    house,
    bus: data.bus,
    pattern: { source: ['stepwise'], detailType: concerning.flatMap((kind) => Match.prefix(`${kind}.`)) },
    // An account with a new industry has its opportunities looked at one by one.
    to: service.fn('events-reports', table, { timeout: Duration.minutes(1) }),
    // Transactions on the same bucket stand in each other's way: more at once would not be faster.
    atOnce: 5,
    impact: 'Reports do not count some of the changes: their figures are behind what the records say.',
    replays: true,
  });

  const parking = new Parking(stack, 'RebuildReportsParking', {
    house,
    impact:
      'A report whose rules or zone have changed is still counted by the old ones, or a new one lacks what was there before.',
  });
  const rebuild = service.fn('scheduled-rebuild-reports', table, { timeout: Duration.minutes(15), parking });
  schedule(stack, 'RebuildReports', { every: Duration.minutes(15), to: rebuild, parking });
};
