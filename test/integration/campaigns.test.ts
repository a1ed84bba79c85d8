import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { readers } from '../support/audience.ts';
import { eventually } from '../support/eventually.ts';
import { became, desk, write } from '../support/mail.ts';
import { access, api, around, linksIn, mailsTo, processOf, unique } from '../support/stack.ts';

const { store } = around();
const patience = 90_000;

/** A segment of those who have a tag, and a template, of a topic of their own. */
async function prepared(count: number, more: { body?: string; emails?: string[]; timeZone?: string } = {}) {
  const tag = unique('tag').toLowerCase();
  const emails = more.emails ?? Array.from({ length: count }, (_, n) => `${tag}-${n}@readers.example`);
  const topic = unique('news').toLowerCase();
  const made = await readers(store, { emails, topic, tag, ...(more.timeZone && { timeZone: more.timeZone }) });
  const segment = await api.post('/v1/segments', { name: tag, rule: { all: [{ fact: 'contact.tags', has: tag }] } });
  const template = await api.post('/v1/templates', {
    name: tag,
    subject: 'Spring, {{ contact.firstName }}',
    body:
      more.body ?? '<p>Hello {{ contact.firstName }}, <a href="https://shop.example/spring?a=1&amp;b=2">see</a></p>',
    topic,
  });
  return { tag, topic, made, segmentIds: [segment.id], templateId: template.id, name: tag };
}
type Prepared = Awaited<ReturnType<typeof prepared>>;

const campaignOf = ({ name, topic, segmentIds, templateId }: Prepared, more: object = {}): Promise<Json> =>
  api.post('/v1/campaigns', { name, topic, segmentIds, templateId, ...more });
const resultsOf = (id: string): Promise<Json> => api.get(`/v1/campaigns/${id}/results`);

const once = (id: string, status: string): Promise<Json> =>
  eventually(async () => {
    const found = await api.get(`/v1/campaigns/${id}`);
    if (found.status !== status) throw new Error(`${found.status}: ${JSON.stringify(await resultsOf(id))}`);
    return found;
  }, patience);

const countedIn = (id: string, expected: object): Promise<void> =>
  eventually(async () => expect(await resultsOf(id)).toMatchObject(expected), patience);

/** A policy for these tests, and its defaults again afterwards. */
async function sending(body: object) {
  await api.put('/v1/policies/campaign-sending', { body });
  await new Promise((resolve) => setTimeout(resolve, 5_100));
}

describe('a campaign', () => {
  let audience: Prepared;
  let sent: Json;
  beforeAll(async () => {
    audience = await prepared(12, {
      body: '<p>Hello <a href="https://shop.example/spring?a=1&amp;b=2">see</a> <a href="https://shop.example/offer">offer</a></p>',
    });
    const draft = await campaignOf(audience, { offerUrl: 'https://shop.example/offer' });
    expect(draft).toMatchObject({ status: 'draft', exclusions: [], arms: [] });
    expect(await api.post(`/v1/campaigns/${draft.id}/send`)).toMatchObject({ status: 'sending' });
    sent = await once(draft.id, 'sent');
  });

  it('is sent to everybody once, and its results add up', async () => {
    expect(sent.audience).toMatchObject({ recipients: 12, excluded: {} });
    for (const { email } of audience.made) expect(await mailsTo(email)).toHaveLength(1);
    await countedIn(sent.id, { recipients: 12, sent: 12, delivered: 12, skipped: {}, unknown: 0, failed: 0 });
    const first = await api.get(`/v1/campaigns/${sent.id}/recipients?state=sent&limit=5`);
    const rest = await api.get(`/v1/campaigns/${sent.id}/recipients?state=sent&cursor=${first.nextCursor}`);
    const all = [...first.data, ...rest.data].map(({ email }: Json) => email);
    expect(all.sort()).toEqual(audience.made.map(({ email }) => email).sort());
    expect(rest.nextCursor).toBeNull();
    expect((await processOf(sent.id, 'campaign-send', 'succeeded')).outcome).toBe('Sent');
  });

  it('unsubscribes by one click, twice if need be, without a redirect', async () => {
    const reader = audience.made[0]!;
    const [mail] = await mailsTo(reader.email);
    const { headers } = mail;
    expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    const [, url = '', mailto = ''] = /<(https?:[^>]+)>,\s*<(mailto:[^>]+)>/.exec(headers['list-unsubscribe']) ?? [];
    expect(mailto).toContain(`unsubscribe@${access.mailDomain}?subject=`);
    expect((await fetch(url)).status).toBe(200);
    const { consents: before } = await api.get(`/v1/contacts/${reader.contactId}/consents`);
    expect(before).toMatchObject([{ topic: audience.topic, status: 'granted' }]);
    for (const _ of [1, 2]) {
      const body = 'List-Unsubscribe=One-Click';
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await fetch(url, { method: 'POST', body, headers, redirect: 'error' });
      expect(answer.status).toBe(200);
    }
    const { consents } = await api.get(`/v1/contacts/${reader.contactId}/consents`);
    expect(consents).toMatchObject([{ topic: audience.topic, status: 'withdrawn', source: 'link' }]);
    await countedIn(sent.id, { unsubscribed: 1 });
  });

  it('leads a click on to the address that was written and to no other, and knows a person from a program', async () => {
    const reader = audience.made[1]!;
    const [mail] = await mailsTo(reader.email);
    const see = linksIn(mail).get('see')!;
    const follow = (url: string, init: RequestInit = {}) => fetch(url, { redirect: 'manual', ...init });
    await follow(see, { method: 'HEAD' });
    await follow(see, { headers: { 'sec-purpose': 'prefetch' } });
    await follow(see, { headers: { 'user-agent': 'Googlebot/2.1' } });
    expect(await resultsOf(sent.id)).toMatchObject({ clicked: { all: 1, human: 0 } });
    // Who clicks within two seconds of the mail is none of us: a person comes later.
    await eventually(async () => {
      const answer = await follow(see, { headers: { 'user-agent': 'Mozilla/5.0 Firefox/150.0' } });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://shop.example/spring?a=1&b=2']);
      expect(await resultsOf(sent.id)).toMatchObject({ clicked: { all: 1, human: 1 } });
    });
    expect((await follow(`${see.slice(0, -4)}AAAA`)).status).toBe(410);
    const { data } = await api.get(`/v1/activities?recordId=${reader.contactId}`);
    expect(data).toMatchObject([{ kind: 'email', direction: 'inbound', subject: `Clicked in ${audience.name}` }]);
  });

  it('makes one lead of whoever clicks the offer, and counts what comes of it', async () => {
    const reader = audience.made[2]!;
    const offer = linksIn((await mailsTo(reader.email))[0]!).get('offer')!;
    const click = () => fetch(offer, { redirect: 'manual', headers: { 'user-agent': 'Mozilla/5.0' } });
    const leadsOf = async (): Promise<Json[]> => {
      const { data } = await api.get(`/v1/leads?accountId=${reader.accountId}`);
      return data.filter(({ contactId }: Json) => contactId === reader.contactId);
    };
    await eventually(async () => {
      await click();
      expect(await leadsOf()).toHaveLength(1);
    });
    await click();
    const own = await leadsOf();
    expect(own).toMatchObject([{ source: 'campaign', campaignId: sent.id, email: reader.email }]);
    await api.post(`/v1/leads/${own[0].id}/qualify`);
    await api.post(`/v1/leads/${own[0].id}/convert`, { opportunity: { name: 'Spring' } });
    await countedIn(sent.id, { leads: 1, opportunities: 1 });
  });

  it('takes in a report on one of its mails that comes as a mail, of who got that one', async () => {
    const [reader, other] = [audience.made[3]!, audience.made[4]!];
    const messageId = (await mailsTo(reader.email))[0].headers['message-id'];
    const reportOn = (email: string) =>
      write({
        envelope: { from: '', to: desk('crm') },
        from: 'mailer-daemon@mx.example',
        to: desk('crm'),
        subject: 'Undelivered Mail Returned to Sender',
        text: `Delivery has failed to these recipients:\n\n${email}\n550 5.1.1 user unknown\n\nMessage-ID: ${messageId}\n`,
      });
    const suppressed = async (email: string) => (await api.get(`/v1/suppressions?email=${email}`)).data.length;
    expect((await became(await reportOn(other.email))).recordId).toBeUndefined();
    expect(await became(await reportOn(reader.email))).toMatchObject({
      ...{ status: 'bounce', threadId: sent.id, recordId: reader.contactId },
    });
    await countedIn(sent.id, { bounced: 1 });
    expect([await suppressed(reader.email), await suppressed(other.email)]).toEqual([1, 0]);
  });
});

describe('what readers write back', () => {
  let audience: Prepared;
  let id: string;
  beforeAll(async () => {
    audience = await prepared(2);
    ({ id } = await campaignOf(audience, { cost: { amount: 10_000, currency: 'EUR' } }));
    await api.post(`/v1/campaigns/${id}/send`);
    await once(id, 'sent');
  });

  it('is an activity of who wrote it, and counts; the report of campaigns follows', async () => {
    const { email, contactId } = audience.made[0]!;
    const [mail] = await mailsTo(email);
    const inReplyTo = mail.headers['message-id'];
    const messageId = await write({
      from: email,
      to: desk('crm'),
      subject: 'Re: Spring',
      text: 'Please call',
      inReplyTo,
    });
    expect(await became(messageId)).toMatchObject({ status: 'activity', contactId, threadId: id });
    await countedIn(id, { replied: 1 });
    await eventually(async () => {
      const { rows } = await api.get('/v1/reports/campaigns?by=campaign');
      const row = rows.find(({ key }: Json) => key === id);
      expect(row).toEqual({
        key: id,
        label: audience.name,
        sent: 2,
        clicked: 0,
        replied: 1,
        leads: 0,
        revenue: 0,
        cost: 10_000,
        roi: -1,
      });
    }, patience);
  });

  it('to unsubscribe@ ends the topic for them', async () => {
    const { email, contactId } = audience.made[1]!;
    const [mail] = await mailsTo(email);
    const [, subject = ''] = /mailto:unsubscribe@[^?]+\?subject=([^>]+)>/.exec(mail.headers['list-unsubscribe']) ?? [];
    const messageId = await write({ from: email, to: desk('unsubscribe'), subject, text: '' });
    expect(await became(messageId)).toMatchObject({ status: 'activity', contactId, threadId: contactId });
    const { consents } = await api.get(`/v1/contacts/${contactId}/consents`);
    expect(consents).toMatchObject([{ topic: audience.topic, status: 'withdrawn' }]);
    await countedIn(id, { unsubscribed: 1 });
    expect(
      (await became(await write({ from: email, to: desk('unsubscribe'), subject: 'please' }))).openTaskId,
    ).toBeDefined();
  });
});

describe('who gets a campaign', () => {
  it('is whoever agreed and is neither excluded nor suppressed, each in one arm', async () => {
    const audience = await prepared(40);
    const [without, gone, left] = audience.made;
    await api.put(`/v1/contacts/${without!.contactId}/consents`, {
      consents: [{ topic: audience.topic, channel: 'email', status: 'withdrawn' }],
    });
    await api.post('/v1/suppressions', { email: gone!.email });
    const arms = [
      { key: 'a', share: 50, templateId: audience.templateId },
      { key: 'b', share: 50, templateId: audience.templateId },
    ];
    const { id } = await campaignOf(audience, { arms, exclusions: [left!.contactId] });
    await api.post(`/v1/campaigns/${id}/send`);
    const campaign = await once(id, 'sent');
    const skipped = { 'consent.missing': 1, excluded: 1, suppressed: 1 };
    expect(campaign.audience).toMatchObject({ recipients: 40, excluded: skipped });
    const results = await resultsOf(id);
    expect(results).toMatchObject({ recipients: 40, sent: 37, skipped });
    expect(results.arms.a.sent + results.arms.b.sent).toBe(37);
    const { data } = await api.get(`/v1/campaigns/${id}/recipients?state=skipped`);
    expect(data).toHaveLength(3);
    expect(data).toContainEqual(
      expect.objectContaining({ contactId: without!.contactId, state: 'skipped', reason: 'consent.missing' }),
    );
    // The cap of three days: nobody of them hears from marketing again so soon.
    const again = await campaignOf(audience);
    await api.post(`/v1/campaigns/${again.id}/send`);
    await once(again.id, 'sent');
    expect(await resultsOf(again.id)).toMatchObject({ sent: 1, skipped: { frequencyCap: 37 } });
  });

  it('waits for the end of quiet hours', async () => {
    // A zone in which it is three in the morning now, or four.
    const hours = (new Date().getUTCHours() - 3 + 24) % 24;
    const timeZone = hours <= 12 ? `Etc/GMT+${hours}` : `Etc/GMT-${24 - hours}`;
    const audience = await prepared(3, { timeZone });
    const { id } = await campaignOf(audience);
    await api.post(`/v1/campaigns/${id}/send`);
    const waiting = await processOf(id, 'campaign-send', 'waiting');
    const campaign = await api.get(`/v1/campaigns/${id}`);
    expect(campaign.status).toBe('sending');
    expect(Date.parse(campaign.nextStepAt) - Date.now()).toBeGreaterThan(3 * 3_600_000);
    expect(waiting.dueAt).toBe(campaign.nextStepAt);
    expect(await resultsOf(id)).toMatchObject({ queued: 3, sent: 0 });
    expect(await api.post(`/v1/campaigns/${id}/cancel`)).toMatchObject({ status: 'cancelled' });
    expect((await processOf(id, 'campaign-send', 'succeeded')).outcome).toBe('Cancelled');
  });
});

describe('people and the breaker', () => {
  beforeAll(() =>
    sending({
      mailsPerSecond: 10,
      batch: 10,
      breaker: { bounceRate: 0.02, complaintRate: 0.0005, window: 'PT1H', leastSent: 20 },
    }),
  );
  afterAll(() => sending({}));

  it('schedule, pause, resume: nothing goes out while it rests', async () => {
    const audience = await prepared(40);
    const { id } = await campaignOf(audience);
    await expect(api.post(`/v1/campaigns/${id}/pause`)).rejects.toMatchObject({ status: 409 });
    const sendAt = new Date(Date.now() + 3_000).toISOString();
    expect(await api.post(`/v1/campaigns/${id}/schedule`, { sendAt })).toMatchObject({ status: 'scheduled', sendAt });
    await processOf(id, 'campaign-send', 'waiting');
    await eventually(async () => expect((await resultsOf(id)).sent).toBeGreaterThan(5), patience);
    expect(await api.post(`/v1/campaigns/${id}/pause`)).toMatchObject({ status: 'paused' });
    await processOf(id, 'campaign-send', 'waiting');
    const { sent, sending: claimed } = await resultsOf(id);
    expect(claimed).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect((await resultsOf(id)).sent).toBe(sent);
    expect(sent).toBeLessThan(40);
    await api.post(`/v1/campaigns/${id}/resume`);
    await once(id, 'sent');
    expect(await resultsOf(id)).toMatchObject({ sent: 40 });
    for (const { email } of audience.made) expect(await mailsTo(email)).toHaveLength(1);
  });

  it('is stopped where too much comes back, and a person decides', async () => {
    const bad = unique('bad').toLowerCase();
    const emails = Array.from({ length: 80 }, (_, n) =>
      n % 3 ? `${bad}-${n}@readers.example` : `bounce+${bad}${n}@simulator.amazonses.com`,
    );
    const { id } = await campaignOf(await prepared(0, { emails }));
    await api.post(`/v1/campaigns/${id}/send`);
    const stopped = await once(id, 'paused');
    expect(stopped.paused).toMatchObject({
      by: 'breaker',
      reason: expect.stringMatching(/^\d+ of \d+ mails came back$/),
    });
    expect((await processOf(id, 'campaign-send', 'succeeded')).outcome).toBe('Stopped by breaker');
    const { sent } = await resultsOf(id);
    expect(sent).toBeLessThan(80);
    const { data } = await api.get(`/v1/tasks?recordId=${id}`);
    expect(data).toMatchObject([{ status: 'open', actions: [{ key: 'resume' }, { key: 'cancel' }] }]);
    await api.post(`/v1/tasks/${data[0].id}/complete`, { action: 'cancel' });
    expect(await api.get(`/v1/campaigns/${id}`)).toMatchObject({ status: 'cancelled' });
  });
});

describe('what came of a campaign', () => {
  const eur = (amount: number) => ({ amount, currency: 'EUR' });
  let audience: Prepared;
  const drafts = async (): Promise<[string, string]> => {
    audience ??= await prepared(1);
    const [{ id: p }, { id: q }] = [await campaignOf(audience), await campaignOf(audience)];
    return [p, q];
  };
  const cameOf = async (...ids: string[]) =>
    (await Promise.all(ids.map(resultsOf))).map(({ leads, opportunities, revenue }) => [
      leads,
      opportunities,
      revenue.amount,
    ]);
  const comesTo = (ids: string[], expected: number[][]) =>
    eventually(async () => expect(await cameOf(...ids)).toEqual(expected), patience);

  it('is what its leads and opportunities are now, also where they are archived and brought back', async () => {
    const [p, q] = await drafts();
    const lead = await api.post('/v1/leads', { email: `${unique('jo')}@acme.example`, campaignId: p });
    await api.post(`/v1/leads/${lead.id}/qualify`);
    const { opportunityId } = await api.post(`/v1/leads/${lead.id}/convert`, { opportunity: { name: 'Desks' } });
    await comesTo(
      [p, q],
      [
        [1, 1, 0],
        [0, 0, 0],
      ],
    );
    await api.patch(`/v1/opportunities/${opportunityId}`, { campaignId: q });
    await comesTo(
      [p, q],
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    );
    await api.post(`/v1/leads/${lead.id}/undo-convert`);
    await comesTo(
      [p, q],
      [
        [1, 0, 0],
        [0, 0, 0],
      ],
    );
    await api.delete(`/v1/leads/${lead.id}`);
    await comesTo(
      [p, q],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
    await api.post(`/v1/leads/${lead.id}/restore`);
    await comesTo(
      [p, q],
      [
        [1, 0, 0],
        [0, 0, 0],
      ],
    );
  });

  it('goes with an opportunity to another campaign, with what was invoiced and is credited', async () => {
    const [p, q] = await drafts();
    const product = await api.post('/v1/products', { sku: unique('CMP-'), name: 'Chair', price: eur(10_000) });
    const account = await api.post('/v1/accounts', {
      name: unique('Acme '),
      billingAddress: { street: 'Road 1', city: 'Berlin', country: 'DE' },
    });
    const contact = await api.post('/v1/contacts', { accountId: account.id, emails: [`${unique('jo')}@acme.example`] });
    const { id } = await api.post('/v1/opportunities', {
      ...{ accountId: account.id, contactIds: [contact.id], name: unique('Sale '), campaignId: p },
    });
    const lines = [{ productId: product.id, quantity: '2' }];
    const quote = await api.post('/v1/quotes', { opportunityId: id, lines });
    for (const verb of ['submit', 'send']) await api.post(`/v1/quotes/${quote.id}/${verb}`);
    await api.post(`/v1/quotes/${quote.id}/accept`, { name: 'Jo' });
    const { orderId } = await api.get(`/v1/quotes/${quote.id}`);
    await api.post(`/v1/orders/${orderId}/fulfilments`, { lines: [{ lineId: '1', quantity: '2' }] });
    const invoice = await eventually(async () => {
      const [found] = (await api.get(`/v1/invoices?orderId=${orderId}`)).data;
      if (!found || found.status === 'draft') throw new Error('Nothing is invoiced yet');
      return found;
    }, patience);
    await comesTo(
      [p, q],
      [
        [0, 1, 20_000],
        [0, 0, 0],
      ],
    );
    await api.patch(`/v1/opportunities/${id}`, { campaignId: q });
    await comesTo(
      [p, q],
      [
        [0, 0, 0],
        [0, 1, 20_000],
      ],
    );
    await api.post(`/v1/invoices/${invoice.id}/credit-notes`, { amount: invoice.totals.gross, reason: 'Returned' });
    await comesTo(
      [p, q],
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
    );
    await api.patch(`/v1/opportunities/${id}`, { campaignId: null });
    await comesTo(
      [p, q],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
  });
});
