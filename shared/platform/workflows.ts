import { enrolledBy } from '../marketing/journey.ts';
import type { Origin } from '../store/record.ts';

/** Which workflow serves which kind of record: the events that start it, and the states in which a record should have one running. */
export interface WorkflowRule {
  readonly name: string;
  readonly kind: string;
  readonly prefix: string;
  readonly startsOn: readonly string[];
  /** A process starts only while the record is in one of these, and `reconcile` sees to it that one does. */
  readonly runsWhile: readonly string[];
  /** A process starts in one of these too: what happened before it could start is not missed. */
  readonly startsWhile?: readonly string[];
  /** A record that has this field needs none any more: a person has taken over. */
  readonly unless?: string;
  /** What else a process is about, beside its record: it is listed with that too. */
  readonly about?: (record: Record<string, unknown>) => readonly string[];
}

/** Whether a record, as it is stored, should have a process of a workflow: not one that was imported as history. */
export const needsProcess = ({ runsWhile, unless }: WorkflowRule, record: Record<string, unknown>): boolean =>
  !record['archivedAt'] &&
  runsWhile.includes(String(record['status'])) &&
  !(unless && record[unless]) &&
  (record['origin'] as Origin | undefined)?.runWorkflows !== false;

/** Whether a process of a workflow may start for a record, as it is stored. */
export const mayStart = (workflow: WorkflowRule, record: Record<string, unknown>): boolean =>
  needsProcess({ ...workflow, runsWhile: [...workflow.runsWhile, ...(workflow.startsWhile ?? [])] }, record);

export const workflows: readonly WorkflowRule[] = [
  {
    name: 'lead-qualification',
    kind: 'lead',
    prefix: 'lea',
    startsOn: ['lead.captured', 'lead.resubmitted', 'lead.qualified', 'lead.conversionUndone', 'lead.restored'],
    runsWhile: ['new', 'assigned', 'working', 'qualified'],
  },
  {
    name: 'quote-approval',
    kind: 'quote',
    prefix: 'quo',
    startsOn: ['quote.submitted'],
    runsWhile: ['inApproval'],
  },
  {
    name: 'order-to-cash',
    kind: 'order',
    prefix: 'ord',
    startsOn: ['order.confirmed'],
    runsWhile: ['confirmed', 'partlyFulfilled'],
    startsWhile: ['fulfilled', 'closed'],
  },
  {
    name: 'collection',
    kind: 'invoice',
    prefix: 'inv',
    // Updated: a payment was taken back, and something is open again. Disputed or promised: a person gives it back.
    startsOn: ['invoice.issued', 'invoice.updated', 'invoice.disputed', 'invoice.promised'],
    runsWhile: ['issued', 'partlyPaid'],
    unless: 'handedOverAt',
  },
  {
    name: 'case-resolution',
    kind: 'case',
    prefix: 'cas',
    startsOn: ['case.opened', 'case.reopened'],
    runsWhile: ['new', 'open', 'waiting', 'resolved'],
  },
  {
    name: 'campaign-send',
    kind: 'campaign',
    prefix: 'cmp',
    // Resumed: the breaker had stopped it, and its process had ended.
    startsOn: ['campaign.scheduled', 'campaign.started', 'campaign.resumed'],
    runsWhile: ['scheduled', 'sending'],
  },
  {
    name: 'import-run',
    kind: 'import',
    prefix: 'imp',
    startsOn: ['import.started', 'import.undoStarted'],
    runsWhile: ['running'],
  },
  {
    name: 'export-run',
    kind: 'export',
    prefix: 'exp',
    startsOn: ['export.started'],
    runsWhile: ['running'],
  },
  {
    name: 'nurture',
    kind: 'journey',
    prefix: 'jny',
    startsOn: ['journey.started'],
    runsWhile: ['active'],
    about: enrolledBy,
  },
];
