import type * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { validated } from '../core/validation.ts';
import type { EventType, Fact } from '../events/event.ts';
import type { Command, Crm } from './command.ts';
import type { Draft, Kind, Stamped } from './record.ts';

type Json = Record<string, unknown>;

/** RFC 7396: objects are merged, everything else replaced, null removes. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Json = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an edit is: the fields it may change, the event that tells of it, and a rule over the result (references, say). */
interface Edit<R extends Stamped> {
  kind: Kind<R>;
  fields: z.ZodObject;
  event: EventType<R>;
  rule?: (crm: Crm, after: Draft<R>, before: R) => Draft<R> | Promise<Draft<R>>;
  /** The states in which it may be edited; any if none are named. */
  while?: readonly string[];
  /** Fields whose value is one thing, a tree say: an edit puts another in its place instead of merging the two. */
  whole?: readonly string[];
}

/** The command behind POST: a record of what was said, and nothing else to decide. */
export const create =
  <R extends Stamped, D extends object>(kind: Kind<R>, event: EventType<R>): Command<D, R> =>
  async (crm, details) =>
    crm.commit([event(undefined, { ...details, id: crm.newId(kind.prefix) } as unknown as Draft<R>)]);

/** The command behind PATCH: an edit that changes nothing makes no version. */
export const edit =
  <R extends Stamped>({
    kind,
    fields,
    event,
    rule,
    while: states,
    whole,
  }: Edit<R>): Command<{ id: string; patch: Json }, R> =>
  async (crm, { id, patch }) => {
    const before = await crm.load(kind, id);
    const { status } = before as { status?: string };
    if (before.archivedAt) throw new Refusal('record.wrongState', `The ${kind.name} is archived; restore it first`);
    if (states && !states.includes(String(status)))
      throw new Refusal('record.wrongState', `A ${kind.name} that is ${status} cannot be edited`);
    const changed = patched(fields, before, patch, whole);
    const draft = { ...before, ...changed } as Draft<R>;
    const after = rule ? await rule(crm, draft, before) : draft;
    return same(before, after) ? before : crm.commit([event(before, after)]);
  };

function patched(fields: z.ZodObject, before: Json, patch: Json, whole: readonly string[] = []): Json {
  const names = Object.keys(fields.shape);
  const fixed = Object.keys(patch).filter((name) => !names.includes(name));
  if (fixed.length) {
    const errors = fixed.map((name) => ({
      pointer: `#/${name}`,
      code: Object.hasOwn(before, name) ? 'immutable' : 'unrecognized_key',
      detail: Object.hasOwn(before, name) ? `${name} is not changed by an edit` : `There is no field ${name}`,
    }));
    throw new Refusal('request.invalid', 'The edit names fields that it cannot change', { errors });
  }
  const kept = names.filter((name) => name in before && !(name in patch && whole.includes(name)));
  const own = Object.fromEntries(kept.map((name) => [name, before[name]]));
  const merged = mergePatch(own, patch);
  const parsed = validated(fields, merged) as Json;
  return Object.fromEntries(names.map((name) => [name, parsed[name]]));
}

const same = (before: object, after: object): boolean => {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const [one, other] = [before as Json, after as Json];
  return [...names].every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]));
};

/**
 * The command behind DELETE: the record is listed nowhere any more, and is brought back by `restore`. `rule`: what must hold; `also`: what
 * else changes with it.
 */
export const archive =
  <R extends Stamped>(
    kind: Kind<R>,
    event: EventType<R>,
    rule?: (crm: Crm, record: R) => void | Promise<void>,
    also?: (crm: Crm, record: R) => Promise<readonly Fact[]>,
  ): Command<{ id: string }, R> =>
  async (crm, { id }) => {
    const before = await crm.load(kind, id);
    if (before.archivedAt) return before;
    await rule?.(crm, before);
    const archived = event(before, { ...before, archivedAt: crm.now.toISOString() });
    return crm.commit([archived, ...((await also?.(crm, before)) ?? [])]);
  };

/** Brings an archived record back. */
export const restore =
  <R extends Stamped>(kind: Kind<R>, event: EventType<R>): Command<{ id: string }, R> =>
  async (crm, { id }) => {
    const before = await crm.load(kind, id);
    return before.archivedAt ? crm.commit([event(before, { ...before, archivedAt: undefined })]) : before;
  };
