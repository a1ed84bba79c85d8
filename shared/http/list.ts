import * as z from 'zod';
import { accountOf, keyOf, logOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Crm } from '../store/command.ts';
import { list } from '../store/list.ts';
import { type Range, ranges } from '../store/places.ts';
import type { Kind, Stamped } from '../store/record.ts';
import { type Endpoint, endpoint, type FilterNote, type Paged, Paging, type Permission, pageOf } from './endpoint.ts';

/** How one filter of a list is served: which stretches of which index hold what it asks for. */
export interface Filter {
  /** The key condition, for the table of access patterns. */
  readonly key: string;
  readonly consistency: FilterNote['consistency'];
  readonly ranges: (
    value: string,
    status: string | undefined,
    crm: Crm,
  ) => readonly Range[] | Promise<readonly Range[]>;
  /** What of the records, as they are shown, belongs to the list: what only that says. A page may be short for it. */
  readonly where?: (shown: unknown, value: string) => boolean;
}

/** The filters there are: a list names those that serve it. */
export const by = {
  /** The records of an account, from its own collection. */
  account: (prefix: string): Filter => ({
    key: `pk = <account>, sk begins ${prefix}_`,
    consistency: 'strong',
    ranges: (accountId) => [ranges.in(accountId, prefix)],
  }),
  /** The records of an account that lie in the log beside it. */
  log: (prefix: string): Filter => ({
    key: `pk = log#<account>, sk begins ${prefix}_`,
    consistency: 'strong',
    ranges: (accountId) => [ranges.in(logOf(accountId), prefix)],
  }),
  /** A directory that is read whole. */
  directory: (prefix: string): Filter => ({
    key: `pk = dir#${prefix}`,
    consistency: 'strong',
    ranges: () => [ranges.in(`dir#${prefix}`, prefix)],
  }),
  /** Somebody's work. */
  owner: (kind: string, statuses: readonly string[]): Filter => ({
    key: `gsi1: own#<owner>, ${kind}#<status>#`,
    consistency: 'within a second',
    ranges: (owner, status) => (status ? [status] : statuses).map((one) => ranges.workOf(owner, kind, one)),
  }),
  /** What of a kind is one queue's work: asked for by `true`. */
  work: (queue: string, kind: string, state: string): Filter => ({
    key: `gsi1: own#${queue}, ${kind}#${state}#`,
    consistency: 'within a second',
    ranges: () => [ranges.workOf(queue, kind, state)],
  }),
  /** Everything of a kind, in one state or in all. */
  state: (kind: string, states: readonly string[]): Filter => ({
    key: `gsi2: ${kind}#<state>#<shard>`,
    consistency: 'within a second',
    ranges: (_, state) => (state ? [state] : states).map((one) => ranges.inState(kind, one)),
  }),
  /** What stands in the thread of a record, and its open things. */
  thread: (kind: string): Filter => ({
    key: `gsi3: thread#<record>, ${kind}#; open#<account>, ${kind}#<record>#`,
    consistency: 'within a second',
    ranges: async (recordId, _, crm) => {
      // Of a record with a partition of its own, such as a payment, only the record knows its account.
      const accountId =
        accountOf(recordId) ?? ((await crm.store.get(keyOf(recordId)))?.['accountId'] as string | undefined);
      return [ranges.inThread(recordId, kind), ...(accountId ? [ranges.openIn(accountId, kind, recordId)] : [])];
    },
  }),
  /** A key that one or many records may stand under, as look-up items beside them. */
  key: (name: string, keyOfValue: (value: string) => string): Filter => ({
    key: `pk = ${name}<value>`,
    consistency: 'strong',
    ranges: (value) => [ranges.under(keyOfValue(value))],
  }),
};

interface ListSpec<R extends Stamped> {
  kind: Kind<R>;
  may: Permission;
  summary: string;
  filters: Record<string, Filter>;
  /** What serves the list where no filter is given; if nothing does, a filter must be named. */
  all?: Filter;
  /** How records are shown, if not as they are; and the schema of that. */
  show?: { schema: z.ZodType; as: (crm: Crm, records: R[]) => Promise<unknown[]> };
  /** The states that `status` may ask for, by itself or beside one of `alsoWith`. */
  statuses?: readonly string[];
  alsoWith?: readonly string[];
  /** A list of a part: `GET /v1/tasks` and `GET /v1/my/tasks` differ by this. */
  person?: boolean;
}

/**
 * Declares a list: at most one filter, and a status where marked; anything else is 400 `query.notIndexed`. What is declared here is what
 * the table of access patterns shows.
 */
export function listOf<R extends Stamped>(route: Endpoint['route'], spec: ListSpec<R>): Endpoint {
  const { kind, filters, all, show, statuses, alsoWith = [], may, summary, person = false } = spec;
  const names = Object.keys(filters);
  const query = z.strictObject({
    ...Paging.shape,
    ...Object.fromEntries(names.map((name) => [name, z.string().min(1).max(300).optional()])),
    ...(statuses && { status: z.enum(statuses as [string, ...string[]]).optional() }),
  });
  return endpoint(route, {
    may,
    person,
    summary,
    query,
    answer: pageOf(show?.schema ?? kind.schema),
    filters: notesOf(spec),
    does: async (crm, input) => {
      const { status } = input as { status?: string };
      const asked = names.filter((name) => (input as Record<string, unknown>)[name] !== undefined);
      const [name] = asked;
      if (asked.length > 1 || (name && status && !alsoWith.includes(name)))
        throw new Refusal(
          'query.notIndexed',
          `One filter at a time: ${names.join(', ')}${alsoWith.length ? `; status beside ${alsoWith.join(', ')}` : ''}`,
        );
      const filter = name ? filters[name] : all;
      if (!filter) throw new Refusal('query.notIndexed', `Name one of ${names.join(', ')}`);
      const value = name ? String((input as Record<string, unknown>)[name]) : '';
      const found = await page(crm, kind, filter, value, status, input as unknown as Paged);
      if (!show) return found;
      const data = await show.as(crm, found.data);
      return { ...found, data: data.filter((one) => filter.where?.(one, value) ?? true) };
    },
  });
}

async function page<R extends Stamped>(
  crm: Crm,
  kind: Kind<R>,
  filter: Filter,
  value: string,
  status: string | undefined,
  paged: Paged,
) {
  const stretches = await filter.ranges(value, status, crm);
  const where = (record: R) => !status || (record as { status?: string }).status === status;
  return list(crm.store, kind, { ...paged, ranges: stretches, where });
}

const notesOf = <R extends Stamped>({ filters, all, statuses, alsoWith = [] }: ListSpec<R>): FilterNote[] => [
  ...(all ? [{ filter: statuses ? '(none), status' : '(none)', key: all.key, consistency: all.consistency }] : []),
  ...Object.entries(filters).map(([name, { key, consistency }]) => ({
    filter: alsoWith.includes(name) ? `${name}, ${name} + status` : name,
    key,
    consistency,
  })),
];
