import type { Policy } from '../core/policy.ts';
import { Settings } from '../core/settings.ts';
import { LeadHandling, LeadScoring } from '../sales/lead-policies.ts';

/** Every policy that there is, by name. */
const all: readonly Policy<object>[] = [Settings, LeadHandling, LeadScoring] as never;
export const policyNamed: ReadonlyMap<string, Policy<object>> = new Map(all.map((one) => [one.name, one]));
