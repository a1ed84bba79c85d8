import * as z from 'zod';
import { idOfName } from '../core/ids.ts';
import { Instant } from '../core/instant.ts';
import type { Policy } from '../core/policy.ts';
import { Refusal } from '../core/refusal.ts';
import { validated } from '../core/validation.ts';
import type { Command, Crm } from '../store/command.ts';
import { holdingAt, PolicyChanged, type PolicyRecord, PolicyRecordKind } from '../store/policies.ts';
import { Differing, differing, type Trial } from './trial.ts';

export const ShownPolicy = z
  .object({
    name: z.string(),
    version: z.int().meta({ description: '0: nobody has changed it, the defaults hold.' }),
    body: z.record(z.string(), z.unknown()),
    validFrom: z.string().optional(),
    updatedAt: z.string().optional(),
    inForce: z
      .object({ version: z.int(), body: z.record(z.string(), z.unknown()) })
      .optional()
      .meta({ description: 'What holds until `validFrom`, while that is still to come.' }),
    defaults: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Policy' });
export type ShownPolicy = z.infer<typeof ShownPolicy>;

export const PolicyChange = z.strictObject({
  body: z.record(z.string(), z.unknown()).meta({ description: 'What is left out is as the defaults say.' }),
  validFrom: Instant.optional(),
});

/** The policies of a deployment, and how they are tried on the past, by name. */
export interface PolicyBook {
  readonly named: ReadonlyMap<string, Policy<object>>;
  readonly trials: ReadonlyMap<string, Trial<object>>;
}

function known({ named }: PolicyBook, name: string): Policy<object> {
  const policy = named.get(name);
  if (policy) return policy;
  throw new Refusal('policy.unknown', `There are ${[...named.keys()].join(', ')}`);
}

const shown = (policy: Policy<object>, stored: PolicyRecord | undefined, now: Date): ShownPolicy => {
  const defaults = policy.defaults as Record<string, unknown>;
  const full = ({ version, body }: NonNullable<PolicyRecord['previous']>) => ({
    version,
    body: { ...defaults, ...body },
  });
  const none = { version: 0, body: {} };
  const isToCome = stored !== undefined && Date.parse(stored.validFrom) > now.getTime();
  return {
    name: policy.name,
    ...full(stored ?? none),
    ...(isToCome && { inForce: full(stored.previous ?? none) }),
    defaults,
    ...(stored && { validFrom: stored.validFrom, updatedAt: stored.updatedAt }),
  };
};

const find = (crm: Crm, name: string) => crm.store.find(PolicyRecordKind, idOfName('pol', name));

/** A policy as it stands, its defaults beside it. 404 `policy.unknown`. */
export const readPolicy =
  (book: PolicyBook): Command<{ name: string }, ShownPolicy> =>
  async (crm, { name }) =>
    shown(known(book, name), await find(crm, name), crm.now);

/** All policies. */
export const allPolicies =
  ({ named }: PolicyBook) =>
  async (crm: Crm): Promise<ShownPolicy[]> => {
    const stored = await crm.store.loadAll(PolicyRecordKind, 'dir#pol');
    return [...named.values()].map((policy) =>
      shown(
        policy,
        stored.find(({ name }) => name === policy.name),
        crm.now,
      ),
    );
  };

/** Makes a new version of a policy, in force from now or `validFrom`; until then what holds now does. One that is still to come is replaced. */
export const changePolicy =
  (
    book: PolicyBook,
  ): Command<{ name: string; body: Record<string, unknown>; validFrom?: string | undefined }, ShownPolicy> =>
  async (crm, { name, body, validFrom = crm.now.toISOString() }) => {
    const policy = known(book, name);
    const full = checked(policy, body);
    const before = await find(crm, name);
    const { seen } = crm.on;
    if (seen && seen.version !== (before?.version ?? 0))
      throw new Refusal('record.versionConflict', `It is at version ${before?.version ?? 0}`);
    const previous = before && holdingAt(before, crm.now);
    const after = { id: idOfName('pol', name), name, body: full, validFrom, previous };
    return crm.commitAs((stored) => shown(policy, stored as PolicyRecord, crm.now), [PolicyChanged(before, after)]);
  };

const checked = (policy: Policy<object>, body: Record<string, unknown>): Record<string, unknown> =>
  validated(policy.body, { ...policy.defaults, ...body }, ['body']) as Record<string, unknown>;

export const DryRun = z.object({
  name: z.string(),
  changes: z.record(z.string(), z.object({ old: z.unknown(), new: z.unknown() })),
  tried: z
    .int()
    .meta({ description: 'How many records both were tried on: the newest. 0 for a policy that decides on none.' }),
  differing: z
    .array(Differing)
    .meta({ description: 'The records on which it would decide otherwise than the policy as it stands.' }),
});

/** What a new version would change: of the policy, and of what it would have decided on the newest records. Nothing is written. */
export const tryPolicy =
  (book: PolicyBook): Command<{ name: string; body: Record<string, unknown> }, z.infer<typeof DryRun>> =>
  async (crm, { name, body }) => {
    const { inForce: before, ...newest } = await readPolicy(book)(crm, { name });
    const { body: stands, version } = before ?? newest;
    const tried = checked(known(book, name), body);
    const fields = [...new Set([...Object.keys(stands), ...Object.keys(tried)])];
    const changed = fields.filter((field) => JSON.stringify(stands[field]) !== JSON.stringify(tried[field]));
    const changes = Object.fromEntries(changed.map((field) => [field, { old: stands[field], new: tried[field] }]));
    const how = book.trials.get(name);
    if (!how) return { name, changes, tried: 0, differing: [] };
    const inForce = (says: Record<string, unknown>) => ({ ...says, policy: { name, version } });
    return { name, changes, ...(await differing(crm, how, { old: inForce(stands), new: inForce(tried) })) };
  };
