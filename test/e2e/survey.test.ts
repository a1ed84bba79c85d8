import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { became, desk, write } from '../support/mail.ts';
import { act, api, linksIn, mailsTo, unique } from '../support/stack.ts';
import { otherPolicies, person } from './cast.ts';

let agent: Json;
let putBack: () => Promise<void>;
beforeAll(async () => {
  agent = await person('agent');
  putBack = await otherPolicies({ cases: { surveyAfter: 'PT1S' } });
});
afterAll(() => putBack());

it('a customer says by a click, and then by mail, how it went: the case stays resolved, and the report knows', async () => {
  const jo = `jo@${unique('acme')}.example`;
  const { recordId } = await became(await write({ from: jo, to: desk('support'), subject: 'It hums' }));
  const path = `/v1/cases/${recordId}`;
  await api.post(`${path}/assign`, { ownerId: agent.id });
  await api.as(agent.id).post(`${path}/resolve`, { summary: 'Fan replaced' });
  const [mail] = await mailsTo(jo, 1, 'How did we do?');
  const links = linksIn(mail);
  const figures = ['5 very satisfied', '4 satisfied', '3 neither', '2 dissatisfied', '1 very dissatisfied'];
  expect([...links.keys()]).toEqual(figures);

  const link = links.get('2 dissatisfied')!;
  const shown = await (await fetch(link)).text();
  expect(shown.match(/<input [^>]*checked>/g)).toEqual([
    '<input type="radio" name="score" value="2" required checked>',
  ]);
  expect((await api.get(path)).satisfaction).toBeUndefined();
  expect((await act(link, { score: '9' })).status).toBe(400);
  expect((await act(link, { score: '2', comment: 'It took <long>' })).status).toBe(200);
  const satisfaction = { score: 2, comment: 'It took <long>' };
  expect(await api.get(path)).toMatchObject({ status: 'resolved', satisfaction });
  const { data: tasks } = await api.get(`/v1/tasks?recordId=${recordId}`);
  expect(tasks.find(({ status }: Json) => status === 'open')).toMatchObject({
    title: expect.stringMatching(/^Ask what went wrong: case \S+ was rated 2 of 5$/),
    assigneeId: agent.id,
  });

  const text = '5\n\nOn Mon, Jan 5, 2026 at 9:00 AM, Us <us@ours.example> wrote:\n> How satisfied are you?\n';
  const reply = { inReplyTo: mail.headers['message-id'], subject: `Re: ${mail.subject}`, text };
  const answer = await became(await write({ from: jo, to: desk('support'), ...reply }));
  expect(answer).toMatchObject({ status: 'activity', threadId: recordId });
  expect(await api.get(path)).toMatchObject({ status: 'resolved', reopened: 0, satisfaction: { score: 5 } });
  await eventually(async () => {
    const { rows } = await api.get('/v1/reports/satisfaction?by=owner');
    const row = rows.find(({ key }: Json) => key === agent.id);
    expect(row).toMatchObject({ responses: 1, csat: 100, nps: null, ces: null });
  });
});
