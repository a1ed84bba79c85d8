import type { Json } from '../../infra/local/client.ts';
import type { Company } from '../../infra/local/sample-company.ts';
import { eventually } from '../support/eventually.ts';
import type { UnsureClient } from './unsure-client.ts';

/** What is left of a lifecycle to look at. */
export interface Ended {
  n: number;
  accountId: string;
  email: string;
  references: string[];
  records: string[];
  invoiceId: string;
}

const patience = 120_000;

/** One customer from the lead to the closed case, by a client that repeats, doubles and comes too early; some with approval, some with a credit. */
export async function lifecycle(api: UnsureClient, { users, products }: Company, n: number): Promise<Ended> {
  const email = `buyer${n}@soak-${n}.example`;
  const about = { source: 'api', email, firstName: 'Bo', lastName: `Number ${n}`, company: `Soak ${n}` };
  const [lead, again] = await Promise.all([api.post('/v1/leads', about), api.post('/v1/leads', about)]);
  if (lead.id !== again.id) throw new Error(`${email} has two open leads: ${lead.id} and ${again.id}`);
  const { opportunityId, accountId, contactId } = await converted(api, lead.id, n);
  const { quoteId, orderId } = await sold(api, opportunityId, { users, products }, n);
  const invoice = await fulfilled(api, orderId);
  const references = await paid(api, invoice, n);
  const caseId = await served(api, { accountId, contactId }, n);
  const records = [lead.id, opportunityId, quoteId, orderId, invoice.id, caseId];
  return { n, accountId, email, references, records, invoiceId: invoice.id };
}

async function converted(api: UnsureClient, leadId: string, n: number): Promise<Json> {
  await api.tooEarly(`/v1/leads/${leadId}/convert`);
  await api.tooEarly(`/v1/leads/${leadId}/undo-convert`);
  await api.post(`/v1/leads/${leadId}/qualify`);
  const made = { opportunity: { name: `Deal ${n}`, amount: { amount: 100_000, currency: 'EUR' } } };
  return api.race([`/v1/leads/${leadId}/convert`, made], [`/v1/leads/${leadId}/convert`, made]);
}

/** Every third quote is beyond the limits and takes somebody else's approval. */
async function sold(api: UnsureClient, opportunityId: string, { users, products }: Company, n: number): Promise<Json> {
  const [agent, manager] = [api.as(users[2]?.id), api.as(users[1]?.id)];
  await api.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
  const { id: quoteId } = await api.post('/v1/quotes', {
    opportunityId,
    lines: [
      { productId: products[n % products.length]?.id, quantity: '4', discountPercent: n % 3 ? '5' : '25' },
      { productId: products[0]?.id, quantity: '1.5' },
    ],
  });
  const path = `/v1/quotes/${quoteId}`;
  await api.tooEarly(`${path}/send`);
  await api.tooEarly(`${path}/accept`, { name: 'Bo' });
  const { status } = await agent.post(`${path}/submit`);
  if (status === 'inApproval') {
    await agent.tooEarly(`${path}/approve`);
    await manager.race([`${path}/approve`, {}], [`${path}/reject`, { reason: 'Too cheap' }], [`${path}/recall`, {}]);
    if ((await api.get(path)).status === 'draft') {
      await agent.post(`${path}/submit`);
      await manager.post(`${path}/approve`);
    }
  }
  await api.post(`${path}/send`);
  const { orderId } = await api.race([`${path}/accept`, { name: 'Bo' }], [`${path}/accept`, { name: 'Jo' }]);
  await api.tooEarly(`${path}/decline`, { reason: 'Too late' });
  await api.tooEarly(`/v1/opportunities/${opportunityId}/lose`, { reason: 'Too late' });
  return { quoteId, orderId };
}

/** Fulfilled by whoever comes first; answers the invoice that a process issues for it. */
async function fulfilled(api: UnsureClient, orderId: string): Promise<Json> {
  const order = await api.get(`/v1/orders/${orderId}`);
  const lines = order.lines.map(({ id, quantity }: Json) => ({ lineId: id, quantity }));
  await api.tooEarly(`/v1/orders/${orderId}/close`);
  await api.tooEarly(`/v1/orders/${orderId}/fulfilments`, { lines: [{ lineId: '1', quantity: '1000' }] });
  const all: [string, object] = [`/v1/orders/${orderId}/fulfilments`, { lines }];
  await api.race(all, all);
  await api.tooEarly(...all);
  return eventually(async () => {
    const { data } = await api.get(`/v1/invoices?orderId=${orderId}`);
    if (data[0]?.status !== 'issued') throw new Error(`No invoice for ${orderId}`);
    return data[0];
  }, patience);
}

/** In two parts, of which the bank tells twice; every fifth invoice is credited a little first. */
async function paid(api: UnsureClient, { id, totals, accountId }: Json, n: number): Promise<string[]> {
  const path = `/v1/invoices/${id}`;
  const eur = (amount: number) => ({ amount, currency: 'EUR' });
  const draft = await api.post('/v1/invoices', {
    accountId,
    lines: [{ description: 'Nothing yet', quantity: '1', unitPrice: eur(100) }],
  });
  const references = [`SOAK-${n}-1`, `SOAK-${n}-2`];
  const transfer = (amount: number, reference?: string) => ({ amount: eur(amount), method: 'transfer', reference });
  await api.tooEarly(`/v1/invoices/${draft.id}/payments`, transfer(100, `SOAK-${n}-early`));
  await api.tooEarly(`${path}/issue`);
  const credited = n % 5 ? 0 : 119;
  if (credited) await api.post(`${path}/credit-notes`, { amount: eur(credited), reason: 'A scratch' });
  const open = totals.open.amount - credited;
  const half = Math.floor(open / 2);
  const first = transfer(half, references[0]);
  await api.race([`${path}/payments`, first], [`${path}/payments`, first]);
  await api.post(`${path}/payments`, transfer(open - half, references[1]));
  await api.tooEarly(`${path}/payments`, transfer(5, `SOAK-${n}-late`));
  await api.tooEarly(`${path}/write-off`, { reason: 'Too late' });
  return references;
}

async function served(api: UnsureClient, customer: { accountId: string; contactId: string }, n: number) {
  const about = { subject: `Case ${n}`, description: 'It hums', kind: 'problem', priority: 'high', channel: 'email' };
  const { id } = await api.post('/v1/cases', { ...customer, ...about });
  const path = `/v1/cases/${id}`;
  await api.tooEarly(`${path}/wait`, { for: 'customer' });
  await api.tooEarly(`${path}/reopen`);
  await api.post(`${path}/reply`, { body: 'On it', public: true });
  const done: [string, object] = [`${path}/resolve`, { summary: 'Done' }];
  await api.race(done, done);
  await api.tooEarly(`${path}/reply`, { body: 'One more thing', public: true });
  return id as string;
}
