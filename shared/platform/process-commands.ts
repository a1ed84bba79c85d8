import { Refusal } from '../core/refusal.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Executions } from './executions.ts';
import { moveProcess, Process, type ShownProcess, Wait, waitsOf } from './process.ts';
import { adoptProcess } from './start-process.ts';

/** Processes with what they wait for and until when: one BatchGet for all. */
export async function shownProcesses(crm: Crm, processes: readonly Process[]): Promise<ShownProcess[]> {
  const keys = processes
    .filter(({ status }) => status === 'running')
    .map(({ id, recordIds }) => ({ pk: waitsOf(recordIds[0]!), sk: id }));
  const waits = new Map((await crm.store.getMany(keys, true)).map((item) => [String(item['sk']), Wait.parse(item)]));
  return processes.map((process) => shown(process, waits.get(process.id)));
}

/** A process between two waits is running an act, which ends within minutes. */
const actWithinMilliseconds = 15 * 60_000;

function shown({ status, startedBy: _, execution: __, ...process }: Process, wait: Wait | undefined): ShownProcess {
  if (status !== 'running') return { ...process, state: status, waitsFor: [] };
  if (wait) return { ...process, state: 'waiting', waitsFor: [...wait.events], dueAt: wait.dueAt };
  const dueAt = new Date(Date.parse(process.updatedAt) + actWithinMilliseconds).toISOString();
  return { ...process, state: 'running', waitsFor: [], dueAt };
}

/** A process with the steps that its execution went through. */
export const readProcess =
  (executions: () => Executions): Command<{ id: string }, ShownProcess> =>
  async (crm, { id }) => {
    const process = await crm.load(Process, id);
    const [one] = await shownProcesses(crm, [process]);
    return { ...one!, executionArn: executions().arnOf(process), steps: await executions().steps(process) };
  };

/** Starts an ended process again from where its record stands. 409 while its execution is alive. */
export const redriveProcess =
  (executions: () => Executions): Command<{ id: string }, ShownProcess> =>
  async (crm, { id }) => {
    const process = await crm.load(Process, id);
    const alive = process.status === 'running' && (await executions().status(process))?.status === 'RUNNING';
    if (alive || process.status === 'succeeded')
      throw new Refusal('record.wrongState', `A process that is ${process.status} is not redriven`);
    const { process: adopted, input } = await adoptProcess(crm, { id });
    await executions().start(adopted, input);
    return (await shownProcesses(crm, [adopted]))[0]!;
  };

/** Stops a process: its record stands where it stands, and nothing happens by itself any more. */
export const stopProcess =
  (executions: () => Executions): Command<{ id: string }, ShownProcess> =>
  async (crm, { id }) => {
    const process = await crm.load(Process, id);
    const endedAt = crm.now.toISOString();
    const stopped = await crm.commit([moveProcess(process, 'stop', { outcome: 'Stopped', endedAt })]);
    if (!crm.on.validateOnly) await executions().stop(process, `By ${crm.on.actor.id}`);
    return (await shownProcesses(crm, [stopped]))[0]!;
  };
