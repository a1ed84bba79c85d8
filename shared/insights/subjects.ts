import { CreditNote } from '../commerce/credit-note.ts';
import { Invoice, InvoiceStatus, invoicesOfOrder } from '../commerce/invoice.ts';
import { Order } from '../commerce/order.ts';
import { accountOf, keyOf, prefixOf } from '../core/ids.ts';
import type { Envelope } from '../events/event.ts';
import { Campaign, CampaignStatus } from '../marketing/campaign.ts';
import { mailFigures } from '../marketing/campaign-results.ts';
import { noYield, readYield } from '../marketing/campaign-yield.ts';
import { countsOf } from '../marketing/recipient.ts';
import { User } from '../people/user.ts';
import { Task } from '../platform/task.ts';
import { Account } from '../sales/account.ts';
import { Lead, LeadStatus, leadsOfOpportunity } from '../sales/lead.ts';
import { Opportunity } from '../sales/opportunity.ts';
import { Pipeline } from '../sales/pipeline.ts';
import { Case, CaseStatus } from '../service/case.ts';
import { ranges } from '../store/places.ts';
import type { Kind, Stamped } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import type { Subject } from './report.ts';

/** Declares a subject: records of a kind, with what is around each of them, and where they all stand. */
const subject = <R extends Stamped, A extends object>(
  kind: Kind<R>,
  around: (store: Store, record: R) => Promise<A>,
  stretches: Subject<R & A>['stretches'],
): Subject<{ record: R } & A> => ({
  prefix: kind.prefix,
  see: async (store, recordId) => {
    const record = await store.find(kind, recordId);
    if (!record) return { version: 0, what: undefined };
    const what = record.archivedAt ? undefined : { record, ...(await around(store, record)) };
    return { version: record.version, what };
  },
  stretches,
});

const alone = async () => ({});
const inStates = (kind: string, states: readonly string[]) => async () =>
  states.map((state) => ranges.inState(kind, state));

/** A lead, the opportunity that it has become, and what was invoiced of that. */
export const leads = subject(
  Lead,
  async (store, { converted }) => {
    const sale = converted?.opportunityId ? await store.find(Opportunity, converted.opportunityId) : undefined;
    return { sale, invoices: sale?.orderId ? await invoicesOf(store, sale.orderId) : [] };
  },
  inStates('lead', LeadStatus.options),
);

async function invoicesOf(store: Store, orderId: string): Promise<Invoice[]> {
  const found = await store.queryAll(ranges.under(invoicesOfOrder(orderId)), true);
  const items = await store.getMany(
    found.map(({ recordId }) => keyOf(String(recordId))),
    true,
  );
  return items.map((item) => Invoice.schema.parse(item));
}

/** An opportunity and its account. */
export const opportunities = subject(
  Opportunity,
  async (store, { accountId }) => ({ account: await store.find(Account, accountId) }),
  async (store) => {
    const pipelines = await store.loadAll(Pipeline, 'dir#pip');
    const stages = new Set(pipelines.flatMap(({ stages }) => stages.map(({ key }) => key)));
    return [...stages].map((stage) => ranges.inState('opportunity', stage));
  },
);

export const invoices = subject(Invoice, alone, inStates('invoice', InvoiceStatus.options));

/** A credit note and the invoice that it takes back of. */
export const creditNotes = subject(
  CreditNote,
  async (store, { invoiceId }) => ({ invoice: await store.find(Invoice, invoiceId) }),
  inStates('creditNote', ['issued']),
);

export const cases = subject(Case, alone, inStates('case', CaseStatus.options));

/** A task of a person: those that nobody has are nobody's work. */
export const tasks = subject(Task, alone, async (store) => {
  const users = await store.loadAll(User, 'dir#usr');
  return users.map(({ id }) => ranges.workOf(id, 'task', 'open'));
});

/** A campaign, what became of its mails, and what came of it: the consumer that keeps this has it counted anew. */
export const campaigns = subject(
  Campaign,
  async (store, { id }) => {
    const [counts, came] = await Promise.all([countsOf(store, id), readYield(store, id)]);
    return { mails: mailFigures(counts), came: came ?? noYield };
  },
  inStates('campaign', CampaignStatus.options),
);

/** The changes of which records concern the reports. */
export const concerning = [
  'lead',
  'opportunity',
  'invoice',
  'creditNote',
  'case',
  'survey',
  'task',
  'account',
  'campaign',
] as const;

/** A change: of which record, and which of its fields if that is known. */
export type Change = Pick<Envelope, 'recordId'> & { changes?: Envelope['changes'] };

/** The records whose counts lean on what has changed, and so must be looked at again. */
export async function* concernedBy(store: Store, { recordId, changes = {} }: Change): AsyncGenerator<string> {
  const prefix = prefixOf(recordId);
  if (prefix === 'acc') {
    if (changes['industry'] || changes['billingAddress']) yield* salesOf(store, recordId);
    return;
  }
  yield recordId;
  if (prefix === 'opp') yield* leadsBehind(store, recordId);
  if (prefix !== 'inv') return;
  const orderId = (await store.find(Invoice, recordId))?.orderId;
  const saleId = orderId ? (await store.find(Order, orderId))?.opportunityId : undefined;
  if (saleId) yield* leadsBehind(store, saleId);
}

async function* leadsBehind(store: Store, opportunityId: string): AsyncGenerator<string> {
  const found = await store.queryAll(ranges.under(leadsOfOpportunity(opportunityId)), true);
  for (const { recordId } of found) yield String(recordId);
}

const pageSize = 100;

/** The opportunities of an account, page by page. */
async function* salesOf(store: Store, accountId: string): AsyncGenerator<string> {
  const range = ranges.in(accountOf(accountId)!, 'opp');
  for (let before: string | undefined; ; ) {
    const page = await store.query(range, pageSize, before, true);
    for (const { sk } of page) yield String(sk);
    if (page.length < pageSize) return;
    before = String(page.at(-1)?.['sk']).slice(range.prefix.length);
  }
}
