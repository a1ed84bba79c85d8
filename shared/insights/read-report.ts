import * as z from 'zod';
import { dateIn } from '../core/duration.ts';
import { keyOf } from '../core/ids.ts';
import { Currency } from '../core/money.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { User } from '../people/user.ts';
import type { Command, Crm, Written } from '../store/command.ts';
import { type Bucket, bucketOf, bucketsIn, endOf } from './buckets.ts';
import { generationOf, generationsOf } from './generations.ts';
import { type Applied, appliedEvents, keepReports } from './keep-reports.ts';
import { type By, type Reading, type Report, repeated, type Sums } from './report.ts';
import { reports } from './reports.ts';

/** What a report is asked for. */
export const ReportQuery = z.strictObject({
  from: z.iso.date().optional().meta({ description: 'The first date; from the beginning if absent.' }),
  to: z.iso.date().optional().meta({ description: 'The last date; without end if absent.' }),
  by: z.string().max(40).optional().meta({ description: "How it is divided; the report's first way if absent." }),
  currency: Currency.optional().meta({
    description: "Which money is shown; the deployment's if absent, or the only one that there is.",
  }),
});
export type ReportQuery = z.infer<typeof ReportQuery>;

const Spread = z.object({ median: z.number().nullable(), p90: z.number().nullable() });
const Figures = z.record(z.string(), z.union([z.number(), z.null(), Spread]));

/** A report: money in minor units of its currency, rates as parts of one. */
export const ReportAnswer = z
  .object({
    name: z.string(),
    from: z.iso.date().nullable(),
    to: z.iso.date().nullable(),
    by: z.string(),
    currency: Currency,
    otherCurrencies: z
      .array(Currency)
      .optional()
      .meta({ description: 'There is money in these too, which is not in the figures: ask by `currency`.' }),
    approximate: z
      .array(z.string())
      .optional()
      .meta({ description: 'Figures that are percentiles of bins, within five percent.' }),
    asOf: z.iso.datetime(),
    lastEventId: z.string().nullable().meta({ description: 'The last event that changed any report.' }),
    rows: z.array(
      z.looseObject({
        key: z.string(),
        label: z.string().optional().meta({ description: 'The name of what the key is.' }),
      }),
    ),
    totals: Figures,
  })
  .meta({ id: 'Report' });
export type ReportAnswer = z.infer<typeof ReportAnswer>;

/** More than this is not read at once: 50,000 buckets are some ten megabytes. */
const mostBuckets = 50_000;

/**
 * Reads one report: one Query, of the buckets of its dates. 404 for a name that is none; 400 for a way to divide that it does not have, or
 * for more than can be read at once. What a consistency token holds is counted first.
 */
export const readReport: Command<ReportQuery & { name: string; shows?: readonly Written[] }, ReportAnswer> = async (
  crm,
  { name, from, to, by: asked, currency, shows = [] },
) => {
  const { report, by, division } = reportNamed(name, asked);
  if (from && to && from > to) throw refuseField('request.invalid', '#/from', 'from is after to');
  for (const { id } of shows) await keepReports(crm, { recordId: id });
  const [buckets, applied, reading, settings] = await Promise.all([
    readBuckets(crm, report, division, from, to),
    crm.store.queryAll(appliedEvents, true) as Promise<Applied[]>,
    readingFor(crm, division),
    crm.policy(Settings),
  ]);
  const shown = currency ?? currencyOf(buckets, settings.currency);
  const figures = figuresOf(report, division, buckets, shown, reading);
  const others = currenciesIn(buckets).filter((one) => one !== shown);
  const labels = await labelsOf(
    crm,
    figures.rows.map(({ key }) => key),
  );
  return {
    name,
    from: from ?? null,
    to: to ?? null,
    by,
    currency: shown,
    ...(report.money.length && others.length && { otherCurrencies: others }),
    ...(report.approximate && { approximate: [...report.approximate] }),
    asOf: crm.now.toISOString(),
    lastEventId: applied.sort((a, b) => (a.at < b.at ? 1 : -1))[0]?.eventId ?? null,
    rows: figures.rows.map(({ key, ...row }) => ({ key, ...(labels.has(key) && { label: labels.get(key) }), ...row })),
    totals: figures.totals,
  } as ReportAnswer;
};

/** A report and one of its ways to divide it, the first if none is asked for. 404, or 400 at `by`, with what there is. */
export function reportNamed(name: string, asked: string | undefined): { report: Report; by: string; division: By } {
  const report = reports.find((one) => one.name === name);
  if (!report)
    throw new Refusal('record.notFound', `There are the reports ${reports.map((one) => one.name).join(', ')}`);
  const ways = Object.keys(report.by);
  const by = asked ?? ways[0]!;
  const division = Object.hasOwn(report.by, by) ? report.by[by] : undefined;
  if (division) return { report, by, division };
  throw refuseField('request.invalid', '#/by', `${name} is divided by ${ways.join(', ')}`);
}

async function readBuckets(
  { store }: Crm,
  report: Report,
  { dimension }: By,
  from?: string,
  to?: string,
): Promise<Bucket[]> {
  const { current } = generationOf(await generationsOf(store), report.name);
  const range = bucketsIn(report.name, current, dimension, from);
  const items = await store.queryAll(range, true, endOf({ from, to }), mostBuckets + 1);
  if (items.length > mostBuckets)
    throw new Refusal(
      'request.invalid',
      `That is more than ${mostBuckets} buckets: ask for fewer dates by from and to`,
    );
  return items.map(bucketOf).filter(({ counts }) => counts > 0);
}

async function readingFor(crm: Crm, { people }: By): Promise<Reading> {
  const { timeZone } = await crm.policy(Settings);
  const users = people ? await crm.store.loadAll(User, 'dir#usr') : [];
  return { today: dateIn(timeZone, crm.now), users: new Map(users.map((user) => [user.id, user])) };
}

const isCurrency = (cell: string): boolean => Currency.safeParse(cell).success;
const currenciesIn = (buckets: readonly Bucket[]): string[] =>
  [...new Set(buckets.map(({ cell }) => cell).filter(isCurrency))].sort();

/** The deployment's currency; where there is money in one other alone, that one. */
function currencyOf(buckets: readonly Bucket[], ours: string): string {
  const [first = ours, ...more] = currenciesIn(buckets);
  return more.length ? ours : first;
}

/** The rows and the totals of a report, from its buckets. Pure. */
export function figuresOf(
  report: Report,
  by: By,
  buckets: readonly Bucket[],
  currency: string,
  reading: Reading,
): Pick<ReportAnswer, 'rows' | 'totals'> {
  const totals: Record<string, number> = {};
  const rows = new Map<string, Record<string, number>>((by.rows?.(reading) ?? []).map((key) => [key, {}]));
  for (const bucket of buckets) {
    const sums = shownOf(report, bucket, currency, reading.today);
    add(totals, sums);
    const key = by.row(bucket, reading);
    if (key === repeated) continue;
    const row = rows.get(key) ?? {};
    rows.set(key, row);
    add(row, sums);
  }
  return {
    rows: [...rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, sums]) => ({ key, ...report.row(sums, { key, ...reading }) })),
    totals: report.row(totals, { key: undefined, ...reading }),
  };
}

function add(to: Record<string, number>, sums: Sums): void {
  for (const [name, value] of Object.entries(sums)) to[name] = (to[name] ?? 0) + value;
}

/** What a bucket adds to its row: money of another currency is left out, the bins of a spread are told apart. */
function shownOf({ money, today: asOf }: Report, { on, cell, figures }: Bucket, currency: string, today: string): Sums {
  if (cell.includes('@')) return { [cell]: figures['n'] ?? 0 };
  const foreign = isCurrency(cell) && cell !== currency;
  const own = foreign ? Object.fromEntries(Object.entries(figures).filter(([name]) => !money.includes(name))) : figures;
  return asOf ? asOf(own, on, today) : own;
}

/** The names of what the keys are ids of. */
async function labelsOf({ store }: Crm, keys: readonly string[]): Promise<Map<string, string>> {
  const ids = keys.filter((key) => /^[a-z]{3}_[0-9a-z]{26}/.test(key));
  const items = await store.getMany(ids.map(keyOf));
  return new Map(items.flatMap(({ sk, name }) => (typeof name === 'string' ? [[String(sk), name]] : [])));
}

/** What reports there are. */
export const ReportList = z.object({
  data: z.array(z.object({ name: z.string(), about: z.string(), by: z.array(z.string()) })),
  nextCursor: z.null(),
});
export const listReports: Command<object, z.infer<typeof ReportList>> = async () => ({
  data: reports.map(({ name, about, by }) => ({ name, about, by: Object.keys(by) })),
  nextCursor: null,
});
