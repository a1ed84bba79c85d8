import * as z from 'zod';
import { id, logOf, timeOf } from '../core/ids.ts';
import { Envelope } from '../events/event.ts';
import { type Endpoint, endpoint, type Permission } from '../http/endpoint.ts';
import type { Crm } from '../store/command.ts';
import type { Kind, Stamped } from '../store/record.ts';
import { eventsIn } from './timeline.ts';

const Cause = Envelope.pick({
  type: true,
  occurredAt: true,
  recordVersion: true,
  actor: true,
  reasons: true,
  policy: true,
});

/** Why a record is as it is. */
export const Explanation = z
  .object({
    recordId: z.string(),
    version: z.int(),
    fields: z.record(z.string(), Cause.extend({ value: z.unknown() })).meta({
      description: 'Each field that was ever changed: its value, and the event that gave it that.',
    }),
    events: z.array(Envelope).meta({ description: 'Its newest events, the newest first.' }),
    complete: z.boolean().meta({
      description:
        'Whether its whole history was read; else older fields are missing: `/timeline` of its account has them.',
    }),
  })
  .meta({ id: 'Explanation' });
type Explanation = z.infer<typeof Explanation>;

const newest = 20;
const pageSize = 100;
const mostPages = 8;
/** An event's id is a little later than its record's `updatedAt` where many are made in one instant. */
const slackMilliseconds = 60_000;

/**
 * `POST /v1/<resource>/{id}/explain`: what happened to a record, why, by which version of which policy; and for each field the event that
 * gave it its value. Read from the log of its account, backwards from its last change until its first, at
 * most eight pages, and from its own log if it was of no account before.
 */
export const explains = <R extends Stamped>(
  resource: string,
  kind: Kind<R>,
  may = `${resource}:read` as Permission,
): Endpoint =>
  endpoint(`POST /v1/${resource}/{id}/explain`, {
    may,
    summary: `Why a ${words(kind.name)} is as it is`,
    params: z.strictObject({ id: id(kind.prefix) }),
    answer: Explanation,
    does: async (crm, input) => explained(await crm.load(kind, (input as { id: string }).id), crm),
  });

const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

async function explained(record: Stamped, crm: Crm): Promise<Explanation> {
  const events = await eventsOf(record, crm);
  const now = new Map<string, unknown>(Object.entries(record));
  const fields: Explanation['fields'] = {};
  for (const event of events)
    for (const field of Object.keys(event.changes)) fields[field] ??= { value: now.get(field), ...Cause.parse(event) };
  const complete = events.length === record.version;
  return { recordId: record.id, version: record.version, fields, events: events.slice(0, newest), complete };
}

/** The events of a record, the newest first: those in the log of its account, and those from before it had one. */
async function eventsOf(record: Stamped & { accountId?: string }, crm: Crm): Promise<Envelope[]> {
  const { accountId = record.id, version } = record;
  const found = await eventsWithin(accountId, record, crm);
  const isElsewhere = logOf(accountId) !== logOf(record.id);
  return found.length < version && isElsewhere ? [...found, ...(await eventsWithin(record.id, record, crm))] : found;
}

/** Its events in one log, between its first and its last change. */
async function eventsWithin(within: string, record: Stamped, { store }: Crm): Promise<Envelope[]> {
  const at = (instant: string, slack: number) => timeOf(Date.parse(instant) + slack, within);
  const log = { ...eventsIn(within), since: at(record.createdAt, -slackMilliseconds) };
  const found: Envelope[] = [];
  let before = at(record.updatedAt, slackMilliseconds);
  for (let page = 0; page < mostPages && found.length < record.version; page++) {
    const items = await store.query(log, pageSize, before, true);
    found.push(...items.filter((item) => item['recordId'] === record.id).map((item) => Envelope.parse(item)));
    if (items.length < pageSize) break;
    before = String(items.at(-1)?.['sk']).slice(log.prefix.length);
  }
  return found;
}
