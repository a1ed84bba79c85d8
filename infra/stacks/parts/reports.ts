import { Match } from 'aws-cdk-lib/aws-events';
import { concerning } from '../../../shared/insights/subjects.ts';
import { Arrow } from '../../constructs/arrow.ts';
import type { Part } from './part.ts';

/** Reports: counted from every event of the records that they are about. */
export const reports: Part = (service) => {
  const { stack, house, data, table } = service;
  new Arrow(stack, 'Reports', {
    house,
    bus: data.bus,
    pattern: { source: ['stepwise'], detailType: concerning.flatMap((kind) => Match.prefix(`${kind}.`)) },
    to: service.fn('events-reports', table),
    impact: 'Reports do not count some of the changes: their figures are behind what the records say.',
    replays: true,
  });
};
