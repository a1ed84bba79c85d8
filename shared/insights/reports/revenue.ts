import type { CreditNote } from '../../commerce/credit-note.ts';
import type { Invoice, InvoiceLine } from '../../commerce/invoice.ts';
import { spread } from '../../core/money.ts';
import { byKey, byMonth, type Count, counted, counting, none, type Report, time } from '../report.ts';
import { creditNotes, invoices } from '../subjects.ts';

/** What was invoiced and credited, net of tax, by the day of the document; and how much of it is paid. */
export const revenue: Report = {
  name: 'revenue',
  about: 'Invoices and credit notes, net of tax, by the day they were issued',
  revision: 1,
  by: { month: byMonth, product: byKey('product'), account: byKey('account'), country: byKey('country') },
  counts: [
    counting(invoices, ({ record }) => {
      if (!record.issuedOn) return [];
      const { net, gross, paid } = record.totals;
      // Tax is paid with the net, in proportion.
      const [netPaid = 0] = paid.amount
        ? spread(net.amount, [BigInt(paid.amount), BigInt(gross.amount - paid.amount)])
        : [];
      return documented(record.issuedOn, record, record.lines, { invoiced: net.amount, credited: 0, paid: netPaid });
    }),
    counting(creditNotes, ({ record, invoice }) => {
      const credited = { invoiced: 0, credited: record.totals.net.amount, paid: 0 };
      return documented(record.issuedOn, record, linesOf(record, invoice), credited);
    }),
  ],
  money: ['invoiced', 'credited', 'paid'],
  amounts: ['invoiced', 'credited', 'net', 'paid'],
  headline: 'net',
  row: ({ invoiced = 0, credited = 0, paid = 0 }) => ({ invoiced, credited, net: invoiced - credited, paid }),
};

type Line = Pick<InvoiceLine, 'productId' | 'net'>;

/** The lines that a credit note takes back; where an amount was credited, it is of all lines in proportion. */
const linesOf = ({ lines }: CreditNote, invoice: Invoice | undefined): Line[] =>
  lines.length
    ? lines.map(({ lineId, net }) => ({ productId: invoice?.lines.find(({ id }) => id === lineId)?.productId, net }))
    : (invoice?.lines ?? []);

/** The counts of a document. Its figures are spread over its products to the minor unit. */
function documented(
  on: string,
  { accountId, buyer, currency }: Pick<Invoice, 'accountId' | 'buyer' | 'currency'>,
  lines: readonly Line[],
  figures: Record<string, number>,
): Count[] {
  const keys = { ...time, account: accountId, country: buyer?.address?.country };
  const products = Map.groupBy(
    lines.length ? lines : [{ net: { amount: 1, currency } }],
    ({ productId = none }) => productId,
  );
  const weights = [...products.values()].map((same) => same.reduce((sum, { net }) => sum + BigInt(net.amount), 0n));
  const parts = Object.entries(figures).map(([name, value]) => [name, spread(value, weights)] as const);
  return [
    ...counted(on, keys, figures, currency),
    ...[...products.keys()].flatMap((product, n) =>
      counted(on, { product }, Object.fromEntries(parts.map(([name, values]) => [name, values[n] ?? 0])), currency),
    ),
  ];
}
