import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { policy } from '../core/policy.ts';

/** How a lead is handled: how long each step may take, and how often it is handed on. */
export const LeadHandling = policy(
  'lead-handling',
  z.strictObject({
    acceptWithin: Duration.meta({ description: 'Business time until the owner must have accepted.' }),
    qualifyWithin: Duration,
    convertWithin: Duration,
    retryAssignmentAfter: Duration.meta({ description: 'If nobody can take it.' }),
    hops: z
      .int()
      .min(0)
      .max(20)
      .meta({ description: 'Owners after the first, before the manager gets it and keeps it.' }),
    businessHours: z.boolean().meta({ description: 'Count acceptance in business hours; else around the clock.' }),
  }),
  {
    acceptWithin: 'PT4H',
    qualifyWithin: 'P7D',
    convertWithin: 'P14D',
    retryAssignmentAfter: 'PT1H',
    hops: 3,
    businessHours: true,
  },
);

const Rule = z.strictObject({
  when: z.enum(['company', 'budget', 'phone', 'message', 'interests', 'campaignId', 'companyMail']),
  part: z.enum(['fit', 'engagement']),
  points: z.int().min(-100).max(100),
  reason: z.string().max(200),
});

/** How a lead is scored: each rule that holds gives its points. */
export const LeadScoring = policy('lead-scoring', z.strictObject({ rules: z.array(Rule).max(50) }), {
  rules: [
    { when: 'company', part: 'fit', points: 30, reason: 'names a company' },
    { when: 'companyMail', part: 'fit', points: 20, reason: 'writes from a company address' },
    { when: 'budget', part: 'fit', points: 40, reason: 'has a budget' },
    { when: 'phone', part: 'engagement', points: 30, reason: 'gave a phone number' },
    { when: 'message', part: 'engagement', points: 30, reason: 'wrote a message' },
    { when: 'interests', part: 'engagement', points: 20, reason: 'named what interests them' },
    { when: 'campaignId', part: 'engagement', points: 20, reason: 'answered a campaign' },
  ],
});
export type Scoring = z.infer<typeof LeadScoring.body>;
