import { companyDomain } from '../core/contact-points.ts';
import type { LeadDetails, Score } from './lead.ts';
import type { Scoring } from './lead-policies.ts';

/** Fit by what is known, engagement by what was said; the grade is a letter (A-C) of the one and a number (1-3) of the other. */
export function scoreLead(details: LeadDetails, { rules }: Scoring): Score {
  const said = { ...details, companyMail: details.email && companyDomain(details.email) };
  const held = rules.filter(({ when }) => (when === 'interests' ? said.interests?.length : said[when]));
  const sum = (of: 'fit' | 'engagement') =>
    Math.max(
      0,
      Math.min(
        100,
        held.reduce((total, { part, points }) => total + (part === of ? points : 0), 0),
      ),
    );
  const fit = sum('fit');
  const engagement = sum('engagement');
  return {
    fit,
    engagement,
    grade: `${'ABC'[step(fit)]}${step(engagement) + 1}`,
    reasons: held.map(({ part, points, reason }) => `${part} ${points < 0 ? '' : '+'}${points}: ${reason}`),
  };
}

const step = (points: number): number => (points >= 60 ? 0 : points >= 30 ? 1 : 2);
