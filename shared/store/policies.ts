import * as z from 'zod';
import { byDefault, type InForce, type Policy } from '../core/policy.ts';
import { eventsOf } from '../events/event.ts';
import { type Kind, record } from './record.ts';
import type { Store } from './store.ts';

const PolicyRecord = z
  .object({
    ...record('pol'),
    name: z.string(),
    body: z.record(z.string(), z.unknown()),
    validFrom: z.iso.datetime(),
    previous: z
      .object({ version: z.int(), body: z.record(z.string(), z.unknown()) })
      .optional()
      .meta({ description: 'What holds until `validFrom`.' }),
  })
  .meta({ id: 'PolicyStored' });
export type PolicyRecord = z.infer<typeof PolicyRecord>;
export const PolicyRecordKind: Kind<PolicyRecord> = { name: 'policy', prefix: 'pol', schema: PolicyRecord };
export const PolicyChanged = eventsOf(
  PolicyRecordKind,
  PolicyRecord.pick({ name: true, body: true, validFrom: true }),
)('changed');

/** The version of a policy that holds at an instant: the newest, or before its time the one that it follows. Undefined: the defaults. */
export const holdingAt = ({ validFrom, previous, version, body }: PolicyRecord, now: Date): PolicyRecord['previous'] =>
  Date.parse(validFrom) <= now.getTime() ? { version, body } : previous;

const freshForMilliseconds = 5_000;

/** The policies in force: read whole in one Query, kept for at most five seconds. */
export class Policies {
  readonly #store: Store;
  #records: Promise<Map<string, PolicyRecord>> | undefined;
  #readAt = 0;
  constructor(store: Store) {
    this.#store = store;
  }

  /** What a policy says now, over its defaults: a new field of a new release needs no new version of the policy. */
  async inForce<B extends object>(of: Policy<B>, now: Date): Promise<InForce<B>> {
    const found = (await this.#all()).get(of.name);
    const holds = found && holdingAt(found, now);
    if (!holds) return byDefault(of);
    return { ...of.body.parse({ ...of.defaults, ...holds.body }), policy: { name: of.name, version: holds.version } };
  }

  async #all(): Promise<Map<string, PolicyRecord>> {
    if (!this.#records || Date.now() - this.#readAt > freshForMilliseconds) {
      this.#readAt = Date.now();
      this.#records = this.#store
        .loadAll(PolicyRecordKind, 'dir#pol')
        .then((records) => new Map(records.map((found) => [found.name, found])));
      this.#records.catch(() => {
        this.#records = undefined;
      });
    }
    return this.#records;
  }
}
