import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { policy } from '../core/policy.ts';

/**
 * How long one execution goes on before its successor does. Step Functions ends an execution after a year, or 25,000 events of its history;
 * one turn makes fewer than thirty.
 */
export const Processes = policy(
  'processes',
  z.strictObject({
    turns: z.int().min(1).max(800).meta({ description: 'How often it waits.' }),
    lasts: Duration.meta({ description: 'How long it runs; less than a year.' }),
  }),
  { turns: 200, lasts: 'P300D' },
);
