import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Json } from '../../infra/local/client.ts';
import { taskActions } from '../../shared/catalogue/task-actions.ts';
import { Payment } from '../../shared/commerce/payment.ts';
import { PaymentEvent } from '../../shared/commerce/payment-event.ts';
import { nothing } from '../../shared/commerce/payment-notice.ts';
import { eventsOf } from '../../shared/events/event.ts';
import { Campaign } from '../../shared/marketing/campaign.ts';
import { Submission } from '../../shared/marketing/submission.ts';
import { openTask } from '../../shared/platform/task.ts';
import { mailToAssignee } from '../../shared/platform/task-mail.ts';
import { type Crm, run } from '../../shared/store/command.ts';
import type { Kind, Stamped } from '../../shared/store/record.ts';
import { eventually } from '../support/eventually.ts';
import { became, desk, write } from '../support/mail.ts';
import { act, api, around, linksIn, mailsTo, unique } from '../support/stack.ts';
import { capture, draft, otherPolicies, person, product } from './cast.ts';

let agent: Json;
let manager: Json;
let putBack: () => Promise<void>;
beforeAll(async () => {
  manager = await person('manager');
  agent = await person('agent', { managerId: manager.id });
  // Nobody is reminded: an invoice that is due is with a person at once.
  const handOver = { levels: [{ key: 'handOver', after: 'PT1S' }] };
  putBack = await otherPolicies({ invoicing: { dueAfter: 'PT1S' }, dunning: handOver });
});
afterAll(() => putBack());

/** A record with an open task, and who has to do it: they have a mail with a link for each action. */
interface Scene {
  path: string;
  /** A word of the mail's subject. */
  subject: string;
  assignee: Json;
  /** How many mails of that subject they get: the last one is about the open task. */
  mails: number;
  /** What they say, where it is not the usual; and how they say it to the record itself. */
  note?: string;
  body?: object;
  /** What happens to it stands by itself, also once it is of an account. */
  alone?: true;
}

async function assignedLead(): Promise<Scene> {
  const { id, company } = await capture();
  const path = `/v1/leads/${id}`;
  const first = await eventually(async () => {
    const lead = await api.get(path);
    expect(lead.status).toBe('assigned');
    return lead.ownerId as string;
  });
  await api.post(`${path}/assign`, { ownerId: agent.id });
  return { path, subject: company, assignee: agent, mails: first === agent.id ? 2 : 1 };
}

async function submittedQuote(): Promise<Scene> {
  const { id, number } = await draft(agent.id, '50');
  const path = `/v1/quotes/${id}`;
  expect(await api.as(agent.id).post(`${path}/submit`)).toMatchObject({ approverId: manager.id });
  return { path, subject: number, assignee: manager, mails: 1 };
}

async function openedCase(): Promise<Scene> {
  const { accountId, contactId } = await capture();
  const about = { subject: 'It hums', kind: 'problem', priority: 'high', channel: 'email' };
  const { id, number } = await api.post('/v1/cases', { accountId, contactId, ownerId: agent.id, ...about });
  return { path: `/v1/cases/${id}`, subject: number, assignee: agent, mails: 1 };
}

/** A qualified lead, whose next task is given to somebody by hand: of that they have a mail. */
async function qualifiedLead(): Promise<Scene> {
  const { id } = await capture();
  await api.as(agent.id).post(`/v1/leads/${id}/qualify`);
  return given(`/v1/leads/${id}`, agent);
}

async function issued(): Promise<Json> {
  const { accountId, contactId } = await capture();
  await api.patch(`/v1/accounts/${accountId}`, { ownerId: manager.id });
  const lines = [{ productId: (await product()).id, quantity: '3' }];
  const { id } = await api.post('/v1/invoices', { accountId, contactId, lines });
  return api.post(`/v1/invoices/${id}/issue`);
}

/** An invoice that nobody pays, in the hands of a person. */
async function invoiceHandedOver(): Promise<Scene> {
  const { id, number } = await issued();
  const path = `/v1/invoices/${id}`;
  await eventually(async () => expect(await api.get(path)).toHaveProperty('openTaskId'));
  return { path, subject: number, assignee: manager, mails: 1 };
}

async function invoicePromised(): Promise<Scene> {
  const payOn = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  return { ...(await invoiceHandedOver()), note: payOn, body: { payOn } };
}

async function invoiceDisputed(): Promise<Scene> {
  const { path, subject, assignee } = await invoiceHandedOver();
  await api.post(`${path}/dispute`, { reason: 'It hums' });
  return { path, subject: `Settle the dispute of invoice ${subject}`, assignee, mails: 1 };
}

/** Money of which nobody knows what it is for. */
async function paymentUnapplied(): Promise<Scene> {
  const { path, subject: number } = await invoiceHandedOver();
  const { id: invoiceId, accountId, totals } = await api.get(path);
  const amount = totals.open;
  const payment = await api.post('/v1/payments', { accountId, amount, method: 'cash', reference: unique('CASH-') });
  return { ...(await asked(Payment, payment.id, ['allocate', 'refund'])), note: number, body: { invoiceId } };
}

async function paymentToRefund(): Promise<Scene> {
  const { note: _, body: __, ...scene } = await paymentUnapplied();
  return { ...scene, body: { reason: note } };
}

/** What a provider told of a payment that nobody knows. */
async function eventParked(): Promise<Scene> {
  const { id } = await inProcess((crm) => {
    const event = { provider: 'generic', eventId: unique('evt'), type: 'payment.failed', rawKey: 'none' };
    const notice = { ...nothing, says: 'failed' as const, names: [unique('BANK-')] };
    const parked = { ...event, notice, status: 'parked' as const, reasons: ['Nobody knows it'] };
    return crm.commit([updated(PaymentEvent)(undefined, { ...parked, id: crm.newId('pev') })]);
  });
  return asked(PaymentEvent, id, ['retry', 'ignore']);
}

/** What was sent to a form that does not fit it. */
async function submissionParked(): Promise<Scene> {
  const { id } = await inProcess((crm) => {
    const sent = { contentType: 'application/json', bytes: 2, status: 'parked' as const, reason: 'It does not fit' };
    return crm.commit([updated(Submission)(undefined, { ...sent, id: crm.newId('sub') })]);
  });
  return asked(Submission, id, ['retry', 'discard']);
}

/** A mail to an address of ours that nobody has named. */
async function mailParked(): Promise<Scene> {
  const from = `jo@${unique('acme')}.example`;
  const { id } = await became(await write({ from, to: desk('hello'), subject: unique('Look at it ') }));
  return { ...(await given(`/v1/inbound-mails/${id}`, manager)), alone: true };
}

/** A campaign that was stopped, as too much came back. */
async function campaignStopped(): Promise<Scene> {
  const name = unique('Stopped ');
  const segment = await api.post('/v1/segments', { name, rule: { all: [{ fact: 'contact.tags', has: name }] } });
  const template = await api.post('/v1/templates', { name, subject: 'x', body: '<p>x</p>', topic: 'newsletter' });
  const audience = { segmentIds: [segment.id], templateId: template.id, topic: 'newsletter' };
  const { id } = await api.post('/v1/campaigns', { name, ...audience });
  const paused = { at: new Date().toISOString(), by: 'breaker', reason: 'Too much came back' };
  return asked(Campaign, id, ['resume', 'cancel'], { status: 'paused', paused });
}

async function given(path: string, assignee: Json): Promise<Scene> {
  const { openTaskId } = await api.get(path);
  const { title } = await api.post(`/v1/tasks/${openTaskId}/reassign`, { assigneeId: assignee.id });
  return { path, subject: `For you: ${title}`, assignee, mails: 1 };
}

/** Something that takes long to come about, written as it would stand then: through the store, as any command does. */
const inProcess = async <A>(does: (crm: Crm) => Promise<A>): Promise<A> => {
  const { store, policies, now } = around();
  const on = { now: now(), actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  return (await run(store, policies, on, does, {})).answer;
};
const updated = <R extends Stamped>(kind: Kind<R>) => eventsOf(kind, z.object({}))('updated');

/** A record that somebody is asked about. */
async function asked<R extends Stamped>(kind: Kind<R>, id: string, actions: string[], as: object = {}): Promise<Scene> {
  const title = unique('Look at it ');
  await inProcess(async (crm) => {
    const record = await crm.load(kind, id);
    const task = openTask(crm, {
      title,
      recordId: id,
      accountId: (record as { accountId?: string }).accountId,
      assigneeId: manager.id,
      actions: actions.map((key) => ({ key, label: key })),
    });
    const fact = updated(kind)(record, { ...record, ...as, openTaskId: task.after.id });
    return crm.commit([fact, task, ...(await mailToAssignee(crm, task))]);
  });
  return { path: `/v1/${resources[id.slice(0, 3)]}/${id}`, subject: title, assignee: manager, mails: 1 };
}

const note = 'As we said';
/** Every action of a task that is a move of its record, and the record's own move. */
const moves: [prefix: string, action: string, scene: () => Promise<Scene>, body: object, leadsTo: string][] = [
  ['lea', 'accept', assignedLead, { note }, 'working'],
  ['lea', 'qualify', assignedLead, { note }, 'qualified'],
  ['lea', 'nurture', assignedLead, { note }, 'nurturing'],
  ['lea', 'disqualify', assignedLead, { reason: 'other', note }, 'disqualified'],
  ['lea', 'convert', qualifiedLead, { note }, 'converted'],
  ['quo', 'approve', submittedQuote, { note }, 'approved'],
  ['quo', 'reject', submittedQuote, { reason: note }, 'draft'],
  ['inv', 'promise', invoicePromised, {}, 'issued'],
  ['inv', 'dispute', invoiceHandedOver, { reason: note }, 'issued'],
  ['inv', 'settleDispute', invoiceDisputed, { note }, 'issued'],
  ['inv', 'writeOff', invoiceHandedOver, { reason: note }, 'writtenOff'],
  ['pay', 'allocate', paymentUnapplied, {}, 'received'],
  ['pay', 'refund', paymentToRefund, {}, 'refunded'],
  ['pev', 'retry', eventParked, {}, 'ignored'],
  ['pev', 'ignore', eventParked, { note }, 'ignored'],
  ['sub', 'retry', submissionParked, { note }, 'received'],
  ['sub', 'discard', submissionParked, { note }, 'discarded'],
  ['cmp', 'resume', campaignStopped, { note }, 'sending'],
  ['cmp', 'cancel', campaignStopped, { note }, 'cancelled'],
  ['inm', 'openCase', mailParked, { note }, 'received'],
  ['inm', 'captureLead', mailParked, { note }, 'received'],
  ['inm', 'ignore', mailParked, { note }, 'parked'],
  ['cas', 'reply', openedCase, { body: note, public: true }, 'open'],
  ['cas', 'resolve', openedCase, { summary: note }, 'resolved'],
];

/** The ways to do what a task asks for. */
type Door = (scene: Scene, verb: string, body: object, task: Json) => Promise<unknown>;
const linkOf = async ({ subject, assignee, mails: count }: Scene, label: string): Promise<string> => {
  const mails = await mailsTo(assignee.email, count, subject);
  return linksIn(mails.at(-1)!).get(label) ?? `no link ${label}`;
};
const labelOf = ({ actions }: Json, verb: string): string => actions.find(({ key }: Json) => key === verb).label;
const inPath = (action: string): string => action.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const doors: Record<string, Door> = {
  verb: ({ path, assignee, body: own }, verb, body) => api.as(assignee.id).post(`${path}/${inPath(verb)}`, own ?? body),
  task: ({ assignee, note: own = note }, verb, _, { id }) =>
    api.as(assignee.id).post(`/v1/tasks/${id}/complete`, { action: verb, note: own }),
  link: async (scene, verb, _, task) => {
    const { status } = await act(await linkOf(scene, labelOf(task, verb)), { note: scene.note ?? note });
    expect(status).toBe(200);
  },
};

const openTaskOf = async ({ path }: Scene): Promise<Json> => api.get(`/v1/tasks/${(await api.get(path)).openTaskId}`);

/** What has happened about a scene: in its account; where it has none, to its record and the tasks about it. */
async function eventsOfScene({ path, alone }: Scene): Promise<Json[]> {
  const { id, accountId } = await api.get(path);
  if (accountId && !alone) return (await api.get(`/v1/accounts/${accountId}/timeline?limit=200`)).data;
  const { data: tasks } = await api.get(`/v1/tasks?recordId=${id}`);
  const paths = [path, ...tasks.map((task: Json) => `/v1/tasks/${task.id}`)];
  return (await Promise.all(paths.map((one) => api.post(`${one}/explain`)))).flatMap(({ events }) => events);
}

const resources: Record<string, string> = {
  cmp: 'campaigns',
  inm: 'inbound-mails',
  pay: 'payments',
  pev: 'payment-events',
  sub: 'submissions',
};

/**
 * What a person has changed since: every record, by every event, field by field; and how that left the scene. Without what processes do
 * next, and without what makes one scene differ from another: ids, instants, numbers, names.
 */
async function outcome(scene: Scene, before: ReadonlySet<string>): Promise<Json> {
  const all = await eventsOfScene(scene);
  const since = all.filter(({ id, actor }) => !before.has(id) && actor.kind === 'user');
  const told = since.map(({ type, recordVersion, status, reasons, policy, changes }) =>
    JSON.stringify({ type, recordVersion, status, reasons, policy, changes: inOrder(changes) })
      .replaceAll(/\b[a-z]{3}_[0-9a-z]{26,40}\b/g, (id) => `<${id.slice(0, 3)}>`)
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<at>')
      .replaceAll(/\b[QC]-[\d-]*\d|\b20\d\d-\d{6}\b|"length":\d+|"sha256":"\w+"/g, '<number>')
      .replaceAll(/\b(acme|SKU-|CASH-|BANK-|Look at it |Stopped )\w+/g, '<$1>'),
  );
  const moved = since.find(({ recordId }) => scene.path.endsWith(recordId));
  return { status: moved?.status, told: told.sort() };
}
const inOrder = (value: object): Json => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

describe('what a task asks for', () => {
  it('is tried here, every move of a record', () => {
    const tried = moves.map(([prefix, action]) => `${prefix} ${action}`);
    const known = Object.entries(taskActions).flatMap(([prefix, all]) =>
      Object.keys(all).map((action) => `${prefix} ${action}`),
    );
    expect(tried.sort()).toEqual(known.sort());
  });

  it.concurrent.each(moves)('%s: %s is the same by its verb, its task and its link, and done once', async (...move) => {
    const [, verb, scene, body, leadsTo] = move;
    const outcomes: Record<string, Json> = {};
    for (const [name, door] of Object.entries(doors)) {
      const one = await scene();
      const task = await openTaskOf(one);
      const link = await linkOf(one, labelOf(task, verb));
      const before = new Set((await eventsOfScene(one)).map(({ id }) => id as string));
      await door(one, verb, body, task);
      expect(await api.get(`/v1/tasks/${task.id}`)).toMatchObject({
        status: 'done',
        completed: { action: verb, by: one.assignee.id },
      });
      outcomes[name] = await outcome(one, before);

      const late = api
        .as(one.assignee.id)
        .post(`/v1/tasks/${task.id}/complete`, { action: verb, note: one.note ?? note });
      await expect(late).rejects.toMatchObject({ status: 409, body: { code: 'record.wrongState' } });
      expect((await act(link, { note: one.note ?? note })).status).toBe(200);
      expect(await outcome(one, before)).toEqual(outcomes[name]);
    }
    expect(outcomes['verb'].status).toBe(leadsTo);
    expect(outcomes['task']).toEqual(outcomes['verb']);
    expect(outcomes['link']).toEqual(outcomes['verb']);
  });
});
