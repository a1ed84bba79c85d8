import { run } from '../store/command.ts';
import { type Range, ranges } from '../store/places.ts';
import type { Surroundings } from '../store/surroundings.ts';
import type { Executions } from './executions.ts';
import { Process, runningKey } from './process.ts';
import { adoptProcess, startProcess } from './start-process.ts';
import { type WorkflowRule, workflows } from './workflows.ts';

export interface Reconciled {
  started: number;
  adopted: number;
}

const pageSize = 100;
/** A process that is younger may just not be executed yet. */
export const graceMilliseconds = 60_000;

/**
 * Sees to it that every record that should have a process has one that runs: after a restore, a lost region, a lost message. It walks the
 * records by state, asks Step Functions what runs, and starts or adopts what does not.
 */
export async function reconcile(around: Surroundings, executions: Executions, grace: number): Promise<Reconciled> {
  const done: Reconciled = { started: 0, adopted: 0 };
  for (const workflow of workflows) {
    const alive = await executions.running(workflow.name);
    for (const state of workflow.runsWhile)
      for await (const page of recordsIn(around, ranges.inState(workflow.kind, state))) {
        const { started, adopted } = await reconcilePage(around, executions, workflow, page, (process) =>
          isLost(process, alive, around.now(), grace),
        );
        done.started += started;
        done.adopted += adopted;
      }
  }
  return done;
}

const isLost = ({ execution, updatedAt }: Process, alive: ReadonlySet<string>, now: Date, grace: number): boolean =>
  !alive.has(execution) && Date.parse(updatedAt) + grace < now.getTime();

async function* recordsIn({ store }: Surroundings, range: Range): AsyncGenerator<string[]> {
  for (let before: string | undefined; ; ) {
    const page = await store.query(range, pageSize, before);
    if (page.length) yield page.map((item) => String(item['sk']));
    if (page.length < pageSize) return;
    before = String(page.at(-1)?.[`${range.index}sk`]);
  }
}

async function reconcilePage(
  around: Surroundings,
  executions: Executions,
  workflow: WorkflowRule,
  recordIds: string[],
  lost: (process: Process) => boolean,
): Promise<Reconciled> {
  const { store, policies, now } = around;
  const done: Reconciled = { started: 0, adopted: 0 };
  const holders = await store.holdersOf(recordIds.map((id) => runningKey(workflow.name, id)));
  for (const recordId of recordIds) {
    const on = {
      now: now(),
      actor: { kind: 'system' as const, id: 'reconcile' },
      correlationId: `reconcile-${recordId}`,
    };
    const processId = holders.get(runningKey(workflow.name, recordId));
    const process = processId && (await store.find(Process, processId));
    if (!process) {
      const input = { workflow, recordId, eventId: `reconcile-${now().getTime()}` };
      const { answer } = await run(store, policies, on, startProcess(executions), input);
      if (answer) await executions.start(answer.process, answer.input);
      done.started += answer ? 1 : 0;
    } else if (lost(process)) {
      const { answer } = await run(store, policies, on, adoptProcess, { id: process.id });
      await executions.start(answer.process, answer.input);
      done.adopted++;
    }
  }
  return done;
}
