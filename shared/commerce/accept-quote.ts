import * as z from 'zod';
import { addDuration, dateIn } from '../core/duration.ts';
import type { InForce } from '../core/policy.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Line } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import { Account } from '../sales/account.ts';
import { moment } from '../sales/open-opportunity.ts';
import { Opportunity, wonBy } from '../sales/opportunity.ts';
import { Pipeline } from '../sales/pipeline.ts';
import type { Command, Crm } from '../store/command.ts';
import { confirmed, type Order, type OrderLine } from './order.ts';
import { moveQuote, Quote, type QuoteLine } from './quote.ts';
import { Ordering } from './quote-policies.ts';
import { toldTo } from './send-quote.ts';
import { supersedeOthers } from './supersede-quotes.ts';

export const Acceptance = z.strictObject({ name: Line.min(1).max(200) });
export const Accepted = z.object({ quoteId: z.string(), orderId: z.string(), opportunityId: z.string() });

/**
 * The customer accepts a quote: it is accepted, the order confirmed, the opportunity won, and what else was offered for it superseded, in
 * one transaction. 409 `quote.expired` after the last day of its validity. The number of the order is one ADD beside it: gaps are allowed.
 */
export const acceptQuote: Command<{ id: string; name: string }, z.infer<typeof Accepted>> = async (
  crm,
  { id, name },
) => {
  const quote = await crm.load(Quote, id);
  if (quote.status === 'sent' && Date.parse(quote.expiresAt) <= crm.now.getTime())
    throw new Refusal('quote.expired', `It was valid until ${quote.validUntilOn}`);
  const acceptance = { name, at: crm.now.toISOString(), contentHash: quote.contentHash ?? '' };
  const orderId = crm.newId('ord', quote.accountId);
  const accepted = moveQuote(quote, 'accept', { acceptance, orderId });
  const opportunity = await crm.store.load(Opportunity, quote.opportunityId);
  const [pipeline, account, at] = await Promise.all([
    crm.store.load(Pipeline, opportunity.pipelineId),
    crm.store.load(Account, quote.accountId),
    moment(crm),
  ]);
  if (account.archivedAt) throw new Refusal('record.wrongState', 'The account is archived');
  const number = await nextOrderNumber(crm);
  const order = orderOf(quote, {
    id: orderId,
    number,
    account,
    ownerId: opportunity.ownerId,
    rules: await crm.policy(Ordering),
    now: crm.now,
  });
  const won = wonBy(
    opportunity,
    pipeline,
    { ...at, orderId, amount: quote.totals.net },
    { reasons: [`Quote ${quote.number} accepted`] },
  );
  const answer = { quoteId: id, orderId, opportunityId: opportunity.id };
  const others = await supersedeOthers(crm, quote);
  const told = await toldTo(crm, quote, opportunity.ownerId, 'accepted', name);
  return crm.commitAs(() => answer, [accepted, order, won, ...others, ...told]);
};

/** `O-2026-0001`. */
export async function nextOrderNumber(crm: Crm): Promise<string> {
  const { timeZone } = await crm.policy(Settings);
  const year = dateIn(timeZone, crm.now).slice(0, 4);
  return `O-${year}-${String(await crm.count(`order#${year}`)).padStart(4, '0')}`;
}

interface Around {
  id: string;
  number: string;
  account: Account;
  ownerId: string | undefined;
  rules: InForce<typeof Ordering.defaults>;
  now: Date;
}

/** The order of what a quote offered, at its prices. */
function orderOf(quote: Quote, { id, number, account, ownerId, rules, now }: Around): Fact<Order> {
  const { accountId, contactId, opportunityId, currency, lines, totals } = quote;
  return confirmed({
    id,
    number,
    accountId,
    contactId,
    billToAccountId: accountId,
    quoteId: quote.id,
    opportunityId,
    ownerId: ownerId ?? account.ownerId,
    status: 'confirmed',
    currency,
    lines: lines.map(untouched),
    totals,
    shippingAddress: account.shippingAddress ?? account.billingAddress,
    invoicePolicy: rules.invoicePolicy,
    fulfilments: [],
    nextStepAt: addDuration(now, rules.chaseAfter).toISOString(),
  });
}

/** A line of an order nothing has happened to yet. */
export const untouched = ({ listPrice: _, ...line }: QuoteLine): OrderLine => ({
  ...line,
  fulfilled: '0',
  invoiced: '0',
  credited: '0',
  cancelled: '0',
});
