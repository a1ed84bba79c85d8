import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { Wait, waitsOf } from '../../shared/platform/process.ts';
import { eventually } from '../support/eventually.ts';
import { act, api, around, linksIn, mailsTo, processOf } from '../support/stack.ts';
import { capture, otherPolicies, person, product } from './cast.ts';

const { store } = around();
const executions = new SFNClient({});

/** Once the process of a record waits for what follows the state in which the record is now: nothing is on its way. */
const settled = async (path: string, workflow: string): Promise<Json> => {
  const record = await api.get(path);
  const process = await processOf(record.id, workflow, 'running', 'waiting');
  await eventually(async () => {
    const [item] = await store.getMany([{ pk: waitsOf(record.id), sk: process.id }], true);
    expect(item && Wait.parse(item).seen).toBe(record.version);
  });
  return record;
};

/** How many states an execution has entered: what Step Functions counts, and charges. */
async function statesEntered(executionArn: string): Promise<number> {
  let entered = 0;
  let nextToken: string | undefined;
  do {
    const page = await executions.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, nextToken }));
    entered += (page.events ?? []).filter(({ type }) => type?.endsWith('StateEntered')).length;
    nextToken = page.nextToken;
  } while (nextToken);
  return entered;
}

async function eventsOf(accountId: string): Promise<Json[]> {
  const events: Json[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Json = await api.get(`/v1/accounts/${accountId}/timeline?limit=200${cursor && `&cursor=${cursor}`}`);
    events.push(...page.data);
    cursor = page.nextCursor;
  }
  return events;
}

it('takes a lead to a paid invoice and a closed case', async () => {
  await person('manager');
  await person('agent');
  const desk = await product();
  const ends: Record<string, Json> = {};

  const { id: leadId, accountId, contactId, email } = await capture();
  await eventually(async () => expect((await api.get(`/v1/leads/${leadId}`)).status).toBe('assigned'));
  const lead = await settled(`/v1/leads/${leadId}`, 'lead-qualification');
  const owner = await api.get(`/v1/users/${lead.ownerId}`);
  const asOwner = api.as(owner.id);
  const [mail] = (await mailsTo(owner.email, 1, lead.company)).slice(-1);
  expect((await act(linksIn(mail).get('Accept')!)).status).toBe(200);
  expect(await settled(`/v1/leads/${leadId}`, 'lead-qualification')).toMatchObject({ status: 'working' });
  const { data: open } = await api.get(`/v1/tasks?recordId=${leadId}&status=open`);
  await asOwner.post(`/v1/tasks/${open[0].id}/complete`, { action: 'qualify' });
  expect(await settled(`/v1/leads/${leadId}`, 'lead-qualification')).toMatchObject({ status: 'qualified' });
  const { opportunityId } = await asOwner.post(`/v1/leads/${leadId}/convert`, { opportunity: { name: 'Desks' } });
  ends['lead-qualification'] = await processOf(leadId, 'lead-qualification', 'succeeded');

  await asOwner.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
  const lines = [
    { productId: desk.id, quantity: '20', discountPercent: '7.5' },
    { productId: desk.id, quantity: '0.333333' },
  ];
  const { id: quoteId } = await asOwner.post('/v1/quotes', { opportunityId, lines });
  expect(await asOwner.post(`/v1/quotes/${quoteId}/submit`)).toMatchObject({ status: 'approved' });
  const quote = await asOwner.post(`/v1/quotes/${quoteId}/send`);
  const [offer] = await mailsTo(email, 1, quote.number);
  const accepted = await act(linksIn(offer!).get('See and accept the quote')!, { action: 'accept', name: 'Jo Ruiz' });
  expect(accepted.status).toBe(200);
  const { orderId } = await api.get(`/v1/quotes/${quoteId}`);
  expect(await api.get(`/v1/opportunities/${opportunityId}`)).toMatchObject({ status: 'won' });

  const order = await settled(`/v1/orders/${orderId}`, 'order-to-cash');
  await asOwner.post(`/v1/orders/${orderId}/fulfilments`, {
    lines: order.lines.map(({ id: lineId, quantity }: Json) => ({ lineId, quantity })),
  });
  ends['order-to-cash'] = await processOf(orderId, 'order-to-cash', 'succeeded');
  const { data: invoices } = await api.get(`/v1/invoices?orderId=${orderId}`);
  expect(invoices).toHaveLength(1);
  const invoice = await settled(`/v1/invoices/${invoices[0].id}`, 'collection');
  expect(invoice.totals.gross).toEqual(quote.totals.gross);
  expect(balanceOf(invoice)).toEqual({ lines: 0, taxes: 0, gross: 0, open: 0 });
  const paid = await api.post(`/v1/invoices/${invoice.id}/payments`, {
    amount: invoice.totals.open,
    method: 'transfer',
    reference: `BANK-${invoice.id}`,
  });
  expect(paid).toMatchObject({ status: 'paid', totals: { open: { amount: 0 } } });
  expect(balanceOf(paid)).toEqual({ lines: 0, taxes: 0, gross: 0, open: 0 });
  ends['collection'] = await processOf(invoice.id, 'collection', 'succeeded');

  let number = '';
  const putBack = await otherPolicies({ cases: { surveyAfter: 'PT2S', reopenWindow: 'PT4S' } });
  try {
    const opened = await api.post('/v1/cases', {
      accountId,
      contactId,
      subject: 'It hums',
      description: 'One desk hums.',
      kind: 'problem',
      priority: 'high',
      channel: 'email',
    });
    number = opened.number;
    const path = `/v1/cases/${opened.id}`;
    await eventually(async () => expect((await api.get(path)).ownerId).toBeDefined());
    await settled(path, 'case-resolution');
    await api.post(`${path}/reply`, { body: 'We send somebody.', public: true });
    await settled(path, 'case-resolution');
    await api.post(`${path}/resolve`, { summary: 'Motor replaced.' });
    ends['case-resolution'] = await processOf(opened.id, 'case-resolution', 'succeeded');
    expect(await api.get(path)).toMatchObject({ status: 'closed' });
  } finally {
    await putBack();
  }

  expect(Object.fromEntries(Object.entries(ends).map(([name, { outcome }]) => [name, outcome]))).toEqual({
    'lead-qualification': 'Converted',
    'order-to-cash': 'Invoiced',
    collection: 'Paid',
    'case-resolution': 'Closed',
  });
  const entered: Record<string, number> = {};
  for (const [name, { id }] of Object.entries(ends))
    entered[name] = await statesEntered((await api.get(`/v1/processes/${id}`)).executionArn);
  expect(entered).toEqual({ 'lead-qualification': 9, 'order-to-cash': 4, collection: 3, 'case-resolution': 10 });
  expect(Object.values(entered).reduce((sum, n) => sum + n)).toBeLessThanOrEqual(32);
  expect((await api.get(`/v1/processes?recordId=${quoteId}`)).data).toEqual([]);

  const subjects = (await mailsTo(email, 5)).map(({ subject }: Json) => subject as string);
  expect(subjects.map((subject) => subject.replace(/"/g, ''))).toEqual([
    expect.stringContaining(quote.number),
    expect.stringContaining(invoice.number),
    `[#${number}] It hums`,
    `[#${number}] It hums`,
    `[#${number}] How did we do?`,
  ]);
  const events = await eventsOf(accountId);
  const versions = Map.groupBy(events, ({ recordId }) => recordId as string);
  for (const [recordId, told] of versions) {
    const numbers = told.map(({ recordVersion }) => recordVersion as number).sort((a, b) => a - b);
    expect(numbers, recordId).toEqual(numbers.map((_, n) => n + 1));
  }
  for (const id of [leadId, accountId, contactId, opportunityId, quoteId, orderId, invoice.id])
    expect(versions.has(id), id).toBe(true);
  const steps = events.filter(({ type }) => type === 'mail.sent').map(({ recordId }) => recordId as string);
  expect(new Set(steps).size).toBe(steps.length);
});

/** By how much the sums of an invoice differ from what they are made of, in minor units. */
function balanceOf({ lines, taxes, totals }: Json) {
  const sum = (amounts: number[]) => amounts.reduce((a, b) => a + b, 0);
  const { net, tax, gross, paid, credited, open } = totals;
  return {
    lines: sum(lines.map((line: Json) => line.net.amount)) - net.amount,
    taxes: sum(taxes.map((one: Json) => one.tax.amount)) - tax.amount,
    gross: net.amount + tax.amount - gross.amount,
    open: paid.amount + credited.amount + open.amount - gross.amount,
  };
}
