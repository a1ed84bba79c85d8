import { consumer } from '../../shared/events/consume.ts';
import { refreshStretch } from '../../shared/marketing/refresh-segment.ts';

/** Walks a refresh of a segment, stretch by stretch. */
export const handler = consumer('segments', refreshStretch);
