import * as z from 'zod';
import { format } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { facts, note, paragraph } from '../mail/layout.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import { template } from '../mail/render.ts';
import { Contact, nameOf } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import type { Store } from '../store/store.ts';
import type { CreditNote } from './credit-note.ts';
import type { Invoice } from './invoice.ts';

const AboutInvoice = z.object({
  name: z.string(),
  number: z.string(),
  gross: z.string(),
  open: z.string(),
  dueOn: z.string().optional(),
  iban: z.string().optional(),
  level: z.string().optional(),
});
const what = ({ number, gross, open, dueOn, iban }: z.infer<typeof AboutInvoice>) =>
  facts({ Invoice: number, Total: gross, Open: open, 'Due on': dueOn, 'Pay to': iban, Reference: number });

const invoiceIssued = template('invoice', AboutInvoice, (about) => ({
  subject: `Invoice ${about.number}`,
  blocks: [paragraph(`Hello ${about.name},`), paragraph('please find our invoice attached.'), what(about)],
}));

const invoiceReminder = template('reminder', AboutInvoice, (about) => ({
  subject: `${about.level === 'reminder' ? 'A reminder' : 'Overdue'}: invoice ${about.number}`,
  blocks: [
    paragraph(`Hello ${about.name},`),
    paragraph('this invoice is still open. Please pay it, or tell us what is in the way.'),
    what(about),
    note('If you have paid in the last days, please take no notice of this mail.'),
  ],
}));

const creditNoteIssued = template(
  'credit-note',
  z.object({ name: z.string(), number: z.string(), invoiceNumber: z.string(), gross: z.string(), reason: z.string() }),
  ({ name, number, invoiceNumber, gross, reason }) => ({
    subject: `Credit note ${number}`,
    blocks: [
      paragraph(`Hello ${name},`),
      paragraph('please find our credit note attached.'),
      facts({ 'Credit note': number, 'For invoice': invoiceNumber, Total: gross, Reason: reason }),
    ],
  }),
);

/** The mails about invoices. */
export const invoiceMails = [invoiceIssued, invoiceReminder, creditNoteIssued];

/** Who gets an account's invoices: the document's contact, else the first one of the account with an address. */
export async function payerOf(
  { store }: { store: Store },
  { accountId, contactId }: Pick<Invoice, 'accountId' | 'contactId'>,
): Promise<Contact | undefined> {
  const named = contactId ? await store.find(Contact, contactId) : undefined;
  if (named?.emails[0]) return named;
  return (await store.loadAll(Contact, accountId)).find(({ emails, archivedAt }) => emails[0] && !archivedAt);
}

interface Attached {
  key: string;
  filename: string;
}
const pdf = (attached: Attached | undefined) => (attached ? [{ ...attached, contentType: 'application/pdf' }] : []);

/** A mail about an invoice to whoever pays it: with its PDF, or a level of dunning. */
export function mailToPayer(
  crm: Pick<Crm, 'newId'>,
  name: 'invoice' | 'reminder',
  invoice: Invoice,
  payer: Contact,
  step: string,
  attached?: Attached,
): Fact<Mail> {
  const { id, accountId, number = '', totals, dueOn, seller } = invoice;
  const about = {
    name: nameOf(payer),
    number,
    gross: format(totals.gross, 'en'),
    open: format(totals.open, 'en'),
    dueOn,
    iban: seller?.iban,
    level: step,
  };
  const to = { name: nameOf(payer), email: payer.emails[0]! };
  return queueMail(crm, { accountId, recordId: id, step, to, template: name, data: about, attachments: pdf(attached) });
}

/** A credit note with its PDF. */
export function creditNoteMail(
  crm: Pick<Crm, 'newId'>,
  credit: CreditNote,
  payer: Contact,
  attached: Attached,
): Fact<Mail> {
  const { id, accountId, number, invoiceNumber, totals, reason } = credit;
  const data = { name: nameOf(payer), number, invoiceNumber, gross: format(totals.gross, 'en'), reason };
  const to = { name: nameOf(payer), email: payer.emails[0]! };
  return queueMail(crm, {
    accountId,
    recordId: id,
    step: 'issued',
    to,
    template: creditNoteIssued.name,
    data,
    attachments: pdf(attached),
  });
}
