import { dateIn } from '../core/duration.ts';
import { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { readReport, reportNamed } from './read-report.ts';
import { reportMailData } from './report-mails.ts';
import {
  moveReportSchedule,
  ReportSchedule,
  ReportScheduleCreated,
  ReportScheduleDetails,
  ReportScheduleUpdated,
} from './report-schedule.ts';
import { datesOf, nextOf } from './report-times.ts';

/** Schedules a report. 404 for one that is none, 400 for a way to divide that it has not. */
export const scheduleReport: Command<ReportScheduleDetails, ReportSchedule> = async (crm, details) => {
  reportNamed(details.report, details.by);
  const nextAt = await nextFor(crm, details);
  return crm.commit([ReportScheduleCreated(undefined, { ...details, id: crm.newId('rsc'), status: 'active', nextAt })]);
};

export const editReportSchedule = edit<ReportSchedule>({
  kind: ReportSchedule,
  fields: ReportScheduleDetails,
  event: ReportScheduleUpdated,
  rule: async (crm, after, before) => {
    reportNamed(after.report, after.by);
    const moved = JSON.stringify(after.every) !== JSON.stringify(before.every);
    return moved ? { ...after, nextAt: await nextFor(crm, after) } : after;
  },
});

async function nextFor(crm: Crm, { every }: Pick<ReportSchedule, 'every'>): Promise<string> {
  const { timeZone } = await crm.policy(Settings);
  return nextOf(every, crm.now, timeZone).toISOString();
}

interface OnSchedule {
  id: string;
}

export const pauseReportSchedule: Command<OnSchedule, ReportSchedule> = async (crm, { id }) =>
  crm.commit([moveReportSchedule(await crm.load(ReportSchedule, id), 'pause')]);

/** Goes on with the next time to come: what fell due meanwhile is not made up for. */
export const resumeReportSchedule: Command<OnSchedule, ReportSchedule> = async (crm, { id }) => {
  const schedule = await crm.load(ReportSchedule, id);
  return crm.commit([moveReportSchedule(schedule, 'resume', { nextAt: await nextFor(crm, schedule) })]);
};

/** Sends a scheduled report now, beside its times. */
export const sendReportNow: Command<OnSchedule, ReportSchedule> = async (crm, { id }) =>
  sent(crm, await crm.load(ReportSchedule, id));

/** Sends a scheduled report if it is due: however late, once. */
export const sendDueReport: Command<OnSchedule, ReportSchedule> = async (crm, { id }) => {
  const schedule = await crm.load(ReportSchedule, id);
  const due = schedule.status === 'active' && !schedule.archivedAt && Date.parse(schedule.nextAt) <= crm.now.getTime();
  return due ? sent(crm, schedule, await nextFor(crm, schedule)) : schedule;
};

/** The report as it is now, to everybody who wants it: the mails are committed with the note that they were wanted. */
async function sent(crm: Crm, schedule: ReportSchedule, nextAt = schedule.nextAt): Promise<ReportSchedule> {
  const { timeZone, language } = await crm.policy(Settings);
  const { report: name, by, currency, range, recipients } = schedule;
  const answer = await readReport(crm, { name, by, currency, ...datesOf(range, dateIn(timeZone, crm.now)) });
  const data = reportMailData(schedule.name, answer, language);
  const moved = moveReportSchedule(schedule, 'send', { nextAt, lastSentAt: crm.now.toISOString() });
  const step = `sent-${schedule.version + 1}`;
  const mails = recipients.map(
    (email): Fact<Mail> => queueMail(crm, { recordId: schedule.id, step, to: { email }, template: 'report', data }),
  );
  return crm.commit([moved, ...mails]);
}
