import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Account } from '../sales/account.ts';
import { Contact } from '../sales/contact.ts';
import type { Command, Crm } from '../store/command.ts';
import { archive, edit } from '../store/edit.ts';
import {
  EditableInvoice,
  Invoice,
  InvoiceArchived,
  type InvoiceDetails,
  InvoiceDrafted,
  InvoiceUpdated,
} from './invoice.ts';
import { linesOfOrder, orderOf, summedUp, writtenLines } from './invoice-lines.ts';
import { Invoicing } from './invoice-policies.ts';
import { Order } from './order.ts';

/** Drafts an invoice: of what is invoiceable of an order (409 `order.nothingToInvoice` if nothing is), or of lines of its own. */
export const draftInvoice: Command<InvoiceDetails, Invoice> = async (crm, details) => {
  const { contactId, reference, notes } = details;
  if (contactId) await crm.refer(Contact, contactId, '#/contactId');
  const { order, lines, ...claim } = await claimOf(crm, details);
  const sums = summedUp(claim.currency, lines, order, await crm.policy(Invoicing));
  const said = { ...claim, ...(contactId && { contactId }), ...(reference && { reference }), notes };
  const id = crm.newId('inv', claim.accountId);
  return crm.commit([InvoiceDrafted(undefined, { ...said, ...sums, id, status: 'draft' })]);
};

/** Who owes what: by the order, or by the request. */
async function claimOf(crm: Crm, { orderId, accountId = '', currency, lines = [] }: InvoiceDetails) {
  if (orderId) {
    const order = await crm.refer(Order, orderId, '#/orderId');
    const due = linesOfOrder(order);
    if (due.length) return { ...claimOn(order), order, lines: due };
    throw new Refusal('order.nothingToInvoice', `Nothing of order ${order.number} can be invoiced now`);
  }
  await crm.refer(Account, accountId, '#/accountId');
  const own = currency ?? (await crm.policy(Settings)).currency;
  return { accountId, currency: own, order: undefined, lines: await writtenLines(crm, lines, own, undefined) };
}

/** What an invoice takes over from its order: it is a claim on whoever pays, and their contact is not the orderer's. */
export const claimOn = ({ id, accountId, billToAccountId, contactId, currency, reference }: Order) => ({
  accountId: billToAccountId,
  orderId: id,
  contactId: accountId === billToAccountId ? contactId : undefined,
  currency,
  reference,
});

/** Only a draft is edited: its lines are priced again. */
export const editInvoice = edit<Invoice>({
  kind: Invoice,
  fields: EditableInvoice,
  event: InvoiceUpdated,
  while: ['draft'],
  rule: async (crm, after, before) => {
    if (after.contactId && after.contactId !== before.contactId)
      await crm.refer(Contact, after.contactId, '#/contactId');
    const order = await orderOf(crm, before);
    const lines = await writtenLines(crm, after.lines, after.currency, order);
    return { ...after, ...summedUp(after.currency, lines, order, await crm.policy(Invoicing)) };
  },
});

/** Only a draft is taken away: what was issued is corrected by a credit note. */
export const archiveInvoice = archive<Invoice>(Invoice, InvoiceArchived, (_, { status }) => {
  if (status !== 'draft') throw new Refusal('record.wrongState', `An invoice that is ${status} stays: credit it`);
});
