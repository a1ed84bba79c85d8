import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { CreditNote } from '../../../shared/commerce/credit-note.ts';
import type { Invoice } from '../../../shared/commerce/invoice.ts';
import { forecast } from '../../../shared/insights/reports/forecast.ts';
import { pipeline } from '../../../shared/insights/reports/pipeline.ts';
import { revenue } from '../../../shared/insights/reports/revenue.ts';
import { sales } from '../../../shared/insights/reports/sales.ts';
import { creditNotes, invoices, opportunities } from '../../../shared/insights/subjects.ts';
import type { Account } from '../../../shared/sales/account.ts';
import { type Opportunity, stageIn, standingIn } from '../../../shared/sales/opportunity.ts';
import { salesPipeline } from '../../../shared/sales/pipeline.ts';
import { tallied } from './tally.ts';

/** Other people's data lies beside the checkout, or nowhere: then there is nothing to compare with. */
const folder = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const rowsOf = (file: string): Record<string, string>[] => {
  const bytes = readFileSync(join(folder, file));
  return parse(file.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true, bom: true });
};
const cents = (amount: string | number): number => Math.round(Number(amount) * 100);
const usd = (amount: number) => ({ amount, currency: 'USD' });

interface Figures {
  won: number;
  lost: number;
  revenue: number;
  win_rate: number;
}
interface Truth {
  'crm-pipeline': {
    stage_counts: Record<string, number>;
    won_revenue: number;
    win_rate_closed: number;
    by_quarter: Record<string, Figures>;
    revenue_by_region: Record<string, number>;
    revenue_by_sector: Record<string, number>;
    open_pipeline: {
      count: number;
      list_value: number;
      by_stage: Record<string, { count: number; list_value: number }>;
    };
  };
  'invoices_2010-12': {
    net_total: number;
    gross_total_without_C: number;
    top5_customers: Record<string, number>;
    top5_countries: Record<string, number>;
  };
}
const truthPath = join(folder, 'TRUTH.json');
const truth = existsSync(truthPath) ? (JSON.parse(readFileSync(truthPath, 'utf8')) as Truth) : undefined;
const compared = (name: string, tests: (truth: Truth) => void) =>
  truth ? describe(name, () => tests(truth)) : it.skip(`${name}: there is no ../shared/data beside the checkout`);

compared('a pipeline of 8,800 opportunities', (all) => {
  const { stage_counts: stages, by_quarter: quarters, open_pipeline: open, ...of } = all['crm-pipeline'];
  const prices = new Map(
    rowsOf('crm-pipeline/products.csv').map(({ product, sales_price }) => [product, cents(sales_price!)]),
  );
  const sectors = new Map(rowsOf('crm-pipeline/accounts.csv').map(({ account, sector }) => [account, sector]));
  const agents = rowsOf('crm-pipeline/sales_teams.csv');
  const users = agents.map(
    ({ sales_agent, regional_office }) => ({ id: sales_agent!, teamId: regional_office! }) as never,
  );
  const stageOf: Record<string, string> = { Engaging: 'discovery', Prospecting: 'new', Won: 'won', Lost: 'lost' };
  const deals = rowsOf('crm-pipeline/sales_pipeline.csv').map((row) => {
    const stage = stageIn(salesPipeline, stageOf[row['deal_stage']!]!);
    const product = row['product'] === 'GTXPro' ? 'GTX Pro' : row['product']!;
    const closeOn = row['close_date'] || undefined;
    const record = {
      ...standingIn(salesPipeline, stage, new Date()),
      id: row['opportunity_id'],
      status: stage.kind,
      ownerId: row['sales_agent'],
      products: [product],
      openedOn: row['engage_date'] || '2017-12-31',
      closeOn,
      closedOn: stage.kind === 'open' ? undefined : closeOn,
      amount: usd(stage.kind === 'open' ? prices.get(product)! : cents(row['close_value']!)),
    } as unknown as Opportunity;
    const industry = sectors.get(row['account']);
    return { record, account: { ...(industry && { industry }) } as Account };
  });
  const read = (report: typeof sales, by: string, more = {}) =>
    tallied(report, opportunities, deals, by, { currency: 'USD', users, ...more });

  it('won and lost what the file says, in all and by quarter', () => {
    const { rows, totals } = read(sales, 'quarter');
    expect(totals).toMatchObject({ won: stages['Won'], lost: stages['Lost'], amountWon: cents(of.won_revenue) });
    expect(totals['winRate']).toBeCloseTo(of.win_rate_closed, 12);
    expect(Object.fromEntries(rows)).toMatchObject(
      Object.fromEntries(
        Object.entries(quarters).map(([quarter, { won, lost, revenue: amount, win_rate }]) => [
          quarter,
          { won, lost, amountWon: cents(amount), winRate: expect.closeTo(win_rate, 12) },
        ]),
      ),
    );
    expect(rows.size).toBe(Object.keys(quarters).length);
  });

  it('sold in each region and sector what the file says', () => {
    const amounts = (by: string) =>
      Object.fromEntries([...read(sales, by).rows].map(([key, { amountWon }]) => [key, amountWon]));
    expect(amounts('team')).toEqual(
      Object.fromEntries(Object.entries(of.revenue_by_region).map(([k, v]) => [k, cents(v)])),
    );
    expect(amounts('industry')).toMatchObject(
      Object.fromEntries(Object.entries(of.revenue_by_sector).map(([k, v]) => [k, cents(v)])),
    );
  });

  it('has open what the file says, by stage', () => {
    const { rows, totals } = read(pipeline, 'stage');
    expect(totals).toMatchObject({ count: open.count, amount: cents(open.list_value) });
    for (const [stage, { count, list_value }] of Object.entries(open.by_stage))
      expect(rows.get(stageOf[stage]!)).toMatchObject({ count, amount: cents(list_value) });
  });

  it('closed in the forecast what was won, and the parts of a year are the year', () => {
    const year = { from: '2017-01-01', to: '2017-12-31' };
    expect(read(forecast, 'quarter', year).totals).toMatchObject({ closed: cents(of.won_revenue) });
    const months = read(sales, 'month', year).rows.values();
    expect([...months].reduce((sum, { amountWon }) => sum + Number(amountWon), 0)).toBe(cents(of.won_revenue));
  });
});

compared('2,025 invoices and their cancellations', (all) => {
  const of = all['invoices_2010-12'];
  const documents = Map.groupBy(rowsOf('invoices/online_retail_2010-12.csv.gz'), ({ InvoiceNo }) => InvoiceNo!);
  const gbp = (amount: number) => ({ amount, currency: 'GBP' });
  const papers = [...documents].map(([number, rows]) => {
    const { CustomerID, Country } = rows[0]!;
    // Cents of a cent: the file's prices have up to four decimals.
    const lines = rows.map(({ StockCode, Quantity, UnitPrice }) => ({
      productId: StockCode!,
      net: gbp(Math.round(Number(Quantity) * Number(UnitPrice) * 10_000)),
    }));
    const net = lines.reduce((sum, line) => sum + line.net.amount, 0);
    const said = {
      id: number,
      accountId: CustomerID ? String(Number(CustomerID)) : 'none',
      currency: 'GBP',
      issuedOn: '2010-12-01',
      buyer: { name: CustomerID, address: { country: Country } },
      lines,
    };
    return { number, said, net };
  });
  const sold = papers
    .filter(({ number }) => !number.startsWith('C'))
    .map(({ said, net }) => ({
      record: { ...said, totals: { net: gbp(net), gross: gbp(net), paid: gbp(0) } } as unknown as Invoice,
    }));
  const taken = papers
    .filter(({ number }) => number.startsWith('C'))
    .map(({ said: { lines, ...said }, net }) => ({
      record: { ...said, lines: [], totals: { net: gbp(-net) } } as unknown as CreditNote,
      invoice: {
        lines: lines.map(({ productId, net: one }) => ({ productId, net: gbp(-one.amount) })),
      } as unknown as Invoice,
    }));
  const nets = (by: string) => {
    const invoiced = tallied(revenue, invoices, sold, by, { currency: 'GBP' });
    const credited = tallied(revenue, creditNotes, taken, by, { currency: 'GBP' });
    const keys = [...invoiced.rows.keys(), ...credited.rows.keys()];
    const net = (key: string) =>
      Number(invoiced.rows.get(key)?.['net'] ?? 0) + Number(credited.rows.get(key)?.['net'] ?? 0);
    return { invoiced, credited, net, sum: [...new Set(keys)].reduce((all, key) => all + net(key), 0) };
  };

  it('come to the gross and the net of the file', () => {
    const { invoiced, credited, sum } = nets('month');
    expect(Number(invoiced.totals['invoiced']) / 10_000).toBeCloseTo(of.gross_total_without_C, 2);
    expect((Number(invoiced.totals['net']) + Number(credited.totals['net'])) / 10_000).toBeCloseTo(of.net_total, 2);
    expect(sum / 10_000).toBeCloseTo(of.net_total, 2);
    expect(nets('product').sum).toBe(sum);
  });

  it('come to what each customer and country bought, net of what was taken back', () => {
    const customers = nets('account');
    for (const [customer, amount] of Object.entries(of.top5_customers))
      expect(customers.net(customer) / 10_000).toBeCloseTo(amount, 2);
    const countries = nets('country');
    for (const [country, amount] of Object.entries(of.top5_countries))
      expect(countries.net(country) / 10_000).toBeCloseTo(amount, 2);
  });
});
