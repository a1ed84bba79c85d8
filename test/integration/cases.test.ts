import { beforeAll, describe, expect, it } from 'vitest';
import { endpoints as activityEndpoints } from '../../functions/http/activities.ts';
import { endpoints as caseEndpoints } from '../../functions/http/cases.ts';
import { taskActions } from '../../shared/catalogue/task-actions.ts';
import { Mail } from '../../shared/mail/mail.ts';
import { createUser } from '../../shared/people/people-commands.ts';
import type { User } from '../../shared/people/user.ts';
import type { Act } from '../../shared/platform/acts.ts';
import { Task } from '../../shared/platform/task.ts';
import { completeTask } from '../../shared/platform/task-commands.ts';
import { type Account, AccountCreated, AccountDetails } from '../../shared/sales/account.ts';
import type { Contact } from '../../shared/sales/contact.ts';
import { findCaseOwner } from '../../shared/service/assign-case.ts';
import type { Case } from '../../shared/service/case.ts';
import { askHowItWent, chaseCase, closeCase } from '../../shared/service/chase-case.ts';
import type { Command } from '../../shared/store/command.ts';
import { OwnTable } from '../support/own-table.ts';

/** The commands against a table of their own, at times of our choosing: what takes a week takes no time here. */
// A Tuesday in winter: open from 08:00 to 16:00 UTC.
const own = new OwnTable('cases', new Date('2026-02-03T09:00:00Z'), [...caseEndpoints, ...activityEndpoints]);
const { store } = own;
const later = (instant: string | undefined) => own.pass(instant);
const command = <I, A>(does: Command<I, A>, input: I): Promise<A> => own.command(does, input);
const request = (route: string, body?: object) => own.request(route, body);
const act = (does: Act, { id, version }: Case) => command(does, { id, seen: version, processId: 'prc_test' });

let boss: User;
let ada: User;
let account: Account;
let contact: Contact;
beforeAll(async () => {
  await own.make();
  boss = await command(createUser, { name: 'Bo Stone', email: 'bo@ours.example', role: 'manager' });
  ada = await command(createUser, { name: 'Ada Jones', email: 'ada@ours.example', role: 'agent', managerId: boss.id });
  account = await own.anAccount({ ownerId: ada.id });
  contact = await own.aContact(account.id, 'jo@acme.example');
});

const open = (more: object = {}) =>
  request('POST /v1/cases', {
    accountId: account.id,
    contactId: contact.id,
    subject: 'It hums',
    kind: 'problem',
    priority: 'high',
    channel: 'email',
    ...more,
  });
const of = async ({ id }: Case) => ({
  tasks: (await store.loadAll(Task, account.id)).filter(({ recordId }) => recordId === id),
  mails: (await store.loadAll(Mail, `log#${account.id.slice(4)}`)).filter(({ recordId }) => recordId === id),
  told: (await store.queryAll({ pk: `log#${account.id.slice(4)}`, prefix: 'evt_' }, true))
    .filter(({ recordId }) => recordId === id)
    .map(({ type }) => String(type))
    .reverse(),
});

describe('a case from its opening to its closing', () => {
  it('is owned, answered, resolved by its task, surveyed once and closed; one event a version', async () => {
    let record: Case = await open();
    expect(record).toMatchObject({
      statusCode: 201,
      status: 'new',
      number: expect.stringMatching(/^C-\d{6}$/) as string,
    });
    await act(findCaseOwner, record);
    await act(findCaseOwner, record);
    record = await request(`GET /v1/cases/${record.id}`);
    expect(record).toMatchObject({ ownerId: ada.id, version: 2 });

    record = await request(`POST /v1/cases/${record.id}/reply`, { body: 'We look at it', public: true });
    expect(record).toMatchObject({ status: 'open', sla: { firstResponse: { state: 'met' } } });
    const task = (await of(record)).tasks.find(({ status }) => status === 'open');
    expect(task).toMatchObject({
      id: record.openTaskId,
      assigneeId: ada.id,
      title: expect.stringMatching(/^Resolve/) as string,
    });
    await command(completeTask(taskActions), { id: task!.id, action: 'resolve', note: 'Fan replaced' });

    record = await request(`GET /v1/cases/${record.id}`);
    expect(record).toMatchObject({ status: 'resolved', summary: 'Fan replaced' });
    expect(record.openTaskId).toBeUndefined();
    await expect(act(closeCase, record)).rejects.toMatchObject({ code: 'record.wrongState' });
    later(record.surveyAt);
    await act(askHowItWent, record);
    await act(askHowItWent, record);
    later(record.closesAt);
    await act(closeCase, record);
    await act(closeCase, record);

    record = await request(`GET /v1/cases/${record.id}`);
    expect(record.status).toBe('closed');
    expect(record.nextStepAt).toBeUndefined();
    const { told, tasks, mails } = await of(record);
    expect(told).toEqual(
      ['opened', 'assigned', 'replied', 'resolved', 'updated', 'closed'].map((word) => `case.${word}`),
    );
    expect(tasks.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(mails.map(({ template, to }) => [template, to.email]).reverse()).toEqual([
      ['case-assigned', ada.email],
      ['case-answer', 'jo@acme.example'],
      ['case-resolved', 'jo@acme.example'],
      ['case-survey', 'jo@acme.example'],
    ]);
    expect(await request(`POST /v1/cases/${record.id}/reopen`)).toMatchObject({ code: 'case.windowClosed' });
  });

  it('is found by its number, queue, owner and account, and by its state', async () => {
    const { id, number } = await open({ ownerId: ada.id, queue: 'billing' });
    const lists = [
      `number=${number}`,
      'queue=billing',
      `ownerId=${ada.id}&status=new`,
      `accountId=${account.id}`,
      'status=new',
    ];
    for (const query of lists) {
      const { data } = await request(`GET /v1/cases?${query}`);
      expect(
        data.map((one: Case) => one.id),
        query,
      ).toContain(id);
    }
    expect(await request('GET /v1/cases?subject=It')).toMatchObject({ code: 'query.notIndexed' });
    await request(`POST /v1/cases/${id}/reject`, { reason: 'A test' });
    expect((await request('GET /v1/cases?queue=billing')).data).toEqual([]);
  });
});

describe('a promise that is not kept', () => {
  it('is warned of, told and escalated, each once, however often the process comes back', async () => {
    let record: Case = await open({ ownerId: ada.id, priority: 'urgent' });
    for (let turn = 0; turn < 3; turn++) {
      later(record.nextStepAt);
      await act(chaseCase, record);
      await act(chaseCase, record);
      record = await request(`GET /v1/cases/${record.id}`);
      expect(Date.parse(record.nextStepAt ?? '')).toBeGreaterThan(own.now.getTime());
    }
    const { told, tasks, mails } = await of(record);
    expect(told).toEqual(
      ['opened', 'slaWarned', 'slaBreached', 'escalated', 'slaWarned'].map((word) => `case.${word}`),
    );
    expect(record.sla.firstResponse.state).toBe('breached');
    expect(tasks.map(({ assigneeId }) => assigneeId).sort()).toEqual([ada.id, boss.id].sort());
    expect(mails.filter(({ to }) => to.email === boss.email)).toHaveLength(1);
  });

  it('waits with the customer, and comes back to its owner', async () => {
    const { id } = await open({ ownerId: ada.id });
    await request(`POST /v1/cases/${id}/reply`, { body: 'Which model?', public: true });
    const waiting = await request(`POST /v1/cases/${id}/wait`, { for: 'customer' });
    expect(waiting).toMatchObject({ status: 'waiting', sla: { resolution: { state: 'paused' } } });
    expect(waiting.openTaskId).toBeUndefined();
    later(waiting.nextStepAt);
    await act(chaseCase, waiting);
    const { tasks } = await of(waiting);
    expect(tasks.filter(({ status }) => status === 'open').map(({ title }) => title)).toEqual([
      expect.stringMatching(/^Follow up on case/) as string,
    ]);
  });
});

it('refuses a contact of another account, and a task without its words', async () => {
  const stranger = await command(
    (crm) =>
      crm.commit([AccountCreated(undefined, { ...AccountDetails.parse({ name: 'Other' }), id: crm.newId('acc') })]),
    {},
  );
  const { errors } = await open({ accountId: stranger.id });
  expect(errors).toEqual([expect.objectContaining({ pointer: '#/contactId', code: 'reference.unknown' })]);
  const record = await open({ ownerId: ada.id });
  const done = command(completeTask(taskActions), { id: record.openTaskId, action: 'reply' });
  await expect(done).rejects.toMatchObject({ code: 'request.invalid' });
});

it('notes activities of an account or of a record of it', async () => {
  const { id } = await open();
  const call = await request('POST /v1/activities', { recordId: id, kind: 'call', subject: 'Called' });
  expect(call).toMatchObject({ statusCode: 201, accountId: account.id, status: 'done' });
  const occurredAt = new Date(own.now.getTime() + 3_600_000).toISOString();
  const meeting = await request('POST /v1/activities', { accountId: account.id, kind: 'meeting', occurredAt });
  expect(meeting.status).toBe('planned');
  expect(await request(`POST /v1/activities/${meeting.id}/done`)).toMatchObject({ status: 'done' });
  expect(await request(`POST /v1/activities/${meeting.id}/cancel`)).toMatchObject({ code: 'record.wrongState' });
  const ids = async (query: string) =>
    (await request(`GET /v1/activities?${query}`)).data.map((one: { id: string }) => one.id) as string[];
  expect(await ids(`recordId=${id}`)).toEqual([call.id]);
  expect((await ids(`accountId=${account.id}`)).slice(0, 2)).toEqual([meeting.id, call.id]);
  expect(await request('POST /v1/activities', { recordId: 'cas_x', kind: 'call' })).toMatchObject({
    code: 'reference.unknown',
  });
});
