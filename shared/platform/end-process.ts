import { keyOf } from '../core/ids.ts';
import type { Command } from '../store/command.ts';
import { Process, waitsOf } from './process.ts';
import { type Execution, ended } from './start-process.ts';
import { needsProcess, type WorkflowRule, workflows } from './workflows.ts';

/**
 * Notes how a process ended, and takes its wait away. Answers the workflow if the record asks for another run: a change that came while
 * the last one was ending would else wake nobody.
 */
export const endProcess: Command<{ id: string; execution: string; end: Execution }, Ended> = async (
  crm,
  { id, execution, end },
) => {
  const process = await crm.store.find(Process, id);
  if (process?.execution !== execution) return {};
  if (process.status === 'running') await crm.commit([ended(process, end, crm.now)]);
  for (const waited of process.recordIds) await crm.store.remove({ pk: waitsOf(waited), sk: id }, 'sk', id);
  const workflow = workflows.find(({ name }) => name === process.workflow);
  const recordId = process.recordIds[0]!;
  const record = await crm.store.get(keyOf(recordId));
  const asks = end.status === 'SUCCEEDED' && workflow && record && needsProcess(workflow, record);
  return asks ? { again: workflow, recordId } : {};
};

interface Ended {
  again?: WorkflowRule | undefined;
  recordId?: string;
}
