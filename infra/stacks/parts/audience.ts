import { Duration } from 'aws-cdk-lib';
import { journeyEvents } from '../../../shared/marketing/follow-journeys.ts';
import { Arrow, ofTypes } from '../../constructs/arrow.ts';
import { Parking } from '../../constructs/parking.ts';
import { schedule } from '../../constructs/schedule.ts';
import type { Part } from './part.ts';

/** Who is in which segment, and who is on which journey. */
export const audience: Part = (service) => {
  const { stack, house, data, table } = service;
  new Arrow(stack, 'Journeys', {
    house,
    bus: data.bus,
    pattern: ofTypes(journeyEvents),
    to: service.fn('events-journeys', table),
    impact: 'Contacts are not enrolled into sequences, and go on getting their mails after they answered or left.',
  });
  new Arrow(stack, 'Segments', {
    house,
    bus: data.bus,
    pattern: ofTypes(['segment.refreshStarted', 'segment.refreshing']),
    to: service.fn('events-segments', table, { timeout: Duration.minutes(5), memory: 1024 }),
    impact: 'Who entered a segment or left it is not noticed: its sequences enrol nobody.',
  });
  const parking = new Parking(stack, 'SegmentsParking', {
    house,
    impact: 'Segments that sequences enrol from are not refreshed every hour.',
  });
  const refresh = service.fn('scheduled-segments', table, { timeout: Duration.minutes(1), parking });
  schedule(stack, 'RefreshSegments', { every: Duration.hours(1), to: refresh, parking });
};
