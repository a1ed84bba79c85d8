import { endpoint } from '../../shared/http/endpoint.ts';
import { listReports, ReportAnswer, ReportList, ReportQuery, readReport } from '../../shared/insights/read-report.ts';
import { serve } from '../serve.ts';

export const endpoints = [
  endpoint('GET /v1/reports', {
    summary: 'Which reports there are, and how each may be divided',
    may: 'reports:read',
    answer: ReportList,
    does: listReports,
  }),
  endpoint('GET /v1/reports/{name}', {
    summary: 'Read a report, divided in one of its ways',
    may: 'reports:read',
    query: ReportQuery,
    answer: ReportAnswer,
    filters: [
      {
        filter: 'by, from, to',
        key: 'pk = report#<name>#<generation>#<dimension>, sk from..to',
        consistency: 'strong',
      },
    ],
    does: readReport,
  }),
];

export const handler = serve(endpoints);
