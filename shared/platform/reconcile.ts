import { run } from '../store/command.ts';
import { type Range, ranges } from '../store/places.ts';
import type { Surroundings } from '../store/surroundings.ts';
import type { Executions } from './executions.ts';
import { isYoung, Process, runningKey } from './process.ts';
import { adoptProcess, startProcess } from './start-process.ts';
import { type WorkflowRule, workflows } from './workflows.ts';

export interface Reconciled {
  started: number;
  adopted: number;
}

type Machines = Pick<Executions, 'running' | 'start' | 'status'>;

const pageSize = 100;
/**
 * Sees to it that every record that should have a process has one that runs: after a restore, a lost region, a lost message. It walks the
 * records by state and starts what is missing; then the running processes, and adopts those that Step Functions does not know: of a
 * record that has moved on, too, as its process may have lost what was to be done next.
 */
export async function reconcile(around: Surroundings, executions: Machines, grace: number): Promise<Reconciled> {
  const done: Reconciled = { started: 0, adopted: 0 };
  for (const workflow of workflows)
    for (const state of workflow.runsWhile)
      for await (const page of recordsIn(around, ranges.inState(workflow.kind, state)))
        done.started += await startMissing(around, executions, workflow, page);
  const alive = new Set<string>();
  for (const { name } of workflows) for (const execution of await executions.running(name)) alive.add(execution);
  for await (const page of recordsIn(around, ranges.inState('process', 'running')))
    done.adopted += await adoptLost(around, executions, page, (process) => isLost(process, alive, around.now(), grace));
  return done;
}

const isLost = (process: Process, alive: ReadonlySet<string>, now: Date, grace: number): boolean =>
  process.status === 'running' && !alive.has(process.execution) && !isYoung(process, now, grace);

async function* recordsIn({ store }: Surroundings, range: Range): AsyncGenerator<string[]> {
  for (let before: string | undefined; ; ) {
    const page = await store.query(range, pageSize, before);
    if (page.length) yield page.map((item) => String(item['sk']));
    if (page.length < pageSize) return;
    before = String(page.at(-1)?.[`${range.index}sk`]);
  }
}

async function startMissing(
  around: Surroundings,
  executions: Machines,
  workflow: WorkflowRule,
  recordIds: string[],
): Promise<number> {
  const { store, policies, now } = around;
  const holders = await store.holdersOf(recordIds.map((id) => runningKey(workflow.name, id)));
  let started = 0;
  for (const recordId of recordIds) {
    if (holders.has(runningKey(workflow.name, recordId))) continue;
    const input = { workflow, recordId, eventId: `reconcile-${now().getTime()}` };
    const { answer } = await run(store, policies, occasionOf(recordId, now()), startProcess(executions), input);
    if (!answer) continue;
    await executions.start(answer.process, answer.input);
    started++;
  }
  return started;
}

async function adoptLost(
  around: Surroundings,
  executions: Machines,
  processIds: string[],
  lost: (process: Process) => boolean,
): Promise<number> {
  const { store, policies, now } = around;
  let adopted = 0;
  for (const id of processIds) {
    const process = await store.find(Process, id);
    if (!process || !lost(process)) continue;
    const { answer } = await run(store, policies, occasionOf(id, now()), adoptProcess, { id });
    await executions.start(answer.process, answer.input);
    adopted++;
  }
  return adopted;
}

const occasionOf = (id: string, now: Date) => ({
  now,
  actor: { kind: 'system' as const, id: 'reconcile' },
  correlationId: `reconcile-${id}`,
});
