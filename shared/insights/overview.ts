import * as z from 'zod';
import { keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Envelope } from '../events/event.ts';
import { ProcessState } from '../platform/process.ts';
import { Account } from '../sales/account.ts';
import type { Command } from '../store/command.ts';
import type { Item, Store } from '../store/store.ts';
import { Figures, KeptFigures, noFigures, shownFigures } from './figures.ts';
import { figuresKey } from './keep-figures.ts';
import { eventsIn } from './timeline.ts';

/** A record as a list shows it. */
const Card = z.looseObject({ id: z.string() });
const ProcessCard = z.looseObject({
  id: z.string(),
  workflow: z.string(),
  recordIds: z.array(z.string()),
  state: ProcessState,
  waitsFor: z.array(z.string()),
  dueAt: z.string().optional(),
});

/** A customer's whole file. */
export const Overview = z
  .object({
    account: Account.schema,
    contacts: z.array(Card),
    open: z.object({
      leads: z.array(Card),
      opportunities: z.array(Card),
      orders: z.array(Card),
      invoices: z.array(Card),
      cases: z.array(Card),
      tasks: z.array(Card),
    }),
    figures: Figures,
    processes: z.array(ProcessCard),
    timeline: z.array(Envelope),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof Overview>;

const newest = 20;
/** More open things than one Query reads are for the lists. */
const mostOpen = 1_000;

/**
 * Where a customer stands: what is open, what happened last, what it comes to. Two Queries and one BatchGet, however long the history. 404
 * if there is no such account.
 */
export const readOverview: Command<{ id: string }, Overview> = async (crm, { id }) => {
  const [standing, events, [account, kept]] = await Promise.all([
    crm.store.query({ index: 'gsi3', pk: `open#${id}`, prefix: '' }, mostOpen),
    crm.store.query(eventsIn(id), newest, undefined, true),
    itself(crm.store, id),
  ]);
  if (!account) throw new Refusal('record.notFound', `There is no account ${id}`);
  const { currency } = await crm.policy(Settings);
  return {
    account: Account.schema.parse(account),
    ...standingOf(standing),
    figures: shownFigures(kept ? KeptFigures.parse(kept) : noFigures, currency),
    timeline: events.map((item) => Envelope.parse(item)),
  };
};

async function itself(store: Store, id: string): Promise<(Item | undefined)[]> {
  const keys = [keyOf(id), figuresKey(id)];
  const items = await store.getMany(keys, true);
  return keys.map(({ sk }) => items.find((item) => item['sk'] === sk));
}

/** The open things of an account by their kinds, each newest first; what a process waits for is shown with it. */
export function standingOf(items: readonly Item[]): Pick<Overview, 'contacts' | 'open' | 'processes'> {
  const ofKind = (kind: string) =>
    items
      .filter((item) => String(item['gsi3sk']).startsWith(`${kind}#`))
      .map((item) => ({ id: String(item['sk']), ...(item['card'] as object) }))
      .sort((a, b) => (a.id < b.id ? 1 : -1));
  const waits = new Map(ofKind('wait').map((wait) => [wait.id, wait as Item]));
  return {
    contacts: ofKind('contact'),
    open: {
      leads: ofKind('lead'),
      opportunities: ofKind('opportunity'),
      orders: ofKind('order'),
      invoices: ofKind('invoice'),
      cases: ofKind('case'),
      tasks: ofKind('task'),
    },
    processes: ofKind('process').map((process) => ProcessCard.parse({ ...process, ...waitOf(waits.get(process.id)) })),
  };
}

const waitOf = (wait: Item | undefined) =>
  wait
    ? { state: 'waiting', waitsFor: [...(wait['waitsFor'] as Iterable<string>)], dueAt: wait['dueAt'] }
    : { waitsFor: [] };
