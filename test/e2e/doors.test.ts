import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { act, api, linksIn, mailsTo } from '../support/stack.ts';
import { capture, draft, person } from './cast.ts';

let agent: Json;
let manager: Json;
beforeAll(async () => {
  manager = await person('manager');
  agent = await person('agent', { managerId: manager.id });
});

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

const note = 'As we said';
const scenes = { lead: assignedLead, quote: submittedQuote, case: openedCase };
const moves: [of: keyof typeof scenes, verb: string, body: object, leadsTo: string][] = [
  ['lead', 'accept', { note }, 'working'],
  ['lead', 'qualify', { note }, 'qualified'],
  ['lead', 'nurture', { note }, 'nurturing'],
  ['lead', 'disqualify', { reason: 'other', note }, 'disqualified'],
  ['quote', 'approve', { note }, 'approved'],
  ['quote', 'reject', { reason: note }, 'draft'],
  ['case', 'reply', { body: note, public: true }, 'open'],
  ['case', 'resolve', { summary: note }, 'resolved'],
];

/** The ways to do what a task asks for. */
type Door = (scene: Scene, verb: string, body: object, task: Json) => Promise<unknown>;
const linkOf = async ({ subject, assignee, mails: count }: Scene, label: string): Promise<string> => {
  const mails = await mailsTo(assignee.email, count, subject);
  return linksIn(mails.at(-1)!).get(label) ?? `no link ${label}`;
};
const labelOf = ({ actions }: Json, verb: string): string => actions.find(({ key }: Json) => key === verb).label;
const doors: Record<string, Door> = {
  verb: ({ path, assignee }, verb, body) => api.as(assignee.id).post(`${path}/${verb}`, body),
  task: ({ assignee }, verb, _, { id }) => api.as(assignee.id).post(`/v1/tasks/${id}/complete`, { action: verb, note }),
  link: async (scene, verb, _, task) => {
    const { status } = await act(await linkOf(scene, labelOf(task, verb)), { note });
    expect(status).toBe(200);
  },
};

const openTaskOf = async ({ path }: Scene): Promise<Json> => api.get(`/v1/tasks/${(await api.get(path)).openTaskId}`);

const timelineOf = async ({ path }: Scene): Promise<Json[]> =>
  (await api.get(`/v1/accounts/${(await api.get(path)).accountId}/timeline?limit=200`)).data;

/** What a scene has become, and by which events since, without what makes one scene differ from another: ids, instants, numbers, names. */
async function outcome(scene: Scene, before: ReadonlySet<string>): Promise<Json> {
  const record = await api.get(scene.path);
  const { data: tasks } = await api.get(`/v1/tasks?recordId=${record.id}`);
  const ofScene = new Set([record.id, ...tasks.map(({ id }: Json) => id)]);
  const events = (await timelineOf(scene))
    .filter(({ id, recordId }: Json) => ofScene.has(recordId) && !before.has(id))
    .map(({ type, recordVersion, reasons, changes }: Json) => [
      type,
      recordVersion,
      reasons,
      Object.keys(changes).sort(),
    ]);
  const alike = JSON.stringify({ record, tasks: tasks.map(withoutOrder), events: events.map(withoutOrder) })
    .replaceAll(/\b[a-z]{3}_[0-9a-z]{26,40}\b/g, (id) => `<${id.slice(0, 3)}>`)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<at>')
    .replaceAll(/\b[QC]-[\d-]*\d/g, '<number>')
    .replaceAll(/\b(acme|SKU-)\w+/g, '<$1>');
  const { tasks: said, events: told, ...rest } = JSON.parse(alike);
  const sorted = (list: Json[]) => list.map((one) => JSON.stringify(one)).sort();
  return { ...rest, tasks: sorted(said), events: sorted(told) };
}
const withoutOrder = (value: Json): Json =>
  Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

describe('what a task asks for', () => {
  it.each(moves)(
    'of a %s (%s) is the same by its verb, its task and its link, and done once',
    async (of, verb, body, leadsTo) => {
      const outcomes: Record<string, Json> = {};
      for (const [name, door] of Object.entries(doors)) {
        const one = await scenes[of]();
        const task = await openTaskOf(one);
        const link = await linkOf(one, labelOf(task, verb));
        const before = new Set((await timelineOf(one)).map(({ id }) => id as string));
        await door(one, verb, body, task);
        expect(await api.get(`/v1/tasks/${task.id}`)).toMatchObject({
          status: 'done',
          completed: { action: verb, by: one.assignee.id },
        });
        outcomes[name] = await outcome(one, before);

        const late = api.as(one.assignee.id).post(`/v1/tasks/${task.id}/complete`, { action: verb, note });
        await expect(late).rejects.toMatchObject({ status: 409, body: { code: 'record.wrongState' } });
        expect((await act(link, { note })).status).toBe(200);
        expect(await outcome(one, before)).toEqual(outcomes[name]);
      }
      expect(outcomes['verb'].record.status).toBe(leadsTo);
      expect(outcomes['task']).toEqual(outcomes['verb']);
      expect(outcomes['link']).toEqual(outcomes['verb']);
    },
  );
});
