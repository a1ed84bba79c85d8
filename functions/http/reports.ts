import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { listReports, ReportAnswer, ReportList, ReportQuery, readReport } from '../../shared/insights/read-report.ts';
import {
  ReportSchedule,
  ReportScheduleArchived,
  ReportScheduleDetails,
  ReportScheduleRestored,
} from '../../shared/insights/report-schedule.ts';
import {
  editReportSchedule,
  pauseReportSchedule,
  resumeReportSchedule,
  scheduleReport,
  sendReportNow,
} from '../../shared/insights/schedule-reports.ts';
import { archive, restore } from '../../shared/store/edit.ts';
import { serve } from '../serve.ts';

const one = {
  may: 'reports:write',
  params: z.strictObject({ id: id('rsc') }),
  answer: ReportSchedule.schema,
} as const;
const verb = { ...one, refuses: ['record.wrongState' as const] };

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
  endpoint('POST /v1/report-schedules', {
    summary: 'Mail a report again and again',
    may: 'reports:write',
    body: ReportScheduleDetails,
    status: 201,
    answer: ReportSchedule.schema,
    refuses: ['record.notFound'],
    does: scheduleReport,
  }),
  listOf('GET /v1/report-schedules', {
    summary: 'List scheduled reports',
    kind: ReportSchedule,
    may: 'reports:read',
    statuses: ['active', 'paused'],
    all: by.state('reportSchedule', ['active', 'paused']),
    filters: {},
  }),
  endpoint('GET /v1/report-schedules/{id}', {
    ...one,
    may: 'reports:read',
    summary: 'Read a scheduled report',
    does: (crm, { id }) => crm.load(ReportSchedule, id),
  }),
  endpoint('PATCH /v1/report-schedules/{id}', {
    ...one,
    summary: 'Edit a scheduled report',
    patch: ReportScheduleDetails,
    does: editReportSchedule,
  }),
  endpoint('DELETE /v1/report-schedules/{id}', {
    ...one,
    summary: 'Archive a scheduled report: it is sent no more',
    does: archive(ReportSchedule, ReportScheduleArchived),
  }),
  endpoint('POST /v1/report-schedules/{id}/restore', {
    ...one,
    summary: 'Bring a scheduled report back',
    does: restore(ReportSchedule, ReportScheduleRestored),
  }),
  endpoint('POST /v1/report-schedules/{id}/pause', {
    ...verb,
    summary: 'Send it no more for now',
    does: pauseReportSchedule,
  }),
  endpoint('POST /v1/report-schedules/{id}/resume', { ...verb, summary: 'Send it again', does: resumeReportSchedule }),
  endpoint('POST /v1/report-schedules/{id}/send', {
    ...verb,
    summary: 'Send it now, beside its times',
    does: sendReportNow,
  }),
];

export const handler = serve(endpoints);
