import type { Report } from './report.ts';
import { campaigns } from './reports/campaigns.ts';
import { cases } from './reports/cases.ts';
import { forecast } from './reports/forecast.ts';
import { funnel } from './reports/funnel.ts';
import { pipeline } from './reports/pipeline.ts';
import { receivables } from './reports/receivables.ts';
import { revenue } from './reports/revenue.ts';
import { sales } from './reports/sales.ts';
import { satisfaction } from './reports/satisfaction.ts';
import { workload } from './reports/workload.ts';

/** Every report. A new one is a file of its own and a line here: what is there already is counted by a rebuild, within the hour. */
export const reports: readonly Report[] = [
  funnel,
  pipeline,
  forecast,
  sales,
  revenue,
  receivables,
  cases,
  satisfaction,
  workload,
  campaigns,
];
