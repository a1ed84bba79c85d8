import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { taskActions } from '../../shared/platform/task-actions.ts';
import { eventually } from '../support/eventually.ts';
import { act, api, linksIn, mailsTo } from '../support/stack.ts';
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
  const { id, company } = await capture();
  await api.as(agent.id).post(`/v1/leads/${id}/qualify`);
  return given(`/v1/leads/${id}`, company, agent);
}

/** An invoice that nobody pays, in the hands of a person. */
async function invoiceHandedOver(): Promise<Scene> {
  const { accountId, contactId } = await capture();
  await api.patch(`/v1/accounts/${accountId}`, { ownerId: manager.id });
  const lines = [{ productId: (await product()).id, quantity: '3' }];
  const { id } = await api.post('/v1/invoices', { accountId, contactId, lines });
  const { number } = await api.post(`/v1/invoices/${id}/issue`);
  const path = `/v1/invoices/${id}`;
  await eventually(async () => expect(await api.get(path)).toHaveProperty('openTaskId'));
  return { path, subject: number, assignee: manager, mails: 1 };
}

async function given(path: string, subject: string, assignee: Json): Promise<Scene> {
  const { openTaskId } = await api.get(path);
  await api.post(`/v1/tasks/${openTaskId}/reassign`, { assigneeId: assignee.id });
  return { path, subject, assignee, mails: 1 };
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
  ['inv', 'writeOff', invoiceHandedOver, { reason: note }, 'writtenOff'],
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
  verb: ({ path, assignee }, verb, body) => api.as(assignee.id).post(`${path}/${inPath(verb)}`, body),
  task: ({ assignee }, verb, _, { id }) => api.as(assignee.id).post(`/v1/tasks/${id}/complete`, { action: verb, note }),
  link: async (scene, verb, _, task) => {
    const { status } = await act(await linkOf(scene, labelOf(task, verb)), { note });
    expect(status).toBe(200);
  },
};

const openTaskOf = async ({ path }: Scene): Promise<Json> => api.get(`/v1/tasks/${(await api.get(path)).openTaskId}`);

const timelineOf = async ({ path }: Scene): Promise<Json[]> =>
  (await api.get(`/v1/accounts/${(await api.get(path)).accountId}/timeline?limit=200`)).data;

const resources: Record<string, string> = {
  acc: 'accounts',
  act: 'activities',
  cas: 'cases',
  con: 'contacts',
  inv: 'invoices',
  lea: 'leads',
  opp: 'opportunities',
  ord: 'orders',
  quo: 'quotes',
  tsk: 'tasks',
};

/** What the account of a scene has become: every record that has changed since, and by which events. Without processes, and without what
 * makes one scene differ from another: ids, instants, numbers, names. */
async function outcome(scene: Scene, before: ReadonlySet<string>): Promise<Json> {
  const since = (await timelineOf(scene)).filter(
    ({ id, type }: Json) => !before.has(id) && !/^process\.|^mail\.(?!queued)/.test(type),
  );
  const changed = [...new Set(since.map(({ recordId }: Json) => recordId as string))];
  const records = await Promise.all(
    changed.flatMap((id) => {
      const resource = resources[id.slice(0, 3)];
      return resource ? [api.get(`/v1/${resource}/${id}`)] : [];
    }),
  );
  const events = since.map(({ type, recordVersion, reasons, changes }: Json) => [
    type,
    recordVersion,
    reasons,
    Object.keys(changes).sort(),
  ]);
  const alike = JSON.stringify({ records: records.map(withoutOrder), events })
    .replaceAll(/\b[a-z]{3}_[0-9a-z]{26,40}\b/g, (id) => `<${id.slice(0, 3)}>`)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<at>')
    .replaceAll(/\b[QC]-[\d-]*\d|\b20\d\d-\d{6}\b/g, '<number>')
    .replaceAll(/\b(acme|SKU-)\w+/g, '<$1>');
  const sorted = (list: Json[]) => list.map((one) => JSON.stringify(one)).sort();
  const same = JSON.parse(alike);
  const { status } = await api.get(scene.path);
  return { status, records: sorted(same.records), events: sorted(same.events) };
}
const withoutOrder = (value: Json): Json =>
  Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

describe('what a task asks for', () => {
  it('is tried here, every move of a record', () => {
    const tried = moves.map(([prefix, action]) => `${prefix} ${action}`);
    const known = Object.entries(taskActions).flatMap(([prefix, all]) =>
      Object.keys(all).map((action) => `${prefix} ${action}`),
    );
    expect(tried.sort()).toEqual(known.sort());
  });

  it.each(moves)('%s: %s is the same by its verb, its task and its link, and done once', async (...move) => {
    const [, verb, scene, body, leadsTo] = move;
    const outcomes: Record<string, Json> = {};
    for (const [name, door] of Object.entries(doors)) {
      const one = await scene();
      const task = await openTaskOf(one);
      const link = await linkOf(one, labelOf(task, verb));
      const before = new Set((await timelineOf(one)).map(({ id }) => id as string));
      await door(one, verb, body, task);
      expect(await api.get(`/v1/tasks/${task.id}`)).toMatchObject({
        status: 'done',
        completed: { action: verb, by: one.assignee.id, note },
      });
      outcomes[name] = await outcome(one, before);

      const late = api.as(one.assignee.id).post(`/v1/tasks/${task.id}/complete`, { action: verb, note });
      await expect(late).rejects.toMatchObject({ status: 409, body: { code: 'record.wrongState' } });
      expect((await act(link, { note })).status).toBe(200);
      expect(await outcome(one, before)).toEqual(outcomes[name]);
    }
    expect(outcomes['verb'].status).toBe(leadsTo);
    expect(outcomes['task']).toEqual(outcomes['verb']);
    expect(outcomes['link']).toEqual(outcomes['verb']);
  });
});
