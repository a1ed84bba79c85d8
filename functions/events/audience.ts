import { consumer } from '../../shared/events/consume.ts';
import { followJourneys } from '../../shared/marketing/follow-journeys.ts';
import { refreshEvents, refreshStretch } from '../../shared/marketing/refresh-segment.ts';

/** Walks a refresh of a segment, stretch by stretch; enrols whom an event brings into a sequence, and ends the journeys of who answered or left. */
export const handler = consumer('audience', (event, around, on) =>
  refreshEvents.includes(event.type) ? refreshStretch(event, around, on) : followJourneys(event, around, on),
);
