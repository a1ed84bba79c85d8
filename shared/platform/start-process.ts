import { addDuration } from '../core/duration.ts';
import { accountOf, keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Item } from '../store/store.ts';
import type { Executions } from './executions.ts';
import { isYoung, moveProcess, Process, ProcessStarted, runningKey } from './process.ts';
import { Processes } from './process-policies.ts';
import { mayStart, type WorkflowRule, workflows } from './workflows.ts';

/** What a state machine is given: the process it executes, and where its record stood. */
export interface ProcessInput {
  /** How often it may wait still, and until when it may run: then its successor goes on. */
  process: { id: string; correlationId: string; causationId: string; turns: number; until: string };
  record: { id: string; accountId?: string | undefined; status: string; version: number; dueAt?: string | undefined };
}

/** What a state machine is told of a record: enough to route by, and until when to wait. Deadlines are absolute and live on the record. */
export function standingOf(item: Item): ProcessInput['record'] {
  const dueAt = item['nextStepAt'] ?? item['dueAt'];
  return {
    id: String(item['id']),
    accountId: (item['accountId'] as string | undefined) ?? accountOf(String(item['id'])),
    status: String(item['status']),
    version: Number(item['version']),
    ...(dueAt !== undefined && { dueAt: String(dueAt) }),
  };
}

/**
 * Makes the process that an event calls for, or finds the one that the same event made. Undefined where the record has a live one of
 * this workflow already, or needs none any more. One whose execution has ended or is lost makes way.
 */
export const startProcess =
  (executions: Pick<Executions, 'status'>): Command<Start, Started | undefined> =>
  async (crm, { workflow, recordId, eventId }) => {
    const item = await crm.store.get(keyOf(recordId));
    if (!item || !mayStart(workflow, item)) return undefined;
    const running = await runningProcess(crm, workflow.name, recordId);
    if (running?.startedBy.eventId === eventId) return started(crm, running, item);
    if (running) {
      const execution = await executions.status(running);
      // Not executed yet, it is left to the event that made it: that is told again until it has started.
      if (execution ? execution.status === 'RUNNING' : isYoung(running, crm.now)) return undefined;
      await crm.commit([ended(running, execution ?? { status: 'ABORTED', error: 'Its execution is lost' }, crm.now)]);
    }
    const { accountId } = standingOf(item);
    const id = crm.newId('prc', accountId);
    const process = await crm.commit([
      ProcessStarted(undefined, {
        id,
        workflow: workflow.name,
        recordIds: [recordId, ...(workflow.about?.(item) ?? [])],
        accountId,
        status: 'running',
        execution: `${id}-1`,
        startedBy: { eventId, correlationId: crm.on.correlationId },
      }),
    ]);
    return started(crm, process, item);
  };

interface Start {
  workflow: WorkflowRule;
  recordId: string;
  eventId: string;
}
interface Started {
  process: Process;
  input: ProcessInput;
}

/** A process, and what its execution is given: an execution that begins now has all its turns before it. */
async function started(crm: Crm, process: Process, item: Item): Promise<Started> {
  const { correlationId, eventId: causationId } = process.startedBy;
  const { turns, lasts } = await crm.policy(Processes);
  const until = addDuration(crm.now, lasts).toISOString();
  return {
    process,
    input: { process: { id: process.id, correlationId, causationId, turns, until }, record: standingOf(item) },
  };
}

/** How an execution ended. */
export interface Execution {
  status: string;
  output?: string | undefined;
  error?: string | undefined;
}

/** The end of a process, as Step Functions tells it: the outcome of a success is the last state's output in business words. */
export function ended(process: Process, { status, output, error }: Execution, now: Date): Fact<Process> {
  const endedAt = now.toISOString();
  if (status === 'SUCCEEDED') return moveProcess(process, 'succeed', { outcome: outcomeIn(output), endedAt });
  const outcome = error ?? status;
  if (status === 'TIMED_OUT') return moveProcess(process, 'timeOut', { outcome, endedAt });
  return moveProcess(process, status === 'ABORTED' ? 'stop' : 'fail', { outcome, endedAt });
}

function outcomeIn(output = '{}'): string {
  const { outcome } = JSON.parse(output) as { outcome?: unknown };
  return typeof outcome === 'string' ? outcome : 'Ended';
}

/**
 * Gives a process a new execution: after a failure was mended, or after its execution was lost (a restore, a lost region). Entering
 * anywhere is safe: the first thing a process does is look where its record stands.
 */
export const adoptProcess: Command<{ id: string }, Started> = async (crm, { id }) => {
  const process = await crm.load(Process, id);
  const item = await crm.store.get(keyOf(process.recordIds[0]!));
  if (!item) throw new Refusal('record.notFound', `The record of ${id} is gone`);
  const adopted = await crm.commit([
    moveProcess(process, 'adopt', {
      execution: `${id}-${process.version + 1}`,
      outcome: undefined,
      endedAt: undefined,
    }),
  ]);
  return started(crm, adopted, item);
};

/** The workflows that an event starts. */
export const startedBy = (type: string): readonly WorkflowRule[] =>
  workflows.filter(({ startsOn }) => startsOn.includes(type));

/** The running process of a record in a workflow, if there is one. */
export async function runningProcess(crm: Crm, workflow: string, recordId: string): Promise<Process | undefined> {
  const holder = await crm.store.holderOf(runningKey(workflow, recordId));
  return holder ? crm.store.find(Process, holder) : undefined;
}
