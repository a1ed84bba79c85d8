import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { policy } from '../core/policy.ts';
import { Topic } from './consent.ts';

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 21:00');

/** When and how often people hear from marketing. */
export const Marketing = policy(
  'marketing',
  z.strictObject({
    frequencyCap: Duration.nullable().meta({
      description: 'One marketing mail per contact in this time; null: as many as there are.',
    }),
    quietHours: z.strictObject({ from: Clock, to: Clock }).nullable().meta({
      description: 'Nothing is sent in these hours of the recipient; only to those whose time zone is known.',
    }),
    defaultTopic: Topic.meta({ description: 'What a preview asks consent for that names no topic.' }),
    previewContacts: z
      .int()
      .min(100)
      .max(100_000)
      .meta({ description: 'Contacts that a preview looks at; then it says that it is not complete.' }),
  }),
  {
    frequencyCap: 'P3D',
    quietHours: { from: '21:00', to: '08:00' },
    defaultTopic: 'newsletter',
    previewContacts: 20_000,
  },
);
export type MarketingPolicy = z.infer<typeof Marketing.body>;
