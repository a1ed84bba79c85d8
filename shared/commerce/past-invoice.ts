import * as z from 'zod';
import { endOfDay } from '../core/duration.ts';
import { id } from '../core/ids.ts';
import { least, type Money, subtract } from '../core/money.ts';
import { refuseField } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Code, Line, Prose } from '../core/text.ts';
import { Account } from '../sales/account.ts';
import type { Command } from '../store/command.ts';
import { stepAfter } from './dunning-steps.ts';
import { type Invoice, InvoiceIssued, isCollected } from './invoice.ts';
import { paidOf, statusOf, unpaid, writtenOffOf } from './invoice-balance.ts';
import { Dunning } from './invoice-policies.ts';
import { Price } from './product.ts';
import { TaxCategory } from './tax.ts';

/** An invoice that another system has issued: its own number and dates, its sums without lines. */
export const PastInvoice = z.strictObject({
  accountId: id('acc'),
  number: Code.min(1).max(100),
  issuedOn: z.iso.date(),
  dueOn: z.iso.date().optional().meta({ description: 'The day of its issue if absent.' }),
  gross: Price,
  tax: Price.optional(),
  taxCategory: TaxCategory.default('standard'),
  paid: Price.optional().meta({ description: 'All of it where it is paid and nothing else is said.' }),
  status: z.enum(['issued', 'partlyPaid', 'paid', 'writtenOff']).default('paid'),
  description: Prose.trim().min(1).max(500).default('As invoiced before'),
  reference: Line.max(100).optional(),
});
export type PastInvoice = z.infer<typeof PastInvoice>;

/** Takes in an invoice of another system. Its number is its own: none of our series. What is open of it is collected as any other. */
export const addPastInvoice: Command<PastInvoice, Invoice> = async (crm, said) => {
  const account = await crm.refer(Account, said.accountId, '#/accountId');
  const [{ timeZone, seller }, { levels }] = [await crm.policy(Settings), await crm.policy(Dunning)];
  const { gross, number, issuedOn, accountId, reference } = said;
  const { currency } = gross;
  const tax = said.tax ?? { amount: 0, currency };
  const paid = said.paid ?? { amount: said.status === 'paid' ? gross.amount : 0, currency };
  for (const [field, money] of Object.entries({ tax, paid })) within(field, money, gross);
  const net = subtract(gross, tax);
  const unsettled = paidOf(unpaid({ net, tax, gross }), paid);
  const totals = said.status === 'writtenOff' ? writtenOffOf(unsettled) : unsettled;
  const status = statusOf(totals);
  const dueOn = said.dueOn ?? issuedOn;
  const due = { dueOn, timeZone, dueEndsAt: endOfDay(dueOn, timeZone).toISOString() };
  const rate = percentOf(tax, net);
  return crm.commit([
    InvoiceIssued(undefined, {
      id: crm.newId('inv', accountId),
      accountId,
      number,
      reference,
      currency,
      status,
      issuedOn,
      dueOn,
      dueEndsAt: due.dueEndsAt,
      seller,
      buyer: { name: account.name, address: account.billingAddress, taxId: account.taxId },
      lines: [
        {
          id: '1',
          description: said.description,
          quantity: '1',
          unitPrice: net,
          discountPercent: '0',
          taxCategory: said.taxCategory,
          taxRate: rate,
          net,
        },
      ],
      taxes: [{ category: said.taxCategory, rate, taxable: net, tax }],
      totals,
      ...(isCollected(status) && {
        nextStepAt: stepAfter({ dueOn, dueEndsAt: due.dueEndsAt }, levels, timeZone)?.dueAt,
      }),
    }),
  ]);
};

function within(field: string, part: Money, gross: Money): void {
  if (part.currency !== gross.currency)
    throw refuseField(
      'currency.mismatch',
      `#/${field}`,
      `${part.currency} cannot be counted together with ${gross.currency}`,
    );
  if (least(part, gross) !== part) throw refuseField('payment.exceedsOpen', `#/${field}`, 'It is more than the gross');
}

/** A rate that was, to two places: `19`, `7.5`. */
const percentOf = (tax: Money, net: Money): string =>
  net.amount ? String(Number(((tax.amount * 100) / net.amount).toFixed(2))) : '0';
