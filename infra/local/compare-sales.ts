import { setTimeout } from 'node:timers/promises';
import type { Client, Json } from './client.ts';

/** What the files of a sales history come to, counted apart from this product: `crm-pipeline` of a TRUTH.json. Amounts in USD. */
export interface SalesTruth {
  stage_counts: Record<string, number>;
  won_revenue: number;
  win_rate_closed: number;
  by_quarter: Record<string, { won: number; lost: number; revenue: number; win_rate: number }>;
  revenue_by_region: Record<string, number>;
  revenue_by_sector: Record<string, number>;
  open_pipeline: { count: number; list_value: number; by_stage: Record<string, { count: number; list_value: number }> };
}

type Figure = readonly [what: string, reported: number | undefined, wanted: number];

const stages: Record<string, string> = { Engaging: 'discovery', Prospecting: 'new' };
/** The years of the history; open deals count under the day that they were opened, which may be that of the import. */
const spans = { sales: 'from=2016-01-01&to=2018-12-31', pipeline: 'from=2016-01-01' };

/**
 * Compares every figure of the reports with what the files come to, once the reports have followed the import: tells how many there are, and
 * each that differs. Whatever else the stack has sold counts in neither: it is of other years, currencies, or people.
 * @throws where one differs
 */
export async function compareSales(
  api: Client,
  { truth, agents }: { truth: SalesTruth; agents: readonly string[] },
  tell: (line: string) => void,
): Promise<void> {
  const from = Date.now();
  await caughtUp(api, truth);
  let wrong = await differing(api, truth, agents);
  for (let tries = 0; wrong.length && tries < 5; tries++) {
    await setTimeout(2_000);
    wrong = await differing(api, truth, agents);
  }
  const count = (await figuresOf(api, truth, agents)).length;
  tell(
    `reports: ${count - wrong.length} of ${count} figures are those of the files, ${seconds(from)} s after the last row`,
  );
  for (const [what, reported, wanted] of wrong) tell(`  ${what}: ${reported ?? 'nothing'} instead of ${wanted}`);
  if (wrong.length) throw new Error('The reports do not say what the files come to');
}

/** The reports follow the events, within minutes after thousands of them: asked seldom and for little, as asking takes its time from them. */
async function caughtUp(api: Client, { stage_counts: counts }: SalesTruth): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const { totals } = await api.get(`/v1/reports/sales?by=quarter&${spans.sales}`);
    if (totals.won === counts['Won'] && totals.lost === counts['Lost']) return;
    await setTimeout(5_000);
  }
}

const seconds = (from: number): string => ((Date.now() - from) / 1_000).toFixed(1);

async function differing(api: Client, truth: SalesTruth, agents: readonly string[]): Promise<Figure[]> {
  return (await figuresOf(api, truth, agents)).filter(
    ([, reported, wanted]) => !(Math.abs((reported ?? Number.NaN) - wanted) < 1e-9),
  );
}

async function figuresOf(api: Client, truth: SalesTruth, agents: readonly string[]): Promise<Figure[]> {
  const read = async (name: keyof typeof spans, by: string) => {
    const { rows, totals } = await api.get(`/v1/reports/${name}?by=${by}&${spans[name]}&currency=USD`);
    const byKey = new Map<string, Json>(
      rows.flatMap((row: Json) => [
        [row.key, row],
        [row.label ?? row.key, row],
      ]),
    );
    return { totals, of: (key: string): Json => byKey.get(key) ?? {} };
  };
  const [quarters, teams, industries, open, owners] = await Promise.all([
    read('sales', 'quarter'),
    read('sales', 'team'),
    read('sales', 'industry'),
    read('pipeline', 'stage'),
    read('pipeline', 'owner'),
  ]);
  const openOfAgents = agents.reduce((sum, agent) => sum + (owners.of(agent).count ?? 0), 0);
  const cents = (amount: number) => Math.round(amount * 100);
  const amounts = (group: string, wanted: Record<string, number>, of: (key: string) => Json) =>
    Object.entries(wanted).map(([key, amount]): Figure => [`won in ${group} ${key}`, of(key).amountWon, cents(amount)]);
  return [
    ['won', quarters.totals.won, truth.stage_counts['Won'] ?? 0],
    ['lost', quarters.totals.lost, truth.stage_counts['Lost'] ?? 0],
    ['amount won', quarters.totals.amountWon, cents(truth.won_revenue)],
    ['win rate', quarters.totals.winRate, truth.win_rate_closed],
    ...Object.entries(truth.by_quarter).flatMap(([quarter, { won, lost, revenue, win_rate: rate }]): Figure[] => [
      [`won in ${quarter}`, quarters.of(quarter).won, won],
      [`lost in ${quarter}`, quarters.of(quarter).lost, lost],
      [`amount won in ${quarter}`, quarters.of(quarter).amountWon, cents(revenue)],
      [`win rate in ${quarter}`, quarters.of(quarter).winRate, rate],
    ]),
    ...amounts('the office', truth.revenue_by_region, teams.of),
    ...amounts('the sector', truth.revenue_by_sector, industries.of),
    ['open', openOfAgents, truth.open_pipeline.count],
    ['open, at list price', open.totals.amount, cents(truth.open_pipeline.list_value)],
    ...Object.entries(truth.open_pipeline.by_stage).map(
      ([stage, { list_value: value }]): Figure => [
        `open in ${stage}, at list price`,
        open.of(stages[stage] ?? stage).amount,
        cents(value),
      ],
    ),
  ];
}
