import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Code, Line, Prose } from '../core/text.ts';
import { Account } from '../sales/account.ts';
import type { Command } from '../store/command.ts';
import { confirmed, type Order, OrderStatus } from './order.ts';
import { Price } from './product.ts';
import { Ordering } from './quote-policies.ts';

/** An order that another system has dealt with: its own number, its sum without lines of products. */
export const PastOrder = z.strictObject({
  accountId: id('acc'),
  number: Code.min(1).max(100),
  net: Price,
  status: OrderStatus.extract(['closed', 'cancelled']).default('closed'),
  ownerId: id('usr').optional(),
  description: Prose.trim().min(1).max(500).default('As ordered before'),
  reference: Line.max(100).optional(),
});
export type PastOrder = z.infer<typeof PastOrder>;

/** Takes in an order of another system: nothing of it is left to be fulfilled or invoiced. */
export const addPastOrder: Command<PastOrder, Order> = async (crm, { net, status, description, ...said }) => {
  const account = await crm.refer(Account, said.accountId, '#/accountId');
  const { invoicePolicy } = await crm.policy(Ordering);
  const nothing = { ...net, amount: 0 };
  const done =
    status === 'closed'
      ? { fulfilled: '1', invoiced: '1', cancelled: '0' }
      : { fulfilled: '0', invoiced: '0', cancelled: '1' };
  return crm.commit([
    confirmed({
      ...said,
      id: crm.newId('ord', account.id),
      billToAccountId: account.id,
      status,
      currency: net.currency,
      lines: [
        {
          id: '1',
          description,
          quantity: '1',
          unitPrice: net,
          discountPercent: '0',
          taxCategory: 'zero',
          net,
          credited: '0',
          ...done,
        },
      ],
      totals: {
        net,
        discount: nothing,
        taxes: [{ category: 'zero', rate: '0', taxable: net, tax: nothing }],
        gross: net,
      },
      invoicePolicy,
      fulfilments: [],
    }),
  ]);
};
