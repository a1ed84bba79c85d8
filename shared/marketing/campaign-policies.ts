import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { policy } from '../core/policy.ts';

const Rate = z.number().gt(0).max(1);

/** How campaigns are sent: how fast, when a breaker stops them, and what is done about a mail whose outcome nobody knows. */
export const CampaignSending = policy(
  'campaign-sending',
  z.strictObject({
    mailsPerSecond: z
      .number()
      .min(0.1)
      .max(1_000)
      .meta({ description: 'At most what SES allows the account; a mail that SES throttles waits and comes again.' }),
    batch: z
      .int()
      .min(1)
      .max(1_000)
      .meta({ description: 'Mails a batch: a process looks at its campaign after each.' }),
    breaker: z.strictObject({
      bounceRate: Rate,
      complaintRate: Rate,
      window: Duration,
      leastSent: z.int().min(1).meta({ description: 'Fewer mails in the window say nothing.' }),
    }),
    attempts: z.int().min(1).max(20).meta({ description: 'How often a mail that SES did not take is tried.' }),
    unknown: z.strictObject({
      resendAfter: Duration.nullable().meta({
        description:
          'SES tells of every mail that it takes. A mail whose answer was lost, and that SES has not told of for so long though it has told of every other mail of the campaign, was not taken: it is sent. null: never.',
      }),
      giveUpAfter: Duration.meta({ description: 'Then the campaign ends with it unknown.' }),
    }),
    pausedAtMost: Duration.meta({
      description: 'A campaign that nobody resumes by then is cancelled: its audience is old.',
    }),
    machineWithin: Duration.meta({ description: 'What opens or clicks that soon after the sending is no human.' }),
  }),
  {
    mailsPerSecond: 50,
    batch: 50,
    breaker: { bounceRate: 0.02, complaintRate: 0.0005, window: 'PT1H', leastSent: 100 },
    attempts: 5,
    unknown: { resendAfter: 'PT5M', giveUpAfter: 'PT2H' },
    pausedAtMost: 'P30D',
    machineWithin: 'PT2S',
  },
);
export type Sending = typeof CampaignSending.defaults;
