import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { api, linksIn, mailsTo, processOf } from '../support/stack.ts';
import { capture, collectedSoon, draft, otherPolicies, person, product } from './cast.ts';

/** What takes hours and weeks, in seconds. */
const soon = {
  'lead-handling': { acceptWithin: 'PT2S', hops: 1, businessHours: false },
  'quote-approval': { escalateAfter: 'PT3S' },
  ...collectedSoon,
  cases: { surveyAfter: 'PT1S', reopenWindow: 'PT3S' },
};

let manager: Json;
let agent: Json;
let putBack: () => Promise<void>;
beforeAll(async () => {
  manager = await person('manager');
  agent = await person('agent', { managerId: manager.id });
  await person('agent', { managerId: manager.id });
  // At the end of the line.
  await person('admin');
  putBack = await otherPolicies(soon);
});
afterAll(() => putBack());

const eventsOf = async (accountId: string, recordId: string, type: string): Promise<Json[]> => {
  const { data } = await api.get(`/v1/accounts/${accountId}/timeline?limit=200&types=${type}`);
  return data.filter((event: Json) => event.recordId === recordId).reverse();
};
const tasksOf = async (recordId: string, status: string): Promise<Json[]> =>
  (await api.get(`/v1/tasks?recordId=${recordId}&status=${status}`)).data;

it.concurrent('brings a lead that nobody accepts to the next owner, then to a manager', async () => {
  const { id, accountId, company } = await capture();
  const given = await eventually(async () => {
    const assigned = await eventsOf(accountId, id, 'lead.assigned');
    expect(assigned.length).toBeGreaterThanOrEqual(3);
    return assigned;
  });
  await api.post(`/v1/leads/${id}/accept`);
  const [first, second, third] = given.map(({ data }) => data.ownerId as string);
  expect(second).not.toBe(first);
  expect((await api.get(`/v1/users/${third}`)).role).toMatch(/manager|admin/);
  expect(given[1]?.reasons[0]).toBe('Not accepted in time');
  expect(given[2]?.reasons[1]).toMatch(/^After 1 hops/);
  const { email } = await api.get(`/v1/users/${first}`);
  const [mail] = await mailsTo(email, 1, company);
  const late = await fetch(linksIn(mail!).get('Accept')!, { method: 'POST', body: new URLSearchParams() });
  expect(await late.text()).toContain('cancelled');
  expect(await api.get(`/v1/leads/${id}`)).toMatchObject({ status: 'working', ownerId: third });
  const cancelled = await tasksOf(id, 'cancelled');
  expect(cancelled.map(({ assigneeId }) => assigneeId)).toEqual(expect.arrayContaining([first, second]));
  expect(await tasksOf(id, 'open')).toHaveLength(1);
});

it.concurrent('asks somebody else to approve a quote that lies', async () => {
  const { id, accountId } = await draft(agent.id, '50');
  const submitted = await api.as(agent.id).post(`/v1/quotes/${id}/submit`);
  expect(submitted.approverId).toBe(manager.id);
  const asked = await eventually(async () => {
    const quote = await api.get(`/v1/quotes/${id}`);
    expect(quote.approverId).not.toBe(manager.id);
    return quote;
  });
  await api.as(asked.approverId).post(`/v1/quotes/${id}/approve`);
  expect(await processOf(id, 'quote-approval', 'succeeded')).toMatchObject({ outcome: 'Approved' });
  expect((await tasksOf(id, 'cancelled')).map(({ assigneeId }) => assigneeId)).toContain(manager.id);
  expect(await tasksOf(id, 'done')).toHaveLength(1);
  expect(await eventsOf(accountId, id, 'quote.approved')).toHaveLength(1);
});

it.concurrent('reminds of an invoice level by level, and hands it to a person', async () => {
  const { accountId, contactId, email } = await capture();
  const lines = [{ productId: (await product()).id, quantity: '3' }];
  const { id } = await api.post('/v1/invoices', { accountId, contactId, lines });
  const { number } = await api.post(`/v1/invoices/${id}/issue`);
  expect(await processOf(id, 'collection', 'succeeded')).toMatchObject({ outcome: 'Handed over' });
  const mails = await mailsTo(email, 3, number);
  expect(new Set(mails.map(({ subject }) => subject)).size).toBe(3);
  expect(mails).toHaveLength(3);
  const [task, ...others] = await tasksOf(id, 'open');
  expect(others).toEqual([]);
  expect(task).toMatchObject({ title: expect.stringContaining(number), priority: 'high' });
  expect(await api.get(`/v1/invoices/${id}`)).toMatchObject({ status: 'issued', openTaskId: task.id });
  await api.post(`/v1/tasks/${task.id}/complete`, { action: 'writeOff', note: 'Insolvent' });
  expect(await api.get(`/v1/invoices/${id}`)).toMatchObject({
    status: 'writtenOff',
    totals: { open: { amount: 0 } },
  });
});

it.concurrent('asks how a case went, and closes it after the window', async () => {
  const { accountId, contactId, email } = await capture();
  const about = { subject: 'It hums', kind: 'problem', priority: 'high', channel: 'email' };
  const { id } = await api.post('/v1/cases', { accountId, contactId, ownerId: agent.id, ...about });
  await api.post(`/v1/cases/${id}/resolve`, { summary: 'Motor replaced.' });
  expect(await processOf(id, 'case-resolution', 'succeeded')).toMatchObject({ outcome: 'Closed' });
  expect(await api.get(`/v1/cases/${id}`)).toMatchObject({ status: 'closed' });
  expect(await mailsTo(email, 1, 'How did we do?')).toHaveLength(1);
  const late = api.post(`/v1/cases/${id}/reopen`);
  await expect(late).rejects.toMatchObject({ status: 409, body: { code: 'case.windowClosed' } });
});
