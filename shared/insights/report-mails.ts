import * as z from 'zod';
import { format } from '../core/money.ts';
import { facts, image, lines, note, paragraph } from '../mail/layout.ts';
import { template } from '../mail/render.ts';
import { barChart } from './chart.ts';
import type { ReportAnswer } from './read-report.ts';
import type { Figure } from './report.ts';
import { reports } from './reports.ts';

/** A mail is no spreadsheet: more rows than these are left to the API. */
const mostRows = 40;

const ReportMailData = z.object({
  title: z.string(),
  about: z.string(),
  dates: z.string(),
  asOf: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  totals: z.array(z.string()),
  chart: z.object({ figure: z.string(), values: z.array(z.number()) }),
  notes: z.array(z.string()),
});
type ReportMailData = z.infer<typeof ReportMailData>;

/** What a mail tells of a report: its figures as people of a language (BCP 47) read them. */
export function reportMailData(title: string | undefined, answer: ReportAnswer, language: string): ReportMailData {
  const report = reports.find(({ name }) => name === answer.name)!;
  const figures = Object.keys(answer.totals);
  const charted = report.headline ?? figures[0]!;
  const styleOf = (figure: string): Intl.NumberFormatOptions | string =>
    report.amounts?.includes(figure)
      ? answer.currency
      : { maximumFractionDigits: 1, ...(report.rates?.includes(figure) && { style: 'percent' }) };
  const cells = (row: Record<string, unknown>) =>
    figures.map((figure) => read(row[figure] as Figure | undefined, language, styleOf(figure)));
  const rows = answer.rows.slice(0, mostRows);
  const left = answer.rows.length - rows.length;
  return {
    title: title ?? `${words(answer.name)} by ${words(answer.by).toLowerCase()}`,
    about: report.about,
    dates: answer.from && answer.to ? `${answer.from} to ${answer.to}` : 'all dates',
    asOf: answer.asOf.slice(0, 16).replace('T', ' '),
    columns: [words(answer.by), ...figures.map(words)],
    rows: rows.map(({ key, label, ...row }) => [label ?? key, ...cells(row)]),
    totals: ['Total', ...cells(answer.totals)],
    chart: { figure: words(charted), values: rows.map((row) => Number(row[charted] ?? 0)) },
    notes: [
      ...(left > 0 ? [`${left} more rows are in the report itself.`] : []),
      ...(answer.otherCurrencies
        ? [`There is money in ${answer.otherCurrencies.join(', ')} too, which is not in these figures.`]
        : []),
      ...(answer.approximate
        ? [`${answer.approximate.map(words).join(' and ')}: median / 90th percentile, within five percent.`]
        : []),
    ],
  };
}

/** A figure as people read it: money of a currency, or a number. */
function read(value: Figure | undefined, language: string, as: Intl.NumberFormatOptions | string): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'object') return `${read(value.median, language, as)} / ${read(value.p90, language, as)}`;
  if (typeof as === 'string') return format({ amount: value, currency: as }, language);
  return new Intl.NumberFormat(language, as).format(value);
}

/** `amountWon` as people write it: `Amount won`. */
const words = (name: string): string =>
  name
    .replace(/^./, (letter) => letter.toUpperCase())
    .replaceAll(/[A-Z](?!$)/g, (letter, at: number) => (at ? ` ${letter.toLowerCase()}` : letter));

const report = template(
  'report',
  ReportMailData,
  ({ title, about, dates, asOf, columns, rows, totals, chart, notes }) => {
    const [, ...labels] = columns;
    const shown = labels.indexOf(chart.figure) + 1;
    const alt = `${chart.figure}: ${rows.map((row) => `${row[0]} ${row[shown]}`).join(', ')}`;
    return {
      subject: `${title}, ${dates}`,
      blocks: [
        paragraph(title),
        facts({ Shows: about, Dates: dates, 'As of': `${asOf} UTC` }),
        ...(rows.length
          ? [image({ ...barChart(chart.values), alt: alt.slice(0, 500) })]
          : [paragraph('There is nothing to show.')]),
        lines([{ label: columns[0]! }, ...labels.map((label) => ({ label, align: 'end' as const }))], rows, [totals]),
        ...notes.map(note),
      ],
    };
  },
);

export const reportMails = [report];
