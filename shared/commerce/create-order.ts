import { addDuration } from '../core/duration.ts';
import { Settings } from '../core/settings.ts';
import { Account } from '../sales/account.ts';
import { Contact } from '../sales/contact.ts';
import type { Command } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { nextOrderNumber, untouched } from './accept-quote.ts';
import { confirmed, EditableOrder, Order, type OrderDetails, OrderUpdated } from './order.ts';
import { priceLines } from './price-quote.ts';
import { Ordering } from './quote-policies.ts';

/** An order that no quote led to: from a shop, a phone call, another system. */
export const createOrder: Command<OrderDetails, Order> = async (crm, details) => {
  const account = await crm.refer(Account, details.accountId, '#/accountId');
  if (details.billToAccountId) await crm.refer(Account, details.billToAccountId, '#/billToAccountId');
  if (details.contactId) await crm.refer(Contact, details.contactId, '#/contactId');
  const [settings, rules] = [await crm.policy(Settings), await crm.policy(Ordering)];
  const currency = details.currency ?? settings.currency;
  const invoicePolicy = details.invoicePolicy ?? rules.invoicePolicy;
  const { lines, totals } = await priceLines(crm, details.lines, currency);
  return crm.commit([
    confirmed({
      ...details,
      id: crm.newId('ord', account.id),
      number: await nextOrderNumber(crm),
      billToAccountId: details.billToAccountId ?? account.id,
      ownerId: account.ownerId,
      status: 'confirmed',
      currency,
      lines: lines.map(untouched),
      totals,
      shippingAddress: details.shippingAddress ?? account.shippingAddress ?? account.billingAddress,
      invoicePolicy,
      fulfilments: [],
      nextStepAt: addDuration(crm.now, rules.chaseAfter).toISOString(),
    }),
  ]);
};

/** Where it goes and what it is called by; lines and prices stand. */
export const editOrder = edit<Order>({ kind: Order, fields: EditableOrder, event: OrderUpdated });
