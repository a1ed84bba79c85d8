import { Refusal } from '../core/refusal.ts';
import { type Command, run } from '../store/command.ts';
import type { Item } from '../store/store.ts';
import { type Surroundings, surroundings } from '../store/surroundings.ts';
import type { ProcessInput } from './start-process.ts';
import { standingOf } from './start-process.ts';

/** What an act of a process is given: its record as the process last saw it, and the process. */
export interface ActInput {
  id: string;
  /** The version that the process saw: a record that has moved on since is answered as it is. */
  seen: number;
  processId: string;
}
/** An act of a process: a command that answers the current record where nothing is left to do. */
export type Act = Command<ActInput, object>;

export interface ActRequest extends ProcessInput {
  act: string;
}

/** Somebody else was faster six times: worth another try of the state machine, unlike any other refusal. */
class Busy extends Error {
  override readonly name = 'Busy';
}

/**
 * The task function of a workflow: its acts by name. It answers where the record stands afterwards. A refusal reaches the state machine
 * as `Refusal` and is not repeated; whatever else fails is.
 */
export const acts =
  (table: Readonly<Record<string, Act>>, around: () => Surroundings = surroundings) =>
  async ({ act, process, record }: ActRequest): Promise<ProcessInput['record']> => {
    const { store, policies, now } = around();
    const command = table[act];
    if (!command) throw new Error(`The workflow knows no act ${act}`);
    const actor = { kind: 'process' as const, id: process.id };
    const on = { now: now(), actor, correlationId: process.correlationId, causationId: process.causationId };
    const input = { id: record.id, seen: record.version, processId: process.id };
    try {
      const { answer } = await run(store, policies, on, command, input);
      return standingOf(answer as Item);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'record.busy') throw new Busy(error.message);
      throw error;
    }
  };
