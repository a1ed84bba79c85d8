import * as z from 'zod';
import { type Draft, type Kind, Origin, type Stamped } from '../store/record.ts';

/** Why something was decided: goes into the event, so that "why?" has an answer. */
export interface Why {
  reasons?: string[];
  policy?: { name: string; version: number };
}

/** One change of one record and the event that tells of it: they are committed together or not at all. */
export interface Fact<R extends Stamped = Stamped> {
  readonly kind: Kind<R>;
  readonly type: string;
  readonly schemaVersion: number;
  readonly before: R | undefined;
  readonly after: Draft<R>;
  readonly data: z.ZodObject;
  readonly why: Why;
}

/** A type of event. Called by a rule, it makes the fact; its `type` and `data` serve bus rules, consumers and the catalogue. */
export interface EventType<R extends Stamped> {
  (before: R | undefined, after: Draft<R>, why?: Why): Fact<R>;
  readonly type: string;
  readonly data: z.ZodObject;
}

/** Declares the events of a kind: `event('qualified')` is `lead.qualified`; `data` picks what of the record goes on the bus. */
export const eventsOf =
  <R extends Stamped>(kind: Kind<R>, data: z.ZodObject, schemaVersion = 1) =>
  (pastTense: string): EventType<R> => {
    const type = `${kind.name}.${pastTense}`;
    const fact = (before: R | undefined, after: Draft<R>, why: Why = {}): Fact<R> => ({
      kind,
      type,
      schemaVersion,
      before,
      after,
      data,
      why,
    });
    return Object.assign(fact, { type, data });
  };

/** Who acts: a person, a key, a process, a customer by link, the system itself; `via` the key that spoke for a person. */
export const Actor = z.object({
  kind: z.enum(['user', 'key', 'process', 'customer', 'system']),
  id: z.string(),
  via: z.string().optional(),
});
export type Actor = z.infer<typeof Actor>;

/** The envelope on the bus, in the log and in the feed. */
export const Envelope = z
  .object({
    id: z.string(),
    type: z.string(),
    schemaVersion: z.int(),
    occurredAt: z.iso.datetime(),
    accountId: z.string().optional(),
    recordId: z.string(),
    recordVersion: z.int(),
    status: z.string().optional(),
    actor: Actor,
    correlationId: z.string(),
    causationId: z.string().optional(),
    origin: Origin.optional().meta({
      description:
        'The import that it comes from; where `runWorkflows` is false it starts no process and sends no mail.',
    }),
    changes: z.record(z.string(), z.object({ old: z.unknown().optional(), new: z.unknown().optional() })),
    reasons: z.array(z.string()).optional(),
    policy: z.object({ name: z.string(), version: z.int() }).optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });
export type Envelope = z.infer<typeof Envelope>;
