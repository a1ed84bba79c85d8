import { commerceTrials } from '../commerce/commerce-trials.ts';
import { Dunning, Invoicing } from '../commerce/invoice-policies.ts';
import { Paying } from '../commerce/payment-link.ts';
import { Ordering, QuoteApproval, Quoting } from '../commerce/quote-policies.ts';
import type { Policy } from '../core/policy.ts';
import { Settings } from '../core/settings.ts';
import { CampaignSending } from '../marketing/campaign-policies.ts';
import { FormIntake } from '../marketing/form-policies.ts';
import { Marketing } from '../marketing/marketing-policy.ts';
import type { PolicyBook } from '../platform/policy-commands.ts';
import { Processes } from '../platform/process-policies.ts';
import { LeadHandling, LeadScoring } from '../sales/lead-policies.ts';
import { leadTrials } from '../sales/lead-trials.ts';
import { Matching } from '../sales/match-rule.ts';
import { CaseHandling, Sla } from '../service/case-policies.ts';
import { caseTrials } from '../service/case-trials.ts';
import { MailIntake } from '../service/mail-policies.ts';

const all: readonly Policy<object>[] = [
  Settings,
  LeadHandling,
  LeadScoring,
  Matching,
  Quoting,
  QuoteApproval,
  Ordering,
  Invoicing,
  Dunning,
  Paying,
  Sla,
  CaseHandling,
  Marketing,
  CampaignSending,
  Processes,
  FormIntake,
  MailIntake,
] as never;
/** Every policy that there is, and how those that decide on records are tried on the past. */
export const policies: PolicyBook = {
  named: new Map(all.map((one) => [one.name, one])),
  trials: new Map([...leadTrials, ...commerceTrials, ...caseTrials]),
};
