import { dateIn } from '../core/duration.ts';
import type { InForce } from '../core/policy.ts';
import { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import { dueOf, stepAfter } from './dunning-steps.ts';
import { Invoice, isCollected, moveInvoice } from './invoice.ts';
import { statusOf } from './invoice-balance.ts';
import { orderOf, summedUp } from './invoice-lines.ts';
import { Dunning, Invoicing } from './invoice-policies.ts';
import { invoicedOn } from './order-counts.ts';
import { Paying, paymentUrlOf } from './payment-link.ts';
import { type InSeries, nextInSeries, numberIn } from './series.ts';

/**
 * Issues a draft: it gets its number, its dates and the parties as they are now, and never changes again. Of an order it takes only what
 * is still invoiceable (422 `order.exceedsOpen`), and the order counts it in the same transaction.
 */
export const issueInvoice: Command<{ id: string }, Invoice> = async (crm, { id }) => {
  const draft = await crm.load(Invoice, id);
  moveInvoice(draft, 'issue');
  const [around, order] = await Promise.all([issuing(crm, draft.accountId), orderOf(crm, draft)]);
  const sums = summedUp(draft.currency, draft.lines, order, around.invoicing);
  const issued = decideIssue({ ...draft, ...sums }, around);
  return crm.commit([issued, ...(order ? [invoicedOn(order, sums.lines)] : [])], [around.inSeries.take]);
};

export interface Issuing {
  account: Account;
  settings: InForce<typeof Settings.defaults>;
  invoicing: InForce<typeof Invoicing.defaults>;
  dunning: InForce<typeof Dunning.defaults>;
  paying: typeof Paying.defaults;
  inSeries: InSeries;
  now: Date;
}

/** What the issue of so many invoices depends on beside them; their numbers are taken by whoever commits `inSeries.take`. */
export async function issuing(crm: Crm, accountId: string, count = 1): Promise<Issuing> {
  const [account, settings, invoicing, dunning, paying] = await Promise.all([
    crm.store.load(Account, accountId),
    crm.policy(Settings),
    crm.policy(Invoicing),
    crm.policy(Dunning),
    crm.policy(Paying),
  ]);
  const inSeries = await nextInSeries(crm, 'invoice', dateIn(settings.timeZone, crm.now), count);
  return { account, settings, invoicing, dunning, paying, inSeries, now: crm.now };
}

/** Source: domain.md 7. An invoice over nothing is paid from the start. */
export function decideIssue(draft: Invoice, around: Issuing): Fact<Invoice> {
  return moveInvoice(draft, 'issue', issuedAs(draft, around), { policy: around.invoicing.policy });
}

/** What an invoice has from its issue on. */
export function issuedAs({ id, totals }: Pick<Invoice, 'id' | 'totals'>, around: Issuing) {
  const { account, settings, invoicing, dunning, paying, inSeries, now } = around;
  const { n, issuedOn } = inSeries;
  const { dueAfter, rounding, invoiceNumber, digits } = invoicing;
  const due = dueOf(now, issuedOn, dueAfter, settings.timeZone);
  const status = statusOf(totals);
  const number = numberIn(invoiceNumber, issuedOn.slice(0, 4), n, digits);
  const nextStepAt = stepAfter(due, dunning.levels, settings.timeZone)?.dueAt;
  return {
    status,
    number,
    issuedAt: now.toISOString(),
    issuedOn,
    ...due,
    seller: settings.seller,
    buyer: { name: account.name, address: account.billingAddress, taxId: account.taxId },
    rounding,
    paymentUrl: paymentUrlOf({ id, number, totals, status }, paying),
    ...(isCollected(status) && { nextStepAt }),
  };
}
