import type { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import type { Mail } from '../mail/mail.ts';
import type { Command, Crm } from '../store/command.ts';
import { billingTask } from './billing-task.ts';
import { CreditNote } from './credit-note.ts';
import { Invoice, type InvoiceLine } from './invoice.ts';
import { creditNoteMail, invoiceMail, payerOf } from './invoice-mails.ts';
import type { InvoiceDocument } from './invoice-pdf.ts';

/** Where the PDF of an invoice or a credit note lies in the bucket: made once, at issue. */
export const documentKey = (recordId: string): string => `documents/${recordId}.pdf`;

type Line = Omit<InvoiceLine, 'id' | 'orderLineId' | 'productId'>;
const positions = (lines: readonly Line[]): InvoiceDocument['lines'] =>
  lines.map(({ description, quantity, unitPrice, discountPercent, net, taxCategory, taxRate }, n) => ({
    position: n + 1,
    description,
    quantity,
    unitPrice,
    discountPercent,
    net,
    taxCategory,
    taxRate,
  }));

type Around = Pick<typeof Settings.defaults, 'language'>;

/** What stands on the paper of an invoice. */
export function paperOfInvoice(invoice: Invoice, { language }: Around): InvoiceDocument {
  const { number = '', issuedOn = '', dueOn, currency, seller, buyer, reference, taxes, notes } = invoice;
  if (!seller || !buyer) throw new Error(`The invoice ${invoice.id} has no parties`);
  const { net, tax, gross } = invoice.totals;
  const totals = { net, tax, gross };
  const head = { kind: 'invoice' as const, number, issuedOn, dueOn, currency, language, seller, buyer, reference };
  return { ...head, lines: positions(invoice.lines), taxes, totals, notes };
}

/** What stands on the paper of a credit note. An amount that was credited stands there as one line a rate. */
export function paperOfCreditNote(credit: CreditNote, { language }: Around): InvoiceDocument {
  const { number, issuedOn, currency, seller, buyer, reference, taxes, totals, reason, invoiceNumber } = credit;
  const amounts = taxes.map(({ category, rate, taxable }) => ({
    description: reason,
    quantity: '1',
    unitPrice: taxable,
    discountPercent: '0',
    taxCategory: category,
    taxRate: rate,
    net: taxable,
  }));
  const head = { kind: 'creditNote' as const, number, issuedOn, currency, language, seller, buyer, reference };
  const lines = positions(credit.lines.length ? credit.lines : amounts);
  return { ...head, lines, taxes, totals, reason, invoiceNumber };
}

/**
 * The PDF of an invoice is there: it goes to whoever pays. Nobody to send it to: a task, so that it is not forgotten. Run once an event
 * (`once`); a mail that is queued already is the same mail.
 */
export const sendInvoice: Command<{ id: string }, void> = async (crm, { id }) => {
  const invoice = await crm.store.load(Invoice, id);
  const payer = await payerOf(crm, invoice);
  if (payer) return queued(crm, invoiceMail(crm, invoice, payer, documentKey(id)));
  await crm.commitAs(nothing, [
    await billingTask(crm, invoice, `Send invoice ${invoice.number}: nobody has an address`),
  ]);
};

/** The same for a credit note. */
export const sendCreditNote: Command<{ id: string }, void> = async (crm, { id }) => {
  const credit = await crm.store.load(CreditNote, id);
  const payer = await payerOf(crm, credit);
  if (payer) return queued(crm, creditNoteMail(crm, credit, payer, documentKey(id)));
  const title = `Send credit note ${credit.number}: nobody has an address`;
  await crm.commitAs(nothing, [await billingTask(crm, credit, title)]);
};

const nothing = () => undefined;

/** A message that is told again after its receipt is gone finds the mail by its own key. */
async function queued(crm: Crm, mail: Fact<Mail>): Promise<void> {
  const [key = ''] = mail.kind.unique?.(mail.after) ?? [];
  if (!(await crm.store.holderOf(key))) await crm.commitAs(nothing, [mail]);
}
