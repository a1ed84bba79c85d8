import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Account } from '../sales/account.ts';
import { Contact } from '../sales/contact.ts';
import type { Command } from '../store/command.ts';
import { archive, edit } from '../store/edit.ts';
import {
  EditableInvoice,
  Invoice,
  InvoiceArchived,
  type InvoiceDetails,
  InvoiceDrafted,
  InvoiceUpdated,
} from './invoice.ts';
import { linesDue, linesOf, orderBehind, priced } from './invoice-lines.ts';
import { Invoicing } from './invoice-policies.ts';
import { Order } from './order.ts';

/** Drafts an invoice: of what is invoiceable of an order, or of lines of its own. It has no number until it is issued. */
export const draftInvoice: Command<InvoiceDetails, Invoice> = async (
  crm,
  { lines = [], accountId, orderId, ...said },
) => {
  const order = orderId ? await crm.refer(Order, orderId, '#/orderId') : undefined;
  const account = await crm.refer(Account, order?.accountId ?? accountId ?? '', '#/accountId');
  if (said.contactId) await crm.refer(Contact, said.contactId, '#/contactId');
  const [settings, { taxRates, rounding }] = await Promise.all([crm.policy(Settings), crm.policy(Invoicing)]);
  const currency = order?.currency ?? said.currency ?? settings.currency;
  const due = order ? linesDue(order) : await linesOf(crm, { currency }, lines, undefined);
  if (!due.length) throw new Refusal('record.wrongState', 'Nothing of the order is invoiceable now');
  const id = crm.newId('inv', account.id);
  const contactId = said.contactId ?? order?.contactId;
  const draft = { ...said, id, accountId: account.id, orderId, contactId, currency, status: 'draft' as const };
  return crm.commit([InvoiceDrafted(undefined, { ...draft, ...priced(currency, due, taxRates, rounding) })]);
};

/** Only a draft is edited: its lines are priced again. */
export const editInvoice = edit<Invoice>({
  kind: Invoice,
  fields: EditableInvoice,
  event: InvoiceUpdated,
  while: ['draft'],
  rule: async (crm, after, before) => {
    if (after.contactId && after.contactId !== before.contactId)
      await crm.refer(Contact, after.contactId, '#/contactId');
    const { taxRates, rounding } = await crm.policy(Invoicing);
    const lines = await linesOf(crm, after, after.lines, await orderBehind(crm, after));
    return { ...after, ...priced(after.currency, lines, taxRates, rounding) };
  },
});

/** Only a draft is taken away: what was issued is corrected by a credit note. */
export const archiveInvoice = archive<Invoice>(Invoice, InvoiceArchived, (_, { status }) => {
  if (status !== 'draft') throw new Refusal('record.wrongState', `An invoice that is ${status} stays: credit it`);
});
