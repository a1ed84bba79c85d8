import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { readers } from '../support/audience.ts';
import { eventually } from '../support/eventually.ts';
import { access, api, around, mailsTo, processOf, unique } from '../support/stack.ts';

const { store } = around();

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

const once = (id: string, status: string): Promise<Json> =>
  eventually(async () => {
    const found = await api.get(`/v1/campaigns/${id}`);
    if (found.status !== status)
      throw new Error(`${found.status}: ${JSON.stringify(await api.get(`/v1/campaigns/${id}/results`))}`);
    return found;
  }, 60_000);

describe('a campaign', () => {
  let audience: Prepared;
  beforeAll(async () => {
    audience = await prepared(25);
  });

  it('is sent to everybody once, and its results add up', async () => {
    const campaign = await campaignOf(audience);
    expect(campaign).toMatchObject({ status: 'draft', exclusions: [], arms: [] });
    await api.post(`/v1/campaigns/${campaign.id}/send`);
    const sent = await once(campaign.id, 'sent');
    expect(sent.audience).toMatchObject({ recipients: 25, excluded: {} });
    for (const { email } of audience.made) expect(await mailsTo(email)).toHaveLength(1);
    const results = await api.get(`/v1/campaigns/${campaign.id}/results`);
    expect(results).toMatchObject({ recipients: 25, sent: 25, skipped: {}, unknown: 0, failed: 0 });
    const { data } = await api.get(`/v1/campaigns/${campaign.id}/recipients?state=sent&limit=200`);
    expect(data.map(({ email }: Json) => email).sort()).toEqual(audience.made.map(({ email }) => email).sort());
    expect((await processOf(campaign.id, 'campaign-send', 'succeeded')).outcome).toBe('Sent');
    const [mail] = await mailsTo(audience.made[0]!.email);
    expect(mail.headers['list-unsubscribe']).toContain(`${access.apiUrl}/u/`);
  });
});
