import * as z from 'zod';
import { Percent } from '../core/decimal.ts';
import { Duration } from '../core/duration.ts';
import { policy } from '../core/policy.ts';

/** What may be offered without asking, and how long an approver has. */
export const QuoteApproval = policy(
  'quote-approval',
  z.strictObject({
    maxLineDiscountPercent: Percent,
    maxGross: z.int().positive().meta({ description: "Minor units of the deployment's currency." }),
    escalateAfter: Duration.meta({
      description: 'Then their manager is asked, up to the end of the line, where it stays.',
    }),
  }),
  { maxLineDiscountPercent: '10', maxGross: 5_000_000, escalateAfter: 'P2D' },
);

/** How quotes are made. */
export const Quoting = policy('quotes', z.strictObject({ validFor: Duration }), { validFor: 'P30D' });

/** How orders are made and followed up. */
export const Ordering = policy(
  'orders',
  z.strictObject({
    invoicePolicy: z.enum(['ordered', 'delivered']),
    chaseAfter: Duration.meta({ description: 'Not fulfilled by then: a task for the owner.' }),
  }),
  { invoicePolicy: 'delivered', chaseAfter: 'P14D' },
);
