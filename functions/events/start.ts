import { consumer } from '../../shared/events/consume.ts';
import { Executions } from '../../shared/platform/executions.ts';
import { startedBy, startProcess } from '../../shared/platform/start-process.ts';
import { run } from '../../shared/store/command.ts';
import { given } from '../../shared/store/surroundings.ts';

let executions: Executions | undefined;

/**
 * Starts the processes that an event calls for. The process is a record first and an execution, named after it, second: told twice, or
 * dying in between, it ends with one process and one execution.
 */
export const handler = consumer('start', async (event, { store, policies }, on) => {
  executions ??= new Executions(JSON.parse(given('STATE_MACHINES')) as Record<string, string>);
  for (const workflow of startedBy(event.type)) {
    const input = { workflow, recordId: event.recordId, eventId: event.id };
    const { answer: started } = await run(store, policies, on, startProcess(executions), input);
    if (started) await executions.start(started.process, started.input);
  }
});
