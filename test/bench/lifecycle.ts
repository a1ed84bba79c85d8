import type { Client, Json } from '../../infra/local/client.ts';
import { type Company, makeHouse } from '../../infra/local/sample-company.ts';
import { keyOf, logOf } from '../../shared/core/ids.ts';
import { waitsOf } from '../../shared/platform/process.ts';
import type { Item, Store } from '../../shared/store/store.ts';
import { eventually } from '../support/eventually.ts';

/** How long we wait for a step, in milliseconds: a process may be slow on a busy machine. */
export const patience = 100_000;

/** A deployed stack as a client uses it, and its table, by which we look without being counted. */
export interface Deployed {
  api: Client;
  store: Store;
}

/** One customer's way from the lead to the closed case. */
export interface Lifecycle {
  accountId: string;
  email: string;
  leadId: string;
  quoteId: string;
  orderId: string;
  invoiceId: string;
  caseId: string;
}

/** People, catalogue, and a case that is asked about and closed within seconds of its resolution. */
export async function prepare({ api }: Deployed): Promise<Company> {
  const house = await makeHouse(api);
  await api.put('/v1/policies/cases', {
    body: { reopenWindow: 'PT3S', surveyAfter: 'PT1S', followUpAfter: 'P7D' },
  });
  return house;
}

/** From a lead to the signed quote with approval, order and fulfilment: up to where a process issues the invoice. */
export async function sell({ api, store }: Deployed, { users, products }: Company, name: string): Promise<Lifecycle> {
  const email = `jo@${name}.example`;
  const lead = await api.post('/v1/leads', {
    source: 'form',
    email,
    firstName: 'Jo',
    lastName: 'Ruiz',
    company: name,
    phone: '+34612345678',
    message: 'We need desks',
    interests: ['DSK-200'],
    budget: { amount: 1_500_000, currency: 'EUR' },
  });
  const assigned = await standing(store, lead.id, ({ status }) => status === 'assigned');
  const owner = api.as(String(assigned['ownerId']));
  await rested(store, lead.id);
  await owner.post(`/v1/leads/${lead.id}/accept`);
  await rested(store, lead.id);
  await owner.post(`/v1/leads/${lead.id}/qualify`);
  await rested(store, lead.id);
  const { opportunityId } = await owner.post(`/v1/leads/${lead.id}/convert`, {
    opportunity: { name: 'Desks', amount: { amount: 1_200_000, currency: 'EUR' }, closeOn: '2027-01-31' },
  });
  await owner.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'discovery' });
  await owner.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
  const lines = [{ productId: products[1]?.id, quantity: '20', discountPercent: '15' }];
  const quote = await owner.post('/v1/quotes', { opportunityId, lines });
  const { approverId } = await owner.post(`/v1/quotes/${quote.id}/submit`);
  await rested(store, quote.id);
  await api.as(approverId ?? users[1]?.id).post(`/v1/quotes/${quote.id}/approve`);
  await owner.post(`/v1/quotes/${quote.id}/send`);
  const { orderId } = await owner.post(`/v1/quotes/${quote.id}/accept`, { name: 'Jo Ruiz' });
  await rested(store, orderId);
  const { lines: ordered } = await owner.get(`/v1/orders/${orderId}`);
  await owner.post(`/v1/orders/${orderId}/fulfilments`, {
    lines: ordered.map((line: Json) => ({ lineId: line.id, quantity: line.quantity })),
    carrier: 'DHL',
    tracking: 'X1',
  });
  const ids = { accountId: lead.accountId, leadId: lead.id, quoteId: quote.id, orderId, email };
  return { ...ids, invoiceId: '', caseId: '' };
}

/** From the issued invoice to the payment, a case, its answer and its end. */
export async function serve({ api, store }: Deployed, sold: Lifecycle): Promise<Lifecycle> {
  const { accountId, leadId, orderId } = sold;
  const lead = await standing(store, leadId, () => true);
  const owner = api.as(String(lead['ownerId']));
  const invoice = await eventually(async () => {
    const found = (await recordsOf(store, accountId)).find(({ id, status }) => idIs(id, 'inv') && status !== 'draft');
    if (!found) throw new Error(`The order ${orderId} has no issued invoice`);
    return found as Json;
  }, patience);
  await rested(store, invoice.id);
  await api.post(`/v1/invoices/${invoice.id}/payments`, {
    amount: invoice.totals.open,
    method: 'transfer',
    reference: `BANK-${invoice.id}`,
  });
  const { id: caseId } = await owner.post('/v1/cases', {
    accountId,
    contactId: lead['contactId'],
    subject: 'It hums',
    description: 'One desk hums when it rises.',
    kind: 'problem',
    priority: 'high',
    channel: 'email',
  });
  await rested(store, caseId);
  await owner.post(`/v1/cases/${caseId}/reply`, { body: 'We send somebody tomorrow.', public: true });
  await rested(store, caseId);
  await owner.post(`/v1/cases/${caseId}/resolve`, { summary: 'Motor replaced.' });
  return { ...sold, invoiceId: invoice.id, caseId };
}

/** Waits until nothing of a customer is under way: so many workflows ran, every process ended well, every mail is out. */
export const ended = (store: Store, { accountId }: Pick<Lifecycle, 'accountId'>, workflows = 5): Promise<Item[]> =>
  eventually(async () => {
    const records = await recordsOf(store, accountId);
    const processes = records.filter(({ id }) => idIs(id, 'prc'));
    const mails = records.filter(({ id }) => idIs(id, 'msg'));
    const open = [
      ...processes.filter(({ status }) => status !== 'succeeded'),
      ...mails.filter(({ status }) => !out.has(String(status))),
    ];
    const ran = new Set(processes.map(({ workflow }) => workflow));
    if (open.length || ran.size < workflows)
      throw new Error(
        `${ran.size} workflows; open: ${open.map((one) => `${one['workflow'] ?? one['template']} ${one['status']}`).join(', ')}`,
      );
    return records;
  }, patience);

/** A mail that has left us, whatever was heard of it since. */
const out = new Set(['sent', 'delivered']);
const idIs = (id: unknown, prefix: string): boolean => String(id).startsWith(`${prefix}_`);

/** Every record of a customer: its collection and what lies beside it, without the events. */
export async function recordsOf(store: Store, accountId: string): Promise<Item[]> {
  const collection = await store.queryAll({ pk: accountId, prefix: '' }, true);
  const beside = await store.queryAll({ pk: logOf(accountId), prefix: '' }, true);
  return [...collection, ...beside].filter(({ id, sk, version }) => version && id === sk && !idIs(id, 'evt'));
}

/** Every event of a customer, in the order of time. */
export const eventsOf = async (store: Store, accountId: string): Promise<Item[]> =>
  (await store.queryAll({ pk: logOf(accountId), prefix: 'evt_' }, true)).reverse();

/** A record as soon as it stands as asked. */
const standing = (store: Store, recordId: string, holds: (item: Item) => boolean): Promise<Item> =>
  eventually(async () => {
    const item = await store.get(keyOf(recordId));
    if (!item || !holds(item)) throw new Error(`${recordId} stands at ${item?.['status']}`);
    return item;
  }, patience);

/**
 * People are slower than processes: the next step is taken when the record's process waits for it, having seen the record as it stands.
 * So a lifecycle is the same each time.
 */
const rested = (store: Store, recordId: string): Promise<void> =>
  eventually(async () => {
    const item = await store.get(keyOf(recordId));
    const waits = await store.queryAll({ pk: waitsOf(recordId), prefix: '' }, true);
    if (!waits.some(({ seen }) => Number(seen) === item?.['version']))
      throw new Error(`No process waits for ${recordId} at ${item?.['status']} (version ${item?.['version']})`);
  }, patience);
