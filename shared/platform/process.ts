import * as z from 'zod';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, openIn, under } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

export const ProcessState = z.enum(['running', 'waiting', 'succeeded', 'failed', 'timedOut', 'stopped']);

/**
 * One run of a workflow for a record. What it waits for lies beside it, in the item by which it is woken (`wait#<record>`), and is shown
 * with it: a waiting process is a running one that has such an item.
 */
const ProcessRecord = z
  .object({
    ...record('prc'),
    workflow: z.string(),
    recordIds: z.array(z.string()).min(1).max(10),
    accountId: z.string().optional(),
    status: ProcessState.exclude(['waiting']),
    outcome: z
      .string()
      .optional()
      .meta({ description: 'The end state, in business words; of a failed one the error.' }),
    execution: z.string().meta({ description: 'The name of its newest execution: a later one adopted the process.' }),
    startedBy: z.object({ eventId: z.string(), correlationId: z.string() }),
    endedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'ProcessStored' });
export type Process = z.infer<typeof ProcessRecord>;

/** A record has one running process a workflow at most: this key is held as long as it runs. */
export const runningKey = (workflow: string, recordId: string): string => `running#${workflow}#${recordId}`;

export const Process: Kind<Process> = {
  name: 'process',
  prefix: 'prc',
  schema: ProcessRecord,
  unique: ({ workflow, recordIds, status }) =>
    status === 'running' ? recordIds.slice(0, 1).map((id) => runningKey(workflow, id)) : [],
  places: ({ id, accountId, workflow, recordIds, status, createdAt }) => ({
    gsi2: inState('process', status, createdAt, id),
    ...(accountId &&
      status === 'running' && {
        gsi3: openIn(accountId, 'process', id),
        card: { id, workflow, recordIds, state: status },
      }),
    shared: recordIds.map((recordId) => under(`process#${recordId}`, id)),
  }),
};

/** A process as it is shown: with what it waits for and until when. */
export const ShownProcess = ProcessRecord.omit({ status: true, startedBy: true, execution: true })
  .extend({
    state: ProcessState,
    waitsFor: z.array(z.string()),
    dueAt: z.iso.datetime().optional(),
    executionArn: z.string().optional(),
    steps: z.array(z.object({ name: z.string(), enteredAt: z.string(), exitedAt: z.string().optional() })).optional(),
  })
  .meta({ id: 'Process' });
export type ShownProcess = z.infer<typeof ShownProcess>;

const event = eventsOf(Process, ProcessRecord.pick({ workflow: true, recordIds: true, status: true, outcome: true }));
export const ProcessStarted = event('started');
export const processMoves = {
  adopt: { from: ['running', 'failed', 'timedOut', 'stopped'], to: 'running', event: event('adopted') },
  succeed: { from: ['running'], to: 'succeeded', event: event('succeeded') },
  fail: { from: ['running'], to: 'failed', event: event('failed') },
  timeOut: { from: ['running'], to: 'timedOut', event: event('failed') },
  stop: { from: ['running'], to: 'stopped', event: event('stopped') },
} as const;
export const moveProcess = mover<Process, Process['status'], typeof processMoves>('process', processMoves);

/** So long may pass from the record of a process to the start of its execution, if that has to be tried again. */
export const graceMilliseconds = 60_000;

/** Whether a process may just not be executed yet: one without an execution that is older has lost it. */
export const isYoung = ({ updatedAt }: Process, now: Date, grace = graceMilliseconds): boolean =>
  now.getTime() <= Date.parse(updatedAt) + grace;

/** What wakes a waiting process: put by its state machine in the transaction that checks the record's version. */
export const Wait = z.object({
  pk: z.string(),
  sk: z.string(),
  token: z.string(),
  seen: z.coerce.number(),
  events: z.set(z.string()),
  dueAt: z.string(),
});
export type Wait = z.infer<typeof Wait>;
export const waitsOf = (recordId: string): string => `wait#${recordId}`;
