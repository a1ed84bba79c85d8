import { Duration } from 'aws-cdk-lib';
import { journeyEvents } from '../../../shared/marketing/follow-journeys.ts';
import { refreshEvents } from '../../../shared/marketing/refresh-segment.ts';
import { Arrow, ofTypes } from '../../constructs/arrow.ts';
import type { Part } from './part.ts';

/** Who is in which segment, and who is on which journey. */
export const audience: Part = (service) => {
  const { stack, house, data, table } = service;
  new Arrow(stack, 'Audience', {
    house,
    bus: data.bus,
    pattern: ofTypes([...journeyEvents, ...refreshEvents]),
    to: service.fn('events-audience', table, { timeout: Duration.minutes(5), memory: 1024 }),
    impact:
      'Contacts are not enrolled into sequences, and go on getting their mails after they answered or left; segments are not refreshed.',
  });
};
