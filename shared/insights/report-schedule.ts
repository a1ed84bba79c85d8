import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { Currency } from '../core/money.ts';
import { Line } from '../core/text.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Recurrence, ReportRange } from './report-times.ts';

/** What can be said of a scheduled report. */
export const ReportScheduleDetails = z.strictObject({
  name: Line.min(1).max(200).optional().meta({ description: "The subject of its mails; the report's name if absent." }),
  report: z.string().max(40),
  by: z.string().max(40).optional(),
  currency: Currency.optional(),
  range: ReportRange.default('lastMonth'),
  every: Recurrence,
  recipients: z.array(Email).min(1).max(20),
});
export type ReportScheduleDetails = z.infer<typeof ReportScheduleDetails>;

const ReportScheduleRecord = z
  .object({
    ...record('rsc'),
    ...ReportScheduleDetails.shape,
    status: z.enum(['active', 'paused']),
    nextAt: z.iso.datetime().meta({ description: 'When it is sent next, to within five minutes.' }),
    lastSentAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'ReportSchedule' });
export type ReportSchedule = z.infer<typeof ReportScheduleRecord>;

/** A report that is mailed again and again. */
export const ReportSchedule: Kind<ReportSchedule> = {
  name: 'reportSchedule',
  prefix: 'rsc',
  schema: ReportScheduleRecord,
  places: ({ id, status, nextAt, createdAt }) => ({
    // The queue of the sweep: what is to be sent without anybody asking.
    ...(status === 'active' && { gsi1: workOf('sweep', 'reportSchedule', 'due', nextAt, id) }),
    gsi2: inState('reportSchedule', status, createdAt, id),
  }),
};

const event = eventsOf(
  ReportSchedule,
  ReportScheduleRecord.pick({ report: true, by: true, range: true, status: true, nextAt: true, lastSentAt: true }),
);
export const ReportScheduleCreated = event('created');
export const ReportScheduleUpdated = event('updated');
export const ReportScheduleArchived = event('archived');
export const ReportScheduleRestored = event('restored');

/** The life of a scheduled report. */
export const reportScheduleMoves = {
  send: { from: ['active', 'paused'], event: event('sent') },
  pause: { from: ['active'], to: 'paused', event: event('paused') },
  resume: { from: ['paused'], to: 'active', event: event('resumed') },
} as const;
export const moveReportSchedule = mover<ReportSchedule, ReportSchedule['status'], typeof reportScheduleMoves>(
  'scheduled report',
  reportScheduleMoves,
);
