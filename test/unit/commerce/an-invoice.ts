import type { Invoice } from '../../../shared/commerce/invoice.ts';
import { type PricedLine, summedUp } from '../../../shared/commerce/invoice-lines.ts';
import { Dunning, Invoicing } from '../../../shared/commerce/invoice-policies.ts';
import { decideIssue, type Issuing } from '../../../shared/commerce/issue-invoice.ts';
import { Paying } from '../../../shared/commerce/payment-link.ts';
import type { InSeries } from '../../../shared/commerce/series.ts';
import { newId } from '../../../shared/core/ids.ts';
import { byDefault } from '../../../shared/core/policy.ts';
import { Settings } from '../../../shared/core/settings.ts';
import type { Fact } from '../../../shared/events/event.ts';
import type { Account } from '../../../shared/sales/account.ts';
import type { Stamped } from '../../../shared/store/record.ts';
import { stamped } from '../../../shared/store/store.ts';

export const eur = (amount: number) => ({ amount, currency: 'EUR' });
export const now = new Date('2026-03-02T10:00:00.000Z');
export const accountId = newId('acc', now);
const on = { now, actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };

/** What decisions take of the CRM. */
export const crm = { now, on, newId: (prefix: string, within?: string) => newId(prefix, now, within) };

/** The record that a fact leaves behind. */
export const stored = <R extends Stamped>(fact: Fact<R>): R => stamped(fact, on) as R;

const account: Account = {
  id: accountId,
  version: 1,
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
  createdBy: 'test',
  kind: 'organization',
  name: 'Acme Ltd',
  stage: 'customer',
  billingAddress: { street: 'Road 1', city: 'London', country: 'GB' },
  taxId: 'GB 1',
};
const inSeries: InSeries = { n: 7, issuedOn: '2026-03-02', take: {} };
export const around: Issuing = {
  account,
  settings: byDefault(Settings),
  invoicing: byDefault(Invoicing),
  dunning: byDefault(Dunning),
  paying: byDefault(Paying),
  inSeries,
  now,
};

/** A line that is no part of an order; prices and nets in cents. */
export const line = (id: string, quantity: string, unitPrice: number, net: number, more: object = {}): PricedLine => ({
  id,
  description: `Thing ${id}`,
  quantity,
  unitPrice: eur(unitPrice),
  discountPercent: '0',
  taxCategory: 'standard',
  net: eur(net),
  ...more,
});

/** A draft of some lines; by default 10 pieces for 100.00 and a service for 50.00 at the reduced rate. */
export function draft(
  lines = [line('1', '10', 1000, 10_000), line('2', '1', 5000, 5000, { taxCategory: 'reduced' })],
): Invoice {
  const { id, version, createdAt, updatedAt, createdBy } = account;
  const sums = summedUp('EUR', lines, undefined, around.invoicing);
  const stamps = { version, createdAt, updatedAt, createdBy };
  return { id: newId('inv', now, id), ...stamps, accountId: id, currency: 'EUR', status: 'draft', ...sums };
}

/** Gross 172.50: 100.00 and 19 %, 50.00 and 7 %. */
export const issued = (lines?: PricedLine[]): Invoice => stored(decideIssue(draft(lines), around));
