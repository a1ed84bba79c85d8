import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, Problem } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { became, desk, write } from '../support/mail.ts';
import { agree } from '../support/marketing.ts';
import { act, api, linksIn, mailsTo, processOf, unique } from '../support/stack.ts';
import { capture, otherPolicies, person } from './cast.ts';

let back: () => Promise<void>;
beforeAll(async () => {
  back = await otherPolicies({ marketing: { frequencyCap: 'PT1S' } });
});
afterAll(() => back());

const template = (): Promise<Json> =>
  api.post('/v1/templates', {
    name: unique('Still there? '),
    subject: 'Still interested, {{ contact.firstName }}?',
    body: '<p>Dear {{ contact.name }}, <a href="https://ours.example/offer">see our offer</a></p>',
    topic: 'newsletter',
  });

/** A live sequence of so many mails, a second apart. */
async function sequence(enrols: object[], { mails = 1, patience = 'P1D' } = {}): Promise<Json> {
  const { id: templateId } = await template();
  const steps = Array.from({ length: mails }, () => ({ after: 'PT1S', templateId }));
  const made = await api.post('/v1/sequences', {
    name: unique('Win back '),
    topic: 'newsletter',
    enrols,
    steps,
    patience,
  });
  return api.post(`/v1/sequences/${made.id}/open`);
}

/** Somebody who agreed to the newsletter, as they are in the CRM by a lead. */
async function reader(): Promise<{ lead: Json; email: string; contactId: string }> {
  const lead = await capture();
  await agree(lead.contactId);
  return { lead, email: lead.email, contactId: lead.contactId };
}

const journeyOn = (accountId: string, sequenceId: string, status: string): Promise<Json> =>
  eventually(async () => {
    const { data } = await api.get(`/v1/journeys?accountId=${accountId}`);
    const found = data.find((one: Json) => one.sequenceId === sequenceId && one.status === status);
    if (!found) throw new Error(`Journeys: ${JSON.stringify(data)}`);
    return found;
  });

describe('a lead that is put off', () => {
  it('gets the mails of a sequence one after the other, and is left in peace when it does not answer', async () => {
    const { id } = await sequence([{ on: 'lead.nurtured' }], { mails: 2, patience: 'PT1S' });
    const { lead, email } = await reader();
    await api.post(`/v1/leads/${lead.id}/nurture`);
    const mails = await mailsTo(email, 2);
    expect(mails).toHaveLength(2);
    expect(mails[0]).toMatchObject({ subject: 'Still interested, Jo?' });
    expect(mails[0].headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    expect(mails[0].headers['list-unsubscribe']).toMatch(/^<http.*\/u\/.+>$/);
    expect(mails[0].text).toContain('see our offer (https://ours.example/offer)');
    expect(await journeyOn(lead.accountId, id, 'retired')).toMatchObject({ step: 2, reason: 'noAnswer' });
    expect(await processOf(lead.id, 'nurture', 'succeeded')).toMatchObject({ outcome: 'Retired' });
    await api.post(`/v1/sequences/${id}/close`);
  });

  it('ends its journey when it is qualified, when its contact replies, and when they unsubscribe', async () => {
    const { id } = await sequence([{ on: 'lead.nurtured' }]);
    const [qualified, replied, left] = await Promise.all([reader(), reader(), reader()]);
    for (const { lead } of [qualified, replied, left]) await api.post(`/v1/leads/${lead.id}/nurture`);
    await Promise.all([qualified, replied].map(({ email }) => mailsTo(email, 1, 'Still')));
    const [mail] = await mailsTo(left.email, 1, 'Still');

    await api.post(`/v1/leads/${qualified.lead.id}/qualify`);
    await api.post('/v1/activities', {
      accountId: replied.lead.accountId,
      kind: 'email',
      direction: 'inbound',
      subject: 'Re: Still interested?',
      participants: [replied.email],
      status: 'done',
    });
    const link = linksIn(mail).get('Unsubscribe')!;
    expect((await act(link, { 'List-Unsubscribe': 'One-Click' })).status).toBe(200);
    expect((await act(link)).done).toContain('no more mails');

    expect(await journeyOn(qualified.lead.accountId, id, 'reEngaged')).toMatchObject({ reason: 'left' });
    expect(await journeyOn(replied.lead.accountId, id, 'reEngaged')).toMatchObject({ reason: 'replied' });
    expect(await journeyOn(left.lead.accountId, id, 'retired')).toMatchObject({ reason: 'consent.missing' });
    expect(await processOf(qualified.lead.id, 'nurture', 'succeeded')).toMatchObject({ outcome: 'Re-engaged' });
    expect(await processOf(left.lead.id, 'nurture', 'succeeded')).toMatchObject({ outcome: 'Retired' });
    await api.post(`/v1/sequences/${id}/close`);
  });
});

describe('who writes again while their lead is nurtured', () => {
  it('is with a person again: the journey ends, the lead has its owner and its process', async () => {
    await person('agent');
    const { id } = await sequence([{ on: 'lead.nurtured' }]);
    const { lead, email } = await reader();
    const { ownerId } = await eventually(async () => {
      const found = await api.get(`/v1/leads/${lead.id}`);
      expect(found.status).toBe('assigned');
      return found;
    });
    await api.post(`/v1/leads/${lead.id}/nurture`);
    expect(await processOf(lead.id, 'lead-qualification', 'succeeded')).toMatchObject({ outcome: 'Nurtured' });
    await mailsTo(email, 1, 'Still');

    const again = await api.post('/v1/leads', { email, message: 'Are you still there?' });
    expect(again).toMatchObject({ id: lead.id, status: 'new' });
    const process = await processOf(lead.id, 'lead-qualification', 'waiting');
    const [task] = (await api.get(`/v1/tasks?recordId=${lead.id}&status=open`)).data;
    expect(task).toMatchObject({ assigneeId: ownerId, processId: process.id });
    expect(task.actions.map(({ key }: Json) => key)).toContain('accept');
    expect(await api.get(`/v1/leads/${lead.id}`)).toMatchObject({ status: 'assigned', ownerId, hops: 0 });
    expect(await journeyOn(lead.accountId, id, 'reEngaged')).toMatchObject({ reason: 'left' });
    const { events } = await api.post(`/v1/leads/${lead.id}/explain`, {});
    expect(events.find(({ type }: Json) => type === 'lead.resubmitted')).toMatchObject({
      reasons: expect.arrayContaining(['They wrote again while it was nurtured']),
    });
    await api.post(`/v1/sequences/${id}/close`);
  });
});

describe('a journey', () => {
  it('goes on when a machine answers that somebody is away, and ends when they click', async () => {
    const { id } = await sequence([{ on: 'lead.nurtured' }]);
    const { lead, email, contactId } = await reader();
    await api.post(`/v1/leads/${lead.id}/nurture`);
    const [mail] = await mailsTo(email, 1, 'Still');
    const away = await became(
      await write({
        from: email,
        to: mail.headers['reply-to'] ?? desk('crm'),
        subject: `Automatic reply: ${mail.subject}`,
        text: 'I am back on Monday.',
        inReplyTo: mail.headers['message-id'],
        headers: { 'auto-submitted': 'auto-replied' },
      }),
    );
    expect(away).toMatchObject({ status: 'activity', accountId: lead.accountId });
    await eventually(async () => {
      const { data } = await api.get(`/v1/accounts/${lead.accountId}/timeline?types=activity.done`);
      expect(data).toHaveLength(1);
    });
    const offer = linksIn(mail).get('see our offer')!;
    const follow = async (userAgent: string) => {
      const { status, headers } = await fetch(offer, { redirect: 'manual', headers: { 'user-agent': userAgent } });
      expect([status, headers.get('location')]).toEqual([302, 'https://ours.example/offer']);
      return (await api.get(`/v1/mails?recordId=${away.threadId}`)).data[0].clicked;
    };
    expect(await follow('curl/8.5.0')).toMatchObject({ byPerson: false });
    // Who clicks within two seconds of the mail is none of us: a person comes later.
    await eventually(async () =>
      expect(await follow('Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Firefox/150.0')).toMatchObject({ byPerson: true }),
    );
    expect(await journeyOn(lead.accountId, id, 'reEngaged')).toMatchObject({ reason: 'clicked' });
    expect(await processOf(lead.id, 'nurture', 'succeeded')).toMatchObject({ outcome: 'Re-engaged' });
    const { data } = await api.get(`/v1/activities?recordId=${contactId}`);
    expect(data).toMatchObject([{ kind: 'email', subject: expect.stringMatching(/^Clicked in Win back/) }]);
    await api.post(`/v1/sequences/${id}/close`);
  });
});

describe('a stage of the pipeline', () => {
  it('enrols the contact of an opportunity that enters it, until it moves on', async () => {
    const { data } = await api.get('/v1/pipelines');
    const { id } = await sequence([{ on: 'stage', pipelineId: data[0].id, stage: 'discovery' }]);
    const { lead, email } = await reader();
    await api.post(`/v1/leads/${lead.id}/qualify`);
    const { opportunityId } = await api.post(`/v1/leads/${lead.id}/convert`, { opportunity: { name: 'Desks' } });
    await api.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'discovery' });
    await mailsTo(email, 1, 'Still');
    const running = await processOf(opportunityId, 'nurture', 'waiting');
    expect(running.waitsFor.toSorted()).toEqual(['journey.reEngaged', 'journey.retired']);
    await api.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
    expect(await processOf(opportunityId, 'nurture', 'succeeded')).toMatchObject({ outcome: 'Re-engaged' });
    await api.post(`/v1/sequences/${id}/close`);
  });
});

describe('a segment', () => {
  const refresh = async (id: string, at = ''): Promise<Json> => {
    await api.post(`/v1/segments/${id}/refresh`);
    return eventually(async () => {
      const { refreshed } = await api.get(`/v1/segments/${id}`);
      if (!refreshed || refreshed.at === at) throw new Error('It is being refreshed');
      return refreshed;
    }, 60_000);
  };

  it('enrols whom a refresh finds in it, and lets go who has left it', async () => {
    const tag = unique('t');
    const segment = await api.post('/v1/segments', { name: tag, rule: { fact: 'contact.tags', has: tag } });
    const { id } = await sequence([{ on: 'segment', segmentId: segment.id }]);
    const { lead, email, contactId } = await reader();
    await api.patch(`/v1/contacts/${contactId}`, { tags: [tag] });
    const first = await refresh(segment.id);
    expect(first).toMatchObject({ members: 1, entered: 1, left: 0 });
    await mailsTo(email, 1, 'Still');
    const second = await refresh(segment.id, first.at);
    expect(second).toMatchObject({ members: 1, entered: 0, left: 0 });
    await api.patch(`/v1/contacts/${contactId}`, { tags: [] });
    expect(await refresh(segment.id, second.at)).toMatchObject({ members: 0, entered: 0, left: 1 });
    expect(await journeyOn(lead.accountId, id, 'retired')).toMatchObject({ reason: 'left', step: 1 });
    const { data } = await api.get(`/v1/accounts/${lead.accountId}/timeline?types=segment.entered,segment.left`);
    expect(data.map(({ type }: Json) => type)).toEqual(['segment.left', 'segment.entered']);
    await api.post(`/v1/sequences/${id}/close`);
  });
});

describe('by hand', () => {
  it('somebody is enrolled once, if they may be written to', async () => {
    const { id: sequenceId } = await sequence([]);
    const { contactId, lead } = await reader();
    const journey = await api.post('/v1/journeys', { sequenceId, contactId });
    expect(journey).toMatchObject({ status: 'active', step: 0, accountId: lead.accountId });
    expect((await api.post('/v1/journeys', { sequenceId, contactId })).id).toBe(journey.id);
    const { contactId: stranger } = await capture();
    const refused = await api
      .post('/v1/journeys', { sequenceId, contactId: stranger })
      .catch(({ body }: Problem) => body);
    expect(refused).toMatchObject({ status: 422, code: 'journey.notEligible' });
    await mailsTo(lead.email, 1, 'Still');
    await api.post(`/v1/sequences/${sequenceId}/close`);
    expect(await api.post(`/v1/journeys/${journey.id}/end`)).toMatchObject({ status: 'retired', reason: 'byHand' });
    const late = await api.post('/v1/journeys', { sequenceId, contactId }).catch(({ body }: Problem) => body);
    expect(late).toMatchObject({ code: 'record.wrongState' });
  });
});
