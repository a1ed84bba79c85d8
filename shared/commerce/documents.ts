import type { Settings } from '../core/settings.ts';
import { openTask } from '../platform/task.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import { CreditNote } from './credit-note.ts';
import { Invoice } from './invoice.ts';
import { creditNoteMail, mailToPayer, payerOf } from './invoice-mails.ts';
import type { InvoiceDocument } from './invoice-pdf.ts';

/** Where the PDF of an invoice or a credit note lies in the bucket: made once, at issue. */
export const documentKey = (recordId: string): string => `documents/${recordId}.pdf`;

/** What stands on the paper of an invoice. */
export const paperOfInvoice = (invoice: Invoice, { language }: typeof Settings.defaults): InvoiceDocument => {
  const {
    number = '',
    issuedOn = '',
    dueOn,
    currency,
    seller,
    buyer,
    reference,
    lines,
    taxes,
    totals,
    notes,
  } = invoice;
  if (!seller || !buyer) throw new Error(`The invoice ${invoice.id} has no parties`);
  const positions = lines.map(
    ({ description, quantity, unitPrice, discountPercent, net, taxCategory, taxRate }, n) => ({
      position: n + 1,
      description,
      quantity,
      unitPrice,
      discountPercent,
      net,
      taxCategory,
      taxRate,
    }),
  );
  const { net, tax, gross } = totals;
  return {
    kind: 'invoice',
    number,
    issuedOn,
    dueOn,
    currency,
    language,
    seller,
    buyer,
    reference,
    lines: positions,
    taxes,
    totals: { net, tax, gross },
    notes,
  };
};

/** What stands on the paper of a credit note. */
export const paperOfCreditNote = (credit: CreditNote, { language }: typeof Settings.defaults): InvoiceDocument => {
  const { number, issuedOn, currency, seller, buyer, reference, lines, taxes, totals, reason, invoiceNumber } = credit;
  const positions = lines.map(
    ({ description, quantity, unitPrice, discountPercent, net, taxCategory, taxRate }, n) => ({
      position: n + 1,
      description,
      quantity,
      unitPrice,
      discountPercent,
      net,
      taxCategory,
      taxRate,
    }),
  );
  return {
    kind: 'creditNote',
    number,
    issuedOn,
    currency,
    language,
    seller,
    buyer,
    reference,
    lines: positions,
    taxes,
    totals,
    reason,
    invoiceNumber,
  };
};

/** The invoice's PDF is there: it goes to whoever pays. Nobody to send it to: a task, so that it is not forgotten. Once, however often it is told. */
export const sendInvoice: Command<{ id: string }, void> = async (crm, { id }) => {
  const invoice = await crm.store.load(Invoice, id);
  const payer = await payerOf(crm, invoice);
  const attached = { key: documentKey(id), filename: `${invoice.number}.pdf` };
  const already = payer && (await crm.store.holderOf(`mail#${id}#issued#${payer.emails[0]}`));
  if (already) return;
  if (payer) await crm.commit([mailToPayer(crm, 'invoice', invoice, payer, 'issued', attached)]);
  else await nobodyToSendTo(crm, invoice, `Send invoice ${invoice.number}: the account has no address`);
};

/** The same for a credit note. */
export const sendCreditNote: Command<{ id: string }, void> = async (crm, { id }) => {
  const credit = await crm.store.load(CreditNote, id);
  const payer = await payerOf(crm, credit);
  const attached = { key: documentKey(id), filename: `${credit.number}.pdf` };
  const already = payer && (await crm.store.holderOf(`mail#${id}#issued#${payer.emails[0]}`));
  if (already) return;
  if (payer) await crm.commit([creditNoteMail(crm, credit, payer, attached)]);
  else await nobodyToSendTo(crm, credit, `Send credit note ${credit.number}: the account has no address`);
};

async function nobodyToSendTo(
  crm: Crm,
  { id, accountId }: { id: string; accountId: string },
  title: string,
): Promise<void> {
  const account = await crm.store.find(Account, accountId);
  const whose = account?.ownerId ? { assigneeId: account.ownerId } : { queue: 'billing' };
  await crm.commit([openTask(crm, { title, accountId, recordId: id, ...whose })]);
}
