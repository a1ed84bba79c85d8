import { takeStep } from '../../shared/marketing/take-step.ts';
import { acts } from '../../shared/platform/acts.ts';

export const handler = acts({ step: takeStep });
