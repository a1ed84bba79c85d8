import * as z from 'zod';
import type { InForce, Policy } from '../core/policy.ts';
import { Settings } from '../core/settings.ts';
import type { Crm } from '../store/command.ts';
import { list } from '../store/list.ts';
import { ranges } from '../store/places.ts';
import type { Kind, Stamped } from '../store/record.ts';

/** What a policy decides of one record, and why. */
export const Decision = z.object({ decision: z.unknown(), reasons: z.array(z.string()) });
export type Decision = z.infer<typeof Decision>;

/** What a decision leans on beside the policy that is tried. */
export interface TrialRules {
  settings: typeof Settings.defaults;
  now: Date;
}

/** How a policy is tried on the past: on which records, and the pure rule by which it decides. */
export interface Trial<B extends object, R extends Stamped = Stamped> {
  readonly kind: Kind<R>;
  /** The states of records that the policy has decided on. */
  readonly states: readonly string[];
  readonly decides: (record: R, body: InForce<B>, around: TrialRules) => Decision;
}

/** Declares how a policy is tried. */
export const trial = <B extends object, R extends Stamped>(
  of: Policy<B>,
  { kind, states, decides }: Trial<B, R>,
): readonly [name: string, Trial<object>] => [of.name, { kind, states, decides } as unknown as Trial<object>];

export const Differing = z.object({
  recordId: z.string(),
  status: z.string().optional(),
  old: Decision.meta({ description: 'What the policy as it stands decides.' }),
  new: Decision.meta({ description: 'What the tried one would.' }),
});
export type Differing = z.infer<typeof Differing>;

/** So many records are tried: the newest. */
const newest = 50;

/** The newest records of a trial on which two bodies of its policy decide otherwise, and how many were tried. */
export async function differing(
  crm: Crm,
  { kind, states, decides }: Trial<object>,
  bodies: { old: InForce<object>; new: InForce<object> },
): Promise<{ tried: number; differing: Differing[] }> {
  const around = { settings: await crm.policy(Settings), now: crm.now };
  const stretches = states.map((state) => ranges.inState(kind.name, state));
  const { data } = await list(crm.store, kind, { ranges: stretches, limit: newest });
  const both = data.map((record) => ({
    recordId: record.id,
    ...('status' in record && { status: String(record.status) }),
    old: decides(record, bodies.old, around),
    new: decides(record, bodies.new, around),
  }));
  const same = (one: Decision, other: Decision) => JSON.stringify(one.decision) === JSON.stringify(other.decision);
  return { tried: both.length, differing: both.filter((each) => !same(each.old, each.new)) };
}
