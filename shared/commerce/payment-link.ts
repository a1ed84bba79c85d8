import * as z from 'zod';
import { Duration } from '../core/duration.ts';
import { decimalOf } from '../core/money.ts';
import { policy } from '../core/policy.ts';
import type { Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { type Invoice, isCollected } from './invoice.ts';

const example = { reference: 'x', number: '1', amount: '1', decimal: '1.00', currency: 'EUR' };

/** `{name}` of each field, as a part of an address. */
const filled = (template: string, fields: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (found, name: string) =>
    fields[name] === undefined ? found : encodeURIComponent(fields[name]),
  );

const LinkTemplate = z
  .string()
  .max(1_000)
  .refine((text) => text.includes('{reference}') || text.includes('{number}'), 'needs {reference} or {number}')
  .refine((text) => {
    const address = filled(text, example);
    return !/[{}]/.test(address) && URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
  }, 'an http(s) address with {reference}, {number}, {amount}, {decimal}, {currency} and nothing else in braces');

/** How customers pay through a provider. */
export const Paying = policy(
  'payment',
  z.strictObject({
    link: LinkTemplate.optional().meta({
      description:
        "The provider's page: {reference} the invoice's id, {number}, {amount} in minor units, {decimal} in major ones, {currency}. None: invoices have no link.",
    }),
    patience: Duration.meta({
      description: 'How long a refund or dispute may wait for the payment that it is of, before a person is asked.',
    }),
  }),
  { patience: 'PT1H' },
);

/** Where an invoice is paid: what is open of it. Undefined where the deployment names no page, or nothing is open. */
export function paymentUrlOf(
  { id, number = '', totals, status }: Pick<Invoice, 'id' | 'number' | 'totals' | 'status'>,
  { link }: Pick<typeof Paying.defaults, 'link'>,
): string | undefined {
  if (!link || !isCollected(status)) return undefined;
  const { amount, currency } = totals.open;
  return filled(link, { reference: id, number, amount: String(amount), decimal: decimalOf(totals.open), currency });
}

/** Facts whose invoices lead to where what is open of them now is paid: nobody pays by a link what was paid, or credited, before. */
export async function linksRenewed(crm: Pick<Crm, 'policy'>, facts: readonly Fact[]): Promise<Fact[]> {
  const paying = await crm.policy(Paying);
  return facts.map((fact) => {
    if (!fact.type.startsWith('invoice.')) return fact;
    const after = fact.after as Invoice;
    return { ...fact, after: { ...after, paymentUrl: paymentUrlOf(after, paying) } };
  });
}
