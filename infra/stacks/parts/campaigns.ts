import { yieldEvents } from '../../../shared/marketing/keep-yield.ts';
import { Arrow, ofTypes } from '../../constructs/arrow.ts';
import type { Part } from './part.ts';

/** What came of campaigns. Their process and their API are made where all are; what SES tells of their mails comes with all mails. */
export const campaigns: Part = (service) => {
  const { stack, house, data, table } = service;
  new Arrow(stack, 'CampaignYield', {
    house,
    bus: data.bus,
    pattern: ofTypes([...yieldEvents]),
    to: service.fn('events-campaign-yield', table),
    impact: 'The results of campaigns lack leads, opportunities and revenue.',
    replays: true,
  });
};
