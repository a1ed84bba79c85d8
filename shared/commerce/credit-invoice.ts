import * as z from 'zod';
import { addDecimals, compareDecimals, PositiveQuantity, subtractDecimals } from '../core/decimal.ts';
import { dateIn } from '../core/duration.ts';
import { keyOf } from '../core/ids.ts';
import { least, type Money, PositiveMoney, subtract } from '../core/money.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Prose } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import type { Command, Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import type { Kind, Stamped } from '../store/record.ts';
import { CreditNote, CreditNoteIssued, creditNotesOf, creditOf } from './credit-note.ts';
import { Invoice, moveInvoice } from './invoice.ts';
import { creditedOf, standing } from './invoice-balance.ts';
import { orderOf } from './invoice-lines.ts';
import { Invoicing } from './invoice-policies.ts';
import { type Credit, creditable, creditByAmount, creditByLines } from './invoice-totals.ts';
import { creditedOn } from './order-counts.ts';
import { movePayment, Payment, paymentsOf, releasedFrom } from './payment.ts';
import { linksRenewed } from './payment-link.ts';
import { closingIfSettled, type WithCreated } from './record-payment.ts';
import { nextInSeries, numberIn } from './series.ts';

/** Lines, an amount (gross), or neither: what is left in full. */
export const CreditRequest = z
  .strictObject({
    lines: z
      .array(z.strictObject({ lineId: z.string().max(10), quantity: PositiveQuantity }))
      .min(1)
      .max(200)
      .optional(),
    amount: PositiveMoney.optional(),
    reason: Prose.trim().min(1).max(500),
  })
  .refine(({ lines, amount }) => !lines || !amount, { message: 'Either lines or an amount' });
export type CreditRequest = z.infer<typeof CreditRequest>;

/**
 * Gives some of an invoice back, by a numbered credit note at the invoice's own rates. It takes from what is open first; what had been
 * paid is unapplied of its payments again: the customer's credit, to be allocated or refunded. 409 `invoice.nothingToCredit`, 422
 * `invoice.exceedsCreditable`, `reference.unknown`, `currency.mismatch`.
 */
export const creditInvoice: Command<CreditRequest & { id: string }, WithCreated<Invoice>> = async (
  crm,
  { id, ...request },
) => {
  const invoice = await crm.load(Invoice, id);
  const [order, earlier, payments, invoicing, { timeZone }] = await Promise.all([
    orderOf(crm, invoice),
    standingUnder(crm, CreditNote, creditNotesOf(id)),
    standingUnder(crm, Payment, paymentsOf(id)),
    crm.policy(Invoicing),
    crm.policy(Settings),
  ]);
  const credit = decideCredit(invoice, request, earlier.map(creditOf));
  const balance = decideBalance(invoice, credit.totals.gross, payments, request.reason);

  const { n, issuedOn, take } = await nextInSeries(crm, 'creditNote', dateIn(timeZone, crm.now));
  const number = numberIn(invoicing.creditNoteNumber, issuedOn.slice(0, 4), n, invoicing.digits);
  const createdId = crm.newId('crn', invoice.accountId);
  const released = balance.payments.map(({ before, after }) => ({
    paymentId: after.id,
    amount: subtract(after.unapplied, before!.unapplied),
  }));
  const note = { ...snapshotOf(invoice, credit), id: createdId, number, issuedOn, released, reason: request.reason };
  const facts = [
    balance.invoice,
    CreditNoteIssued(undefined, note, { policy: invoicing.policy }),
    ...balance.payments,
    ...(order && credit.lines.length ? [creditedOn(order, orderedLines(invoice, credit))] : []),
    ...(await closingIfSettled(crm, invoice, balance.invoice)),
  ];
  const renewed = await linksRenewed(crm, facts);
  return crm.commitAs((stored) => ({ ...(stored as Invoice), createdId }), renewed, [take]);
};

/** The records of a kind that stand under a look-up key, as they are now. */
async function standingUnder<R extends Stamped>({ store }: Crm, kind: Kind<R>, key: string): Promise<R[]> {
  const found = await store.queryAll(ranges.under(key), true);
  const items = await store.getMany(
    found.map((item) => keyOf(String(item['recordId']))),
    true,
  );
  return items.map((item) => kind.schema.parse(item));
}

/** What is given back. In full: by lines, unless an amount was credited before, of which no line knows. */
export function decideCredit(
  invoice: Invoice,
  { lines, amount }: Pick<CreditRequest, 'lines' | 'amount'>,
  earlier: readonly Credit[],
): Credit {
  // The state is asked first: it says more than what is left to be credited.
  moveInvoice(invoice, 'credit');
  if (amount && amount.currency !== invoice.currency)
    throw refuseField('currency.mismatch', '#/amount', `The invoice is in ${invoice.currency}`);
  const left = creditable(invoice, earlier).gross;
  if (left.amount <= 0) throw new Refusal('invoice.nothingToCredit', 'Everything has been credited');
  if (lines) return creditByLines(invoice, earlier, lines, invoice.rounding);
  if (amount || earlier.some((credit) => !credit.lines.length))
    return creditByAmount(invoice, earlier, amount ?? left, invoice.rounding);
  return creditByLines(invoice, earlier, linesLeft(invoice, earlier), invoice.rounding);
}

function linesLeft({ lines }: Invoice, earlier: readonly Credit[]) {
  const credited = earlier.flatMap((credit) => credit.lines);
  return lines.flatMap(({ id: lineId, quantity }) => {
    const done = credited.filter((line) => line.lineId === lineId).map((line) => line.quantity);
    const left = subtractDecimals(quantity, addDecimals(...done));
    return compareDecimals(left, '0') > 0 ? [{ lineId, quantity: left }] : [];
  });
}

/** What becomes of the invoice and of its payments, the last one first. */
export function decideBalance(
  invoice: Invoice,
  gross: Money,
  payments: readonly Payment[],
  reason: string,
): { invoice: Fact<Invoice>; payments: Fact<Payment>[] } {
  const { sums, released } = creditedOf(invoice.totals, gross);
  let missing = released;
  const lastFirst = payments.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const facts = lastFirst.flatMap((payment) => {
    const allocation = payment.allocations.find(({ invoiceId }) => invoiceId === invoice.id);
    const amount = least(missing, allocation?.amount ?? { ...missing, amount: 0 });
    if (amount.amount === 0) return [];
    missing = subtract(missing, amount);
    return [movePayment(payment, 'release', releasedFrom(payment, invoice.id, amount), { reasons: [reason] })];
  });
  return { invoice: moveInvoice(invoice, 'credit', standing(sums), { reasons: [reason] }), payments: facts };
}

const orderedLines = (invoice: Invoice, { lines }: Credit) =>
  lines.map(({ lineId, quantity }) => ({
    orderLineId: invoice.lines.find(({ id }) => id === lineId)?.orderLineId,
    quantity,
  }));

/** What a credit note keeps of its invoice. */
function snapshotOf(invoice: Invoice, { lines, taxes, totals }: Credit) {
  const { id: invoiceId, accountId, orderId, contactId, reference, currency, number, seller, buyer } = invoice;
  if (!number || !seller || !buyer) throw new Error(`The invoice ${invoiceId} was issued without number or parties`);
  const credited = lines.map(({ lineId, quantity, net }) => {
    const { id: _, productId: _p, orderLineId: _o, ...line } = invoice.lines.find((one) => one.id === lineId)!;
    return { ...line, lineId, quantity, net };
  });
  const of = { invoiceId, invoiceNumber: number, accountId, orderId, contactId, reference };
  return { ...of, currency, seller, buyer, lines: credited, taxes, totals, status: 'issued' as const };
}
