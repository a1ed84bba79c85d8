import { expect, it } from 'vitest';
import type { Problem } from '../../infra/local/client.ts';
import { overdue } from '../../shared/catalogue/due-work.ts';
import { sendDueReport } from '../../shared/insights/schedule-reports.ts';
import { run } from '../../shared/store/command.ts';
import { person } from '../e2e/cast.ts';
import { access, api, around, mailsTo, unique } from '../support/stack.ts';

const schedule = (to: string, more: object = {}) => ({
  ...{ report: 'pipeline', by: 'stage', range: 'all', every: { unit: 'day', at: '07:30' }, recipients: [to] },
  ...more,
});

it('a scheduled report comes by mail when it is due: once, with its table and its chart', async () => {
  const owner = await person('agent');
  const account = await api.post('/v1/accounts', { name: unique('Acme ') });
  await api.post('/v1/opportunities', {
    accountId: account.id,
    ownerId: owner.id,
    name: 'Desks',
    amount: { amount: 5_00, currency: 'EUR' },
  });
  const to = `${unique('boss')}@ours.example`;
  const made = await api.post('/v1/report-schedules', schedule(to, { name: 'Where we stand' }));
  expect(made).toMatchObject({ status: 'active', report: 'pipeline' });
  expect(Date.parse(made.nextAt)).toBeGreaterThan(Date.now());

  const { store, policies } = around();
  const now = new Date(Date.parse(made.nextAt) + 1);
  const due: string[] = [];
  for await (const { id } of overdue(store, now)) due.push(id);
  expect(due).toContain(made.id);
  const on = { now, actor: { kind: 'system', id: 'sweep' }, correlationId: 'test' } as const;
  await run(store, policies, on, sendDueReport, { id: made.id });
  await run(store, policies, on, sendDueReport, { id: made.id });

  const [mail] = await mailsTo(to);
  expect(mail.subject).toBe('Where we stand, all dates');
  expect(mail.text).toMatch(/Stage +Count +Amount/);
  const raw = await (await fetch(`${access.mailboxUrl}/messages/${mail.id}/raw`)).text();
  expect(raw).toContain('multipart/related');
  expect(raw).toContain('Content-Type: image/png');
  expect(await mailsTo(to)).toHaveLength(1);
  const after = await api.get(`/v1/report-schedules/${made.id}`);
  expect(Date.parse(after.nextAt)).toBeGreaterThan(now.getTime());

  await api.post(`/v1/report-schedules/${made.id}/pause`);
  for await (const { id } of overdue(store, new Date(Date.parse(after.nextAt) + 1))) expect(id).not.toBe(made.id);
  await api.post(`/v1/report-schedules/${made.id}/send`);
  expect(await mailsTo(to, 2)).toHaveLength(2);
});

it('only what there is can be scheduled, by those who may', async () => {
  const refused = (body: object) => api.post('/v1/report-schedules', body).catch((error: Problem) => error);
  expect(await refused(schedule('a@b.example', { report: 'moon' }))).toMatchObject({ status: 404 });
  expect(await refused(schedule('a@b.example', { by: 'moon' }))).toMatchObject({ status: 400 });
  expect(await refused(schedule('nobody'))).toMatchObject({ status: 400 });
  expect(await refused(schedule('a@b.example', { every: { unit: 'day', at: '25:00' } }))).toMatchObject({
    status: 400,
  });
  const agent = await person('agent');
  await expect(api.as(agent.id).post('/v1/report-schedules', schedule('a@b.example'))).rejects.toMatchObject({
    status: 403,
  });
});
