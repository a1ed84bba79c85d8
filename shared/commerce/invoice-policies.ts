import * as z from 'zod';
import { Rounding } from '../core/decimal.ts';
import { Duration } from '../core/duration.ts';
import { policy } from '../core/policy.ts';
import { DunningLevels, defaultDunningLevels } from './dunning.ts';
import { defaultTaxRates, TaxRates } from './tax.ts';

/** Both parts must be there: without the year or the number, two documents could be called the same. */
const NumberFormat = z
  .string()
  .max(40)
  .regex(/^(?=.*\{year\})(?=.*\{number\})[\w{}./-]+$/, 'letters, figures, . / - _ with {year} and {number}');

/** How quotes and invoices are taxed and rounded, when an invoice is due, and how documents are numbered. */
export const Invoicing = policy(
  'invoicing',
  z.strictObject({
    dueAfter: Duration.meta({
      description: 'Whole days count to the end of the day; hours and seconds from the moment of issue.',
    }),
    rounding: Rounding,
    taxRates: TaxRates,
    invoiceNumber: NumberFormat,
    creditNoteNumber: NumberFormat,
    digits: z.int().min(1).max(12).meta({ description: 'The number is filled up to so many figures.' }),
  }),
  {
    dueAfter: 'P14D',
    rounding: 'halfUp',
    taxRates: defaultTaxRates,
    invoiceNumber: '{year}-{number}',
    creditNoteNumber: 'CN-{year}-{number}',
    digits: 6,
  },
);

/** The level that is no letter: a person gets the invoice. */
export const handOverLevel = 'handOver';

/** How somebody is reminded who has not paid. After the last level, whatever its key, a person gets the invoice. */
export const Dunning = policy(
  'dunning',
  z.strictObject({
    levels: DunningLevels.min(1).meta({
      description: `Letters, each a while after the due date; the level ${handOverLevel} is a task for a person.`,
    }),
    disputeReview: Duration.meta({
      description: 'How long a dispute may rest before somebody is asked about it again.',
    }),
    promiseWithin: Duration.meta({ description: 'How far ahead a customer may promise to pay.' }),
  }),
  { levels: defaultDunningLevels, disputeReview: 'P14D', promiseWithin: 'P90D' },
);
