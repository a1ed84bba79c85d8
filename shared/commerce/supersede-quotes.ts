import { keyOf } from '../core/ids.ts';
import type { Fact } from '../events/event.ts';
import { closing } from '../platform/task.ts';
import type { Crm } from '../store/command.ts';
import { type Range, ranges } from '../store/places.ts';
import { moveQuote, Quote, type QuoteStatus, quoteNumberKey } from './quote.ts';

/** More offers than that do not stand beside each other; those that did would be refused one by one. */
const most = 20;

async function quotesIn({ store }: Pick<Crm, 'store'>, range: Range, except: string): Promise<Quote[]> {
  const found = await store.query(range, most + 1, undefined, !range.index);
  const ids = found.map((item) => String(range.index ? item['sk'] : item['recordId'])).filter((id) => id !== except);
  const items = await store.getMany(ids.map(keyOf), true);
  return items.map((item) => Quote.schema.parse(item)).filter(({ archivedAt }) => !archivedAt);
}

/** When a revision is sent, none before it can be accepted any more. */
export async function supersedeEarlier(crm: Crm, { id, number, revision }: Quote): Promise<Fact[]> {
  const standing: readonly QuoteStatus[] = ['approved', 'sent', 'declined', 'expired'];
  const others = await quotesIn(crm, ranges.under(quoteNumberKey(number)), id);
  const earlier = others.filter((one) => one.revision < revision && standing.includes(one.status));
  return superseded(crm, earlier, `Revision ${revision} was sent`);
}

/** When one quote of an opportunity is accepted, nothing can come of the others. */
export async function supersedeOthers(crm: Crm, { id, number, opportunityId }: Quote): Promise<Fact[]> {
  const open: readonly QuoteStatus[] = ['draft', 'inApproval', 'approved', 'sent'];
  const others = await quotesIn(crm, ranges.inThread(opportunityId, 'quote'), id);
  return superseded(
    crm,
    others.filter(({ status }) => open.includes(status)),
    `Quote ${number} was accepted`,
  );
}

async function superseded(crm: Crm, quotes: readonly Quote[], reason: string): Promise<Fact[]> {
  const nothingOpen = { nextStepAt: undefined, openTaskId: undefined, approverId: undefined };
  const facts = quotes.map(
    async (quote): Promise<Fact[]> => [
      moveQuote(quote, 'supersede', nothingOpen, { reasons: [reason] }),
      ...(await closing(crm, quote.openTaskId, 'supersede')),
    ],
  );
  return (await Promise.all(facts)).flat();
}
