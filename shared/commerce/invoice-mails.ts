import * as z from 'zod';
import { format } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { actions, facts, note, paragraph } from '../mail/layout.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import { template } from '../mail/render.ts';
import { Contact, nameOf } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import type { CreditNote } from './credit-note.ts';
import type { Invoice } from './invoice.ts';

const AboutInvoice = z.object({
  name: z.string(),
  number: z.string(),
  gross: z.string(),
  open: z.string(),
  dueOn: z.string().optional(),
  iban: z.string().optional(),
  paymentUrl: z.string().optional(),
});
const payNow = ({ paymentUrl }: z.infer<typeof AboutInvoice>) =>
  paymentUrl ? [actions({ label: 'Pay now', href: paymentUrl })] : [];
const what = ({ number, gross, open, dueOn, iban }: z.infer<typeof AboutInvoice>) =>
  facts({ Invoice: number, Total: gross, Open: open, 'Due on': dueOn, 'Pay to': iban, Reference: number });

const invoiceIssued = template('invoice', AboutInvoice, (about) => ({
  subject: `Invoice ${about.number}`,
  blocks: [
    paragraph(`Hello ${about.name},`),
    paragraph('please find our invoice attached.'),
    what(about),
    ...payNow(about),
  ],
}));

/** The first level asks kindly; those after it say how things are. */
const invoiceReminder = template('invoice-reminder', AboutInvoice.extend({ level: z.string() }), (about) => ({
  subject: `${about.level === 'reminder' ? 'A reminder' : 'Overdue'}: invoice ${about.number}`,
  blocks: [
    paragraph(`Hello ${about.name},`),
    paragraph('this invoice is still open. Please pay it, or tell us what is in the way.'),
    what(about),
    ...payNow(about),
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

/** A contact with an address. */
export interface Payer {
  name: string;
  email: string;
}

/** Who gets an account's invoices: the document's contact, else the first one of the account with an address. */
export async function payerOf(
  { store }: Pick<Crm, 'store'>,
  { accountId, contactId }: Pick<Invoice, 'accountId' | 'contactId'>,
): Promise<Payer | undefined> {
  const named = contactId ? await store.find(Contact, contactId) : undefined;
  if (named && reachable(named)) return asPayer(named);
  const contacts = (await store.loadAll(Contact, accountId)).filter(reachable);
  const [first] = contacts.sort((a, b) => (a.id < b.id ? -1 : 1));
  return first && asPayer(first);
}

const reachable = ({ emails, archivedAt }: Contact): boolean => emails.length > 0 && !archivedAt;
const asPayer = (contact: Contact): Payer => ({ name: nameOf(contact), email: contact.emails[0]! });

const aboutInvoice = ({ name }: Payer, { number = '', totals, dueOn, seller, paymentUrl }: Invoice) => ({
  name,
  number,
  gross: format(totals.gross, 'en'),
  open: format(totals.open, 'en'),
  dueOn,
  iban: seller?.iban,
  paymentUrl,
});
const pdf = (key: string, number: string) => [
  { key, filename: `${number.replaceAll('/', '-')}.pdf`, contentType: 'application/pdf' },
];

/** An invoice with its PDF. */
export const invoiceMail = (crm: Pick<Crm, 'newId'>, invoice: Invoice, to: Payer, key: string): Fact<Mail> =>
  queueMail(crm, {
    accountId: invoice.accountId,
    recordId: invoice.id,
    step: 'issued',
    to,
    template: invoiceIssued.name,
    data: aboutInvoice(to, invoice),
    attachments: pdf(key, invoice.number ?? ''),
  });

/** A level of dunning. A level that is reached once more (a payment was taken back, say) is another mail. */
export const reminderMail = (crm: Pick<Crm, 'newId'>, invoice: Invoice, to: Payer, level: string): Fact<Mail> =>
  queueMail(crm, {
    accountId: invoice.accountId,
    recordId: invoice.id,
    step: `${level}-${invoice.version}`,
    to,
    template: invoiceReminder.name,
    data: { ...aboutInvoice(to, invoice), level },
  });

/** A credit note with its PDF. */
export const creditNoteMail = (crm: Pick<Crm, 'newId'>, credit: CreditNote, to: Payer, key: string): Fact<Mail> =>
  queueMail(crm, {
    accountId: credit.accountId,
    recordId: credit.id,
    step: 'issued',
    to,
    template: creditNoteIssued.name,
    data: {
      name: to.name,
      number: credit.number,
      invoiceNumber: credit.invoiceNumber,
      gross: format(credit.totals.gross, 'en'),
      reason: credit.reason,
    },
    attachments: pdf(key, credit.number),
  });
