import * as z from 'zod';
import { messages, occasionOf } from '../../shared/events/consume.ts';
import { endProcess } from '../../shared/platform/end-process.ts';
import { Executions } from '../../shared/platform/executions.ts';
import { startProcess } from '../../shared/platform/start-process.ts';
import { run } from '../../shared/store/command.ts';
import { given, surroundings } from '../../shared/store/surroundings.ts';

/** What Step Functions tells of an execution that ended. */
const StatusChange = z.object({
  id: z.string(),
  detail: z.object({
    name: z.string(),
    status: z.string(),
    input: z.string().nullish(),
    output: z.string().nullish(),
    error: z.string().nullish(),
  }),
});
const Input = z.object({ process: z.object({ id: z.string(), correlationId: z.string() }) });

/** Notes the end of every process on its record, and starts the next one where a record moved on while the last was ending. */
export const handler = messages('processes', async (body) => {
  const { id: eventId, detail } = StatusChange.parse(body);
  if (detail.status === 'RUNNING') return;
  const { process } = Input.parse(JSON.parse(detail.input ?? '{}'));
  const { store, policies, now } = surroundings();
  const on = occasionOf('processes', { id: eventId, correlationId: process.correlationId }, now());
  const end = { status: detail.status, output: detail.output ?? undefined, error: detail.error ?? undefined };
  const { answer } = await run(store, policies, on, endProcess, { id: process.id, execution: detail.name, end });
  if (!answer.again || !answer.recordId) return;
  const executions = new Executions(JSON.parse(given('STATE_MACHINES')) as Record<string, string>);
  const next = { workflow: answer.again, recordId: answer.recordId, eventId };
  const { answer: started } = await run(store, policies, on, startProcess(executions), next);
  if (started) await executions.start(started.process, started.input);
});
