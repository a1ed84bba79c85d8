import { trial } from '../platform/trial.ts';
import { Lead, LeadStatus } from './lead.ts';
import { LeadHandling, LeadScoring } from './lead-policies.ts';
import { stepDueAt } from './lead-steps.ts';
import { scoreLead } from './score-lead.ts';

/** How the policies of leads are tried on the past. */
export const leadTrials = [
  trial(LeadScoring, {
    kind: Lead,
    states: LeadStatus.options,
    decides: (lead, scoring) => {
      const { reasons, ...decision } = scoreLead(lead, scoring);
      return { decision, reasons };
    },
  }),
  trial(LeadHandling, {
    kind: Lead,
    states: LeadStatus.options,
    decides: ({ createdAt }, handling, { settings: { timeZone } }) => {
      const by = (step: 'accept' | 'qualify' | 'convert', since: string) =>
        stepDueAt(step, { handling, timeZone }, new Date(since));
      const acceptBy = by('accept', createdAt);
      const qualifyBy = by('qualify', acceptBy);
      return {
        decision: { acceptBy, qualifyBy, convertBy: by('convert', qualifyBy), hops: handling.hops },
        reasons: [
          `${handling.acceptWithin} ${handling.businessHours ? 'of business hours' : 'around the clock'} to accept it`,
          `${handling.qualifyWithin} to qualify and ${handling.convertWithin} to convert it, each step at its last moment`,
          `After ${handling.hops} hops to the manager`,
        ],
      };
    },
  }),
] as const;
