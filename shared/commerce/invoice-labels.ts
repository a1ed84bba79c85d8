import type { TaxCategory } from './tax.ts';

/** The fixed words of an invoice and a credit note. */
export interface InvoiceLabels {
  invoice: string;
  creditNote: string;
  number: string;
  issuedOn: string;
  dueOn: string;
  reference: string;
  invoiceNumber: string;
  taxId: string;
  position: string;
  description: string;
  quantity: string;
  unitPrice: string;
  discount: string;
  tax: string;
  net: string;
  netTotal: string;
  gross: string;
  credited: string;
  reason: string;
  categories: Readonly<Record<TaxCategory, string>>;
  /** What the law wants to be said about a category. */
  remarks: Partial<Readonly<Record<TaxCategory, string>>>;
  on: (taxable: string) => string;
  pay: (gross: string, number: string, dueOn: string | undefined) => string;
  credit: (gross: string, invoiceNumber: string) => string;
  page: (sheet: number, of: number) => string;
}

const en: InvoiceLabels = {
  invoice: 'Invoice',
  creditNote: 'Credit note',
  number: 'Number',
  issuedOn: 'Date of issue',
  dueOn: 'Due date',
  reference: 'Your reference',
  invoiceNumber: 'For invoice',
  taxId: 'Tax ID',
  position: 'Pos.',
  description: 'Description',
  quantity: 'Quantity',
  unitPrice: 'Unit price',
  discount: 'Discount',
  tax: 'Tax',
  net: 'Net',
  netTotal: 'Net total',
  gross: 'Total due',
  credited: 'Total credited',
  reason: 'Reason',
  categories: {
    standard: 'Tax',
    reduced: 'Tax, reduced rate',
    zero: 'Tax, zero rate',
    exempt: 'Exempt from tax',
    reverseCharge: 'Reverse charge',
  },
  remarks: { reverseCharge: 'Reverse charge: the recipient is liable for the tax.' },
  on: (taxable) => `on ${taxable}`,
  pay: (gross, number, dueOn) =>
    `Please pay ${gross}${dueOn === undefined ? '' : ` by ${dueOn}`}, with the reference ${number}.`,
  credit: (gross, invoiceNumber) => `We credit ${gross} to you for invoice ${invoiceNumber}.`,
  page: (sheet, of) => `Page ${sheet} of ${of}`,
};

const de: InvoiceLabels = {
  invoice: 'Rechnung',
  creditNote: 'Rechnungskorrektur',
  number: 'Nummer',
  issuedOn: 'Ausgestellt am',
  dueOn: 'Fällig am',
  reference: 'Ihr Zeichen',
  invoiceNumber: 'Zur Rechnung',
  taxId: 'Steuernummer / USt-IdNr.',
  position: 'Pos.',
  description: 'Beschreibung',
  quantity: 'Menge',
  unitPrice: 'Einzelpreis',
  discount: 'Rabatt',
  tax: 'USt.',
  net: 'Netto',
  netTotal: 'Summe netto',
  gross: 'Gesamtbetrag',
  credited: 'Gutgeschriebener Betrag',
  reason: 'Grund',
  categories: {
    standard: 'Umsatzsteuer',
    reduced: 'Umsatzsteuer, ermäßigt',
    zero: 'Umsatzsteuer, Nullsatz',
    exempt: 'Umsatzsteuerfrei',
    reverseCharge: 'Reverse Charge',
  },
  remarks: { reverseCharge: 'Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge).' },
  on: (taxable) => `auf ${taxable}`,
  pay: (gross, number, dueOn) =>
    `Bitte zahlen Sie ${gross}${dueOn === undefined ? '' : ` bis zum ${dueOn}`} mit dem Verwendungszweck ${number}.`,
  credit: (gross, invoiceNumber) => `Wir schreiben Ihnen ${gross} zur Rechnung ${invoiceNumber} gut.`,
  page: (sheet, of) => `Seite ${sheet} von ${of}`,
};

/** The words of a language (BCP 47), English where there are none. */
export const invoiceLabels = (language: string): InvoiceLabels => (/^de\b/i.test(language) ? de : en);
