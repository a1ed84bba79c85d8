import * as z from 'zod';
import { Calendar } from '../core/calendar.ts';
import { Duration, toMilliseconds } from '../core/duration.ts';
import { policy } from '../core/policy.ts';

const Target = Duration.refine(hasFixedLength, 'a duration without years and months');
const Targets = z.strictObject({ firstResponse: Target, resolution: Target });

function hasFixedLength(duration: string): boolean {
  try {
    return toMilliseconds(duration) > 0;
  } catch {
    return false;
  }
}

/** By when a case must be answered and resolved, by its priority. */
export const Sla = policy(
  'sla',
  z.strictObject({
    targets: z
      .strictObject({ urgent: Targets, high: Targets, normal: Targets, low: Targets })
      .meta({ description: 'In opening hours: PT24H is three days of eight hours.' }),
    businessHours: z.boolean().meta({ description: 'Count opening hours; else around the clock.' }),
    calendar: Calendar.optional().meta({
      description: "Opening hours; Monday to Friday, 9 to 17 in the deployment's zone, if absent.",
    }),
    warnAt: z.int().min(1).max(99).meta({ description: 'Percent of the target after which the owner is warned.' }),
  }),
  {
    targets: {
      urgent: { firstResponse: 'PT1H', resolution: 'PT8H' },
      high: { firstResponse: 'PT4H', resolution: 'PT24H' },
      normal: { firstResponse: 'PT8H', resolution: 'PT72H' },
      low: { firstResponse: 'PT24H', resolution: 'PT120H' },
    },
    businessHours: true,
    warnAt: 75,
  },
);

/** How a case is handled beside its SLA. */
export const CaseHandling = policy(
  'cases',
  z.strictObject({
    reopenWindow: Duration.meta({ description: 'From the resolution on: then the case is closed for good.' }),
    surveyAfter: Duration.meta({ description: 'From the resolution on: then the customer is asked how it went.' }),
    followUpAfter: Duration.meta({
      description: 'A case that waits or lies without any deadline comes back to its owner.',
    }),
  }),
  { reopenWindow: 'P7D', surveyAfter: 'PT24H', followUpAfter: 'P7D' },
);
