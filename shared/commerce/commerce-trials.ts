import { trial } from '../platform/trial.ts';
import { beyondLimits } from './approval-limits.ts';
import { stepAfter } from './dunning-steps.ts';
import { Invoice } from './invoice.ts';
import { Dunning } from './invoice-policies.ts';
import { Quote } from './quote.ts';
import { QuoteApproval } from './quote-policies.ts';

/** How the policies of quotes and invoices are tried on the past. */
export const commerceTrials = [
  trial(QuoteApproval, {
    kind: Quote,
    states: ['inApproval', 'approved', 'sent', 'accepted', 'declined', 'expired'],
    decides: (quote, limits, { settings: { currency } }) => {
      const reasons = beyondLimits(quote, limits, currency);
      return reasons.length
        ? { decision: { status: 'inApproval', escalateAfter: limits.escalateAfter }, reasons }
        : { decision: { status: 'approved' }, reasons: ['Within the limits'] };
    },
  }),
  trial(Dunning, {
    kind: Invoice,
    states: ['issued', 'partlyPaid', 'paid', 'credited', 'writtenOff'],
    decides: ({ dueOn, dueEndsAt }, { levels }, { settings: { timeZone } }) => {
      const steps = levels.map((_, n) =>
        stepAfter({ dueOn, dueEndsAt, dunningLevel: levels[n - 1]?.key }, levels, timeZone),
      );
      return {
        decision: Object.fromEntries(steps.flatMap((step) => (step ? [[step.key, step.dueAt]] : []))),
        reasons: levels.map(({ key, after }) => `${key} ${after} after ${dueOn}`),
      };
    },
  }),
] as const;
