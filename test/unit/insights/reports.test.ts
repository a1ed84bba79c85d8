import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invoice } from '../../../shared/commerce/invoice.ts';
import { byWeek } from '../../../shared/insights/report.ts';
import { cases } from '../../../shared/insights/reports/cases.ts';
import { forecast } from '../../../shared/insights/reports/forecast.ts';
import { funnel } from '../../../shared/insights/reports/funnel.ts';
import { pipeline } from '../../../shared/insights/reports/pipeline.ts';
import { receivables } from '../../../shared/insights/reports/receivables.ts';
import { revenue } from '../../../shared/insights/reports/revenue.ts';
import { sales } from '../../../shared/insights/reports/sales.ts';
import { workload } from '../../../shared/insights/reports/workload.ts';
import { measured, percentiles } from '../../../shared/insights/spread.ts';
import * as subjects from '../../../shared/insights/subjects.ts';
import type { Task } from '../../../shared/platform/task.ts';
import type { Lead } from '../../../shared/sales/lead.ts';
import type { Opportunity } from '../../../shared/sales/opportunity.ts';
import type { Case } from '../../../shared/service/case.ts';
import { tallied } from './tally.ts';

const eur = (amount: number, currency = 'EUR') => ({ amount, currency });
const today = '2026-06-30';

type Sale = { record: Opportunity; account: undefined };
const sale = (more: Partial<Opportunity>): Sale => ({
  record: {
    ...{ status: 'open', stage: 'new', pipelineId: 'pip', probability: 50, forecastCategory: 'pipeline' },
    ...{ openedOn: '2026-06-20', ownerId: 'ada', createdAt: '2026-06-20T10:00:00.000Z' },
    ...more,
  } as Opportunity,
  account: undefined,
});
const onSales = (report: typeof sales, all: Sale[], by: string, more = {}) =>
  tallied(report, subjects.opportunities, all, by, { today, ...more });

describe('the forecast', () => {
  const open = (forecastCategory: Opportunity['forecastCategory'], amount: number, closeOn = '2026-07-10') =>
    sale({ forecastCategory, amount: eur(amount), closeOn });
  const all = [
    sale({ status: 'won', amount: eur(1_000), closeOn: '2026-07-01', closedOn: '2026-07-01' }),
    open('commit', 100),
    open('bestCase', 10),
    open('pipeline', 1),
    open('omitted', 5_000),
    sale({ status: 'lost', amount: eur(9_000), closeOn: '2026-07-02', closedOn: '2026-07-02' }),
  ];

  it('rolls up cumulatively; what is lost or omitted counts nothing', () => {
    expect(onSales(forecast, all, 'quarter').rows.get('2026-Q3')).toEqual({
      closed: 1_000,
      commit: 1_100,
      bestCase: 1_110,
      openPipeline: 111,
      weighted: 1_056,
      overdue: 0,
    });
  });

  it('shows as overdue what should have closed, the day after', () => {
    const due = [open('commit', 100, today)];
    expect(onSales(forecast, due, 'owner').totals).toMatchObject({ commit: 100, overdue: 0 });
    const late = onSales(forecast, due, 'owner', { today: '2026-07-01' });
    expect(late.totals).toEqual({ closed: 0, commit: 0, bestCase: 0, openPipeline: 0, weighted: 0, overdue: 100 });
  });

  it('keeps what has no close date apart', () => {
    const { rows } = onSales(forecast, [sale({ amount: eur(7) })], 'month');
    expect(rows.get('none')).toMatchObject({ openPipeline: 7 });
  });
});

describe('the pipeline', () => {
  it('grows older overnight, and weighs to the minor unit', () => {
    const all = [sale({ amount: eur(33), probability: 33 }), sale({ amount: eur(1), openedOn: '2026-06-30' })];
    expect(onSales(pipeline, all, 'stage').rows.get('new')).toEqual({
      count: 2,
      amount: 34,
      weighted: 11,
      averageAge: 5,
    });
    expect(onSales(pipeline, all, 'stage', { today: '2026-07-01' }).totals).toMatchObject({ averageAge: 6 });
  });

  it('never adds up currencies, and counts all', () => {
    const all = [sale({ amount: eur(5) }), sale({ amount: eur(7, 'USD') }), sale({})];
    expect(onSales(pipeline, all, 'owner').totals).toMatchObject({ count: 3, amount: 5 });
    expect(onSales(pipeline, all, 'owner', { currency: 'USD' }).totals).toMatchObject({ count: 3, amount: 7 });
  });
});

describe('sales', () => {
  it('counts an opportunity with several products in each of their rows, and once in all', () => {
    const won = { status: 'won', closedOn: '2026-06-25', amount: eur(10) } as const;
    const all = [sale({ ...won, products: ['desk', 'chair'] }), sale({ ...won, products: ['desk'] }), sale(won)];
    const { rows, totals } = onSales(sales, all, 'product');
    expect([...rows].map(([key, row]) => [key, row['won'], row['amountWon']])).toEqual([
      ['chair', 1, 10],
      ['desk', 2, 20],
      ['none', 1, 10],
    ]);
    expect(totals).toMatchObject({ won: 3, amountWon: 30, averageDays: 5 });
  });

  it('has no rate of nothing', () =>
    expect(onSales(sales, [], 'month').totals).toMatchObject({ winRate: null, averageDays: null }));

  it('is of the team that the owner is in today', () => {
    const users = [{ id: 'ada', teamId: 'tea_north' } as never];
    const all = [
      sale({ status: 'lost', closedOn: '2026-06-25' }),
      sale({ status: 'lost', closedOn: '2026-06-25', ownerId: 'bo' as never }),
    ];
    const { rows } = onSales(sales, all, 'team', { users });
    expect([...rows].map(([key, { lost }]) => [key, lost])).toEqual([
      ['none', 1],
      ['tea_north', 1],
    ]);
  });
});

const invoice = (more: Partial<Invoice>): { record: Invoice } => ({
  record: {
    ...{ status: 'issued', issuedOn: '2026-05-01', dueOn: '2026-05-15', accountId: 'acme', currency: 'EUR' },
    ...{ totals: { net: eur(100), gross: eur(119), paid: eur(0), open: eur(119) }, lines: [] },
    ...more,
  } as unknown as Invoice,
});

describe('receivables', () => {
  it.each([
    ['2026-07-30', '0-30'],
    ['2026-06-30', '0-30'],
    ['2026-05-31', '0-30'],
    ['2026-05-30', '31-60'],
    ['2026-05-01', '31-60'],
    ['2026-04-30', '61-90'],
    ['2026-04-01', '61-90'],
    ['2026-03-31', '90+'],
  ])('due on %s is %s', (dueOn, bucket) => {
    const { rows } = tallied(receivables, subjects.invoices, [invoice({ dueOn })], 'bucket', { today });
    expect(rows.get(bucket)).toEqual({ count: 1, open: 119 });
    expect([...rows.keys()]).toEqual(['0-30', '31-60', '61-90', '90+']);
  });

  it('are counted with what is open of them: in their currency', () => {
    const all = [invoice({}), invoice({ currency: 'KWD' })];
    expect(tallied(receivables, subjects.invoices, all, 'account', { today }).totals).toEqual({ count: 1, open: 119 });
  });

  it('are only of what is still expected', () => {
    const all = (['draft', 'paid', 'credited', 'writtenOff'] as const).map((status) => invoice({ status }));
    expect(tallied(receivables, subjects.invoices, all, 'account', { today }).totals).toEqual({ count: 0, open: 0 });
  });
});

describe('revenue', () => {
  it('spreads an invoice over its products to the minor unit, with what is paid of it', () => {
    const amounts = fc.array(fc.nat({ max: 9_999 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(amounts, fc.nat({ max: 100 }), (nets, percent) => {
        const net = nets.reduce((a, b) => a + b, 0);
        const gross = Math.round(net * 1.19);
        const paid = Math.floor((gross * percent) / 100);
        const lines = nets.map((amount, n) => ({ productId: `p${n % 4}`, net: eur(amount) })) as never;
        const totals = { net: eur(net), gross: eur(gross), paid: eur(paid), open: eur(gross - paid) } as never;
        const read = (by: string) => tallied(revenue, subjects.invoices, [invoice({ lines, totals })], by);
        expect(read('product').totals).toEqual(read('month').totals);
        expect(read('month').totals['invoiced']).toBe(net);
        if (paid === gross) expect(read('month').totals['paid']).toBe(net);
      }),
    );
  });
});

describe('the funnel', () => {
  const at = '2026-06-30T22:30:00.000Z';
  const lead = (status: Lead['status']) => ({ status, source: 'form', createdAt: at }) as Lead;
  const paid = invoice({ status: 'paid' }).record;
  it.each([
    [lead('assigned'), undefined, [], [1, 0, 0, 0, 0, 0]],
    [lead('qualified'), undefined, [], [1, 1, 0, 0, 0, 0]],
    [lead('nurturing'), undefined, [], [1, 0, 0, 0, 0, 0]],
    [lead('converted'), sale({}).record, [], [1, 1, 1, 0, 0, 0]],
    [lead('converted'), sale({ status: 'won' }).record, [], [1, 1, 1, 1, 0, 0]],
    [lead('converted'), sale({ status: 'won' }).record, [invoice({ issuedOn: undefined }).record], [1, 1, 1, 1, 0, 0]],
    [lead('converted'), sale({ status: 'won' }).record, [paid, invoice({}).record], [1, 1, 1, 1, 1, 0]],
    [lead('converted'), sale({ status: 'won' }).record, [paid], [1, 1, 1, 1, 1, 1]],
  ] as const)('%#: how far a lead has come', (record, of, invoices, figures) => {
    const seen = { record, sale: of, invoices: [...invoices] };
    expect(Object.values(tallied(funnel, subjects.leads, [seen], 'source').totals)).toEqual(figures);
  });

  it('knows the weeks of ISO 8601', () => {
    const week = (on: string) => byWeek.row({ on, key: '' }, { today, users: new Map() });
    expect(['2026-01-01', '2025-12-28', '2027-01-03', '2024-12-30'].map(week)).toEqual([
      '2026-W01',
      '2025-W52',
      '2026-W53',
      '2025-W01',
    ]);
  });
});

describe('cases', () => {
  const aCase = (more: object): { record: Case } => ({
    record: {
      ...{ openedAt: '2026-06-01T10:00:00.000Z', status: 'open', priority: 'high', kind: 'problem', reopened: 0 },
      ...{
        sla: { firstResponse: { state: 'running' }, resolution: { state: 'running' } },
        createdAt: '2026-06-01T10:00:00.000Z',
      },
      ...more,
    } as unknown as Case,
  });
  const met = { firstResponse: { state: 'met' }, resolution: { state: 'met' } };
  const all = [
    aCase({}),
    aCase({ answeredAt: '2026-06-01T10:20:00.000Z', resolvedAt: '2026-06-02T10:00:00.000Z', sla: met, reopened: 2 }),
    aCase({ answeredAt: '2026-06-01T12:00:00.000Z', sla: { ...met, resolution: { state: 'breached' } } }),
  ];

  it('count what came on the day it came, and what was solved on the day it was solved', () => {
    const { rows, totals } = tallied(cases, subjects.cases, all, 'day');
    expect(rows.get('2026-06-01')).toMatchObject({ opened: 3, resolved: 0, reopened: 2, slaMet: 1, slaBreached: 1 });
    expect(rows.get('2026-06-02')).toMatchObject({ opened: 0, resolved: 1 });
    expect(totals).toMatchObject({ opened: 3, resolved: 1 });
    const { median, p90 } = totals['firstResponseMinutes'] as { median: number; p90: number };
    expect([median / 20, p90 / 120]).toEqual([expect.closeTo(1, 1), expect.closeTo(1, 1)]);
  });

  it('are work of their owner while they are active', () => {
    const mine = [aCase({ ownerId: 'ada' }), aCase({ ownerId: 'ada', status: 'resolved' })];
    expect(tallied(workload, subjects.cases, mine, 'user').rows.get('ada')).toMatchObject({
      openCases: 1,
      openTasks: 0,
    });
  });
});

describe('the workload', () => {
  it('has what nobody owns in a row of its own; a task of a queue is in none', () => {
    const created = { createdAt: '2026-06-01T10:00:00.000Z' };
    const unowned = [sale({ ownerId: undefined }), sale({})];
    const ofCases = [{ record: { status: 'open', ...created } as Case }];
    for (const by of ['user', 'team']) {
      const { rows, totals } = onSales(workload, unowned, by);
      expect(rows.get('none')).toMatchObject({ openOpportunities: by === 'user' ? 1 : 2, capacity: null });
      expect(totals).toMatchObject({ openOpportunities: 2 });
      expect(tallied(workload, subjects.cases, ofCases, by).rows.get('none')).toMatchObject({ openCases: 1 });
    }
    const waiting = [{ record: { status: 'open', queue: 'leads', ...created } as Task }];
    expect(tallied(workload, subjects.tasks, waiting, 'user').rows.size).toBe(0);
  });
});

describe('percentiles', () => {
  it('are within five percent of the nearest rank', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const sums: Record<string, number> = {};
          for (const { cell } of values.flatMap((value) => measured(today, { time: '' }, 'm', value)))
            sums[cell] = (sums[cell] ?? 0) + 1;
          const sorted = values.toSorted((a, b) => a - b);
          const rank = (share: number) => sorted[Math.ceil(values.length * share) - 1]!;
          const { median, p90 } = percentiles(sums, 'm') as { median: number; p90: number };
          // Rounded to a tenth of a minute.
          expect(Math.abs(median - rank(0.5))).toBeLessThanOrEqual(rank(0.5) * 0.05 + 0.05);
          expect(Math.abs(p90 - rank(0.9))).toBeLessThanOrEqual(rank(0.9) * 0.05 + 0.05);
        },
      ),
    );
  });
  it('of nothing are none', () => expect(percentiles({}, 'm')).toEqual({ median: null, p90: null }));
});
