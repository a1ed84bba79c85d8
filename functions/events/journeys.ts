import { consumer } from '../../shared/events/consume.ts';
import { followJourneys } from '../../shared/marketing/follow-journeys.ts';

/** Enrols whom an event brings into a sequence, and ends the journeys of those who answered or left. */
export const handler = consumer('journeys', followJourneys);
