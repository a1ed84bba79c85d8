import * as z from 'zod';
import { Address, Country, Email, Language, TimeZone } from './contact-points.ts';
import { Currency } from './money.ts';
import { policy } from './policy.ts';
import { Line } from './text.ts';

/** What the stage of this deployment says (`infra/stages.ts`): over our defaults, under the stored policy. */
const stage = JSON.parse(process.env['SETTINGS'] ?? '{}') as Partial<
  Record<'currency' | 'timeZone' | 'country', string>
>;

/** What a deployment is: its currency, clock, country, and who sells. */
export const Settings = policy(
  'settings',
  z.strictObject({
    currency: Currency,
    timeZone: TimeZone,
    country: Country,
    language: Language,
    seller: z.strictObject({
      name: Line.min(1).max(200),
      address: Address,
      taxId: Line.max(50).optional(),
      email: Email.optional(),
      iban: Line.max(40).optional(),
    }),
    mailFrom: Line.max(200).optional().meta({ description: 'Display name of the sender; the seller by default.' }),
  }),
  {
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    country: 'DE',
    language: 'en',
    seller: {
      name: 'Our Company',
      address: { street: 'Main Street 1', postalCode: '10115', city: 'Berlin', country: 'DE' },
    },
    ...stage,
  },
);
