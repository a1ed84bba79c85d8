import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  type ListExecutionsCommandOutput,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Process } from './process.ts';

/** The state machines of this deployment: where processes are executed. */
export class Executions {
  readonly #client: SFNClient;
  readonly #machines: Readonly<Record<string, string>>;
  /** `machines`: workflow name -> ARN of its state machine. */
  constructor(machines: Readonly<Record<string, string>>, client = new SFNClient({})) {
    this.#client = client;
    this.#machines = machines;
  }

  arnOf({ workflow, execution }: Pick<Process, 'workflow' | 'execution'>): string {
    const machine = this.#machines[workflow];
    if (!machine) throw new Error(`No state machine runs ${workflow}`);
    return `${machine.replace(':stateMachine:', ':execution:')}:${execution}`;
  }

  /** Starts the execution that a process names: once, however often this is called. */
  async start(process: Pick<Process, 'workflow' | 'execution'>, input: object): Promise<void> {
    const { workflow, execution } = process;
    await this.#client
      .send(
        new StartExecutionCommand({
          stateMachineArn: this.#machines[workflow],
          name: execution,
          input: JSON.stringify(input),
        }),
      )
      .catch((error: unknown) => {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      });
  }

  /** The status of a process's newest execution; undefined if there is none (any more). */
  async status(
    process: Pick<Process, 'workflow' | 'execution'>,
  ): Promise<{ status: string; output?: string | undefined; error?: string | undefined } | undefined> {
    try {
      const {
        status = '',
        output,
        error,
      } = await this.#client.send(new DescribeExecutionCommand({ executionArn: this.arnOf(process) }));
      return { status, output, error };
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  /** The names of the executions of a workflow that run now. */
  async running(workflow: string): Promise<Set<string>> {
    const names = new Set<string>();
    let nextToken: string | undefined;
    do {
      const page: ListExecutionsCommandOutput = await this.#client.send(
        new ListExecutionsCommand({
          stateMachineArn: this.#machines[workflow],
          statusFilter: 'RUNNING',
          maxResults: 1_000,
          nextToken,
        }),
      );
      for (const { name } of page.executions ?? []) if (name) names.add(name);
      nextToken = page.nextToken;
    } while (nextToken);
    return names;
  }

  /** Stops an execution; one that has ended or is gone stays so. */
  async stop(process: Pick<Process, 'workflow' | 'execution'>, cause: string): Promise<void> {
    await this.#client
      .send(new StopExecutionCommand({ executionArn: this.arnOf(process), error: 'Stopped', cause }))
      .catch((error: unknown) => {
        if (!(error instanceof ExecutionDoesNotExist)) throw error;
      });
  }

  /** The states that an execution entered and left, oldest first: at most the first thousand events of its history. */
  async steps(
    process: Pick<Process, 'workflow' | 'execution'>,
  ): Promise<{ name: string; enteredAt: string; exitedAt?: string }[]> {
    const history = await this.#client
      .send(
        new GetExecutionHistoryCommand({
          executionArn: this.arnOf(process),
          maxResults: 1_000,
          includeExecutionData: false,
        }),
      )
      .catch((error: unknown) => {
        if (error instanceof ExecutionDoesNotExist) return { events: [] };
        throw error;
      });
    return stepsOf(history.events ?? []);
  }
}

function stepsOf(events: readonly HistoryEvent[]): { name: string; enteredAt: string; exitedAt?: string }[] {
  const steps: { name: string; enteredAt: string; exitedAt?: string }[] = [];
  for (const { timestamp, stateEnteredEventDetails: entered, stateExitedEventDetails: exited } of events) {
    const at = timestamp?.toISOString() ?? '';
    if (entered) steps.push({ name: entered.name ?? '', enteredAt: at });
    const left = exited && steps.findLast((step) => step.name === exited.name && !step.exitedAt);
    if (left) left.exitedAt = at;
  }
  return steps;
}
