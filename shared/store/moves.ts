import { Refusal } from '../core/refusal.ts';
import type { EventType, Fact, Why } from '../events/event.ts';
import type { Draft, Stamped } from './record.ts';

/** One verb of a record's life: the states it may start from, where it leads, and the event that tells of it. */
export interface Move<R extends Stamped, S extends string> {
  readonly from: readonly S[];
  /** Missing where the verb leaves the state as it is, or what changes with it says which it is. */
  readonly to?: S;
  readonly event: EventType<R>;
}

/**
 * Makes the function that moves a record by a verb, with what changes beside its status. 409 `record.wrongState` (with the state in
 * `detail`) where the verb does not apply.
 */
export const mover =
  <R extends Stamped & { status: S }, S extends string, M extends Record<string, Move<R, S>>>(name: string, moves: M) =>
  (record: R, verb: keyof M & string, patch: Partial<Draft<R>> = {}, why?: Why): Fact<R> => {
    const { from, to, event } = moves[verb]!;
    if (record.archivedAt) throw new Refusal('record.wrongState', `The ${name} is archived; restore it first`);
    if (!from.includes(record.status))
      throw new Refusal(
        'record.wrongState',
        `A ${name} that is ${record.status} cannot ${words(verb)}; it must be ${from.join(' or ')}`,
      );
    return event(record, { ...record, ...patch, ...(to && { status: to }) }, why);
  };

const words = (verb: string): string => verb.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
