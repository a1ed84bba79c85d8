import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { endpoints as activityEndpoints } from '../../functions/http/activities.ts';
import { endpoints as caseEndpoints } from '../../functions/http/cases.ts';
import { http } from '../../shared/http/http.ts';
import { Mail } from '../../shared/mail/mail.ts';
import { createUser } from '../../shared/people/people-commands.ts';
import { roles } from '../../shared/people/roles.ts';
import type { User } from '../../shared/people/user.ts';
import type { Act } from '../../shared/platform/acts.ts';
import { Task } from '../../shared/platform/task.ts';
import { taskActions } from '../../shared/platform/task-actions.ts';
import { completeTask } from '../../shared/platform/task-commands.ts';
import { type Account, AccountCreated, AccountDetails } from '../../shared/sales/account.ts';
import { type Contact, ContactCreated, ContactDetails } from '../../shared/sales/contact.ts';
import { findCaseOwner } from '../../shared/service/assign-case.ts';
import type { Case } from '../../shared/service/case.ts';
import { askHowItWent, chaseCase, closeCase } from '../../shared/service/chase-case.ts';
import { type Command, run } from '../../shared/store/command.ts';
import { Policies } from '../../shared/store/policies.ts';
import { storeOver } from '../../shared/store/surroundings.ts';

/** The commands against a table of their own, at times of our choosing: what takes a week takes no time here. */
const table = `cases-${process.pid}-${Date.now()}`;
const store = storeOver(table);
const policies = new Policies(store);
// A Tuesday in winter: open from 08:00 to 16:00 UTC.
let now = new Date('2026-02-03T09:00:00Z');
const later = (instant: string | undefined) => {
  if (!instant) throw new Error('There is nothing to wait for');
  now = new Date(Date.parse(instant) + 1);
};

async function makeTable(): Promise<void> {
  const keys = (name: string) => [
    { AttributeName: `${name}pk`, KeyType: 'HASH' as const },
    { AttributeName: `${name}sk`, KeyType: 'RANGE' as const },
  ];
  const index = (name: string) => ({
    IndexName: name,
    KeySchema: keys(name),
    Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['card'] },
  });
  await new DynamoDBClient({}).send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys(''),
      AttributeDefinitions: ['', 'gsi1', 'gsi2', 'gsi3'].flatMap((name) =>
        ['pk', 'sk'].map((part) => ({ AttributeName: name + part, AttributeType: 'S' as const })),
      ),
      GlobalSecondaryIndexes: ['gsi1', 'gsi2', 'gsi3'].map(index),
    }),
  );
}

const actor = { kind: 'key' as const, id: 'key_test' };
const command = async <I, A>(does: Command<I, A>, input: I): Promise<A> =>
  (await run(store, policies, { now, actor, correlationId: 'test' }, does, input)).answer;
const act = (does: Act, { id, version }: Case) => command(does, { id, seen: version, processId: 'prc_test' });

const api = http(
  [...caseEndpoints, ...activityEndpoints],
  async () => ({ actor, may: roles.agent }),
  () => ({ store, policies, now: () => now }),
);
// biome-ignore lint/suspicious/noExplicitAny: a client sees JSON; what it is, the contract says
async function request(route: string, body?: object): Promise<any> {
  const [method = '', path = ''] = route.split(' ');
  const [rawPath = '', query] = path.split('?');
  const event = {
    version: '2.0',
    rawPath,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    ...(query && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    requestContext: { requestId: 'test', routeKey: route, timeEpoch: Date.now(), http: { method, path: rawPath } },
  } as unknown as APIGatewayProxyEventV2;
  const answer = await api(event, { getRemainingTimeInMillis: () => 10_000 } as never);
  return { statusCode: answer.statusCode, ...(JSON.parse(answer.body ?? '{}') as object) };
}

let boss: User;
let ada: User;
let account: Account;
let contact: Contact;
beforeAll(async () => {
  await makeTable();
  boss = await command(createUser, { name: 'Bo Stone', email: 'bo@ours.example', role: 'manager' });
  ada = await command(createUser, { name: 'Ada Jones', email: 'ada@ours.example', role: 'agent', managerId: boss.id });
  const acme = AccountDetails.parse({ name: 'Acme', ownerId: ada.id });
  account = await command((crm) => crm.commit([AccountCreated(undefined, { ...acme, id: crm.newId('acc') })]), {});
  const jo = { ...ContactDetails.parse({ firstName: 'Jo', emails: ['jo@acme.example'] }), accountId: account.id };
  contact = await command(
    (crm) => crm.commit([ContactCreated(undefined, { ...jo, id: crm.newId('con', account.id) })]),
    {},
  );
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
      expect(Date.parse(record.nextStepAt ?? '')).toBeGreaterThan(now.getTime());
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
  const occurredAt = new Date(now.getTime() + 3_600_000).toISOString();
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
