import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { policy } from '../core/policy.ts';
import { Rate } from '../store/rate-limit.ts';

/** How much forms may send, and how long things last that follow from them. */
export const FormIntake = policy(
  'form-intake',
  z.strictObject({
    perAddress: Rate.meta({ description: 'What one network address may send.' }),
    perForm: Rate.meta({ description: 'What all may send to one form.' }),
    confirmationMails: Rate.meta({ description: 'How often one address is asked to confirm.' }),
    sameWithin: Duration.meta({ description: 'The same form with the same answers is one submission.' }),
    confirmWithin: Duration.meta({ description: 'How long a link that confirms a consent is good.' }),
    lookWithin: Duration.meta({ description: 'By when a person should have looked at what could not be read.' }),
  }),
  {
    perAddress: { burst: 300, perHour: 36_000 },
    perForm: { burst: 1_000, perHour: 180_000 },
    confirmationMails: { burst: 5, perHour: 1 },
    sameWithin: 'PT10M',
    confirmWithin: 'PT100H',
    lookWithin: 'P1D',
  },
);
