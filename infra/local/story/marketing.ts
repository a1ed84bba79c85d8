import type { Json } from '../client.ts';
import { linkIn } from './person.ts';
import type { Customer } from './sale.ts';
import { aside, ended, type Telling, until } from './telling.ts';

/** A campaign to the customers who agreed to it. */
export async function mailCampaign(telling: Telling, { contactId }: Customer): Promise<void> {
  const { api, step, tell, person, jo, word, users } = telling;
  const asManager = api.as(users.find(({ role }) => role === 'manager').id);
  const rule = {
    all: [
      { fact: 'account.stage', is: 'customer' },
      { fact: 'contact.hasEmail', is: true },
    ],
  };
  const segment = await step('A segment: customers who can be written to', async () => {
    const made = await asManager.post('/v1/segments', { name: `Customers ${word}`, rule });
    return { ...made, preview: await asManager.post(`/v1/segments/${made.id}/preview`) };
  });
  aside(tell, `${segment.preview.count} of them; left out: ${figures(segment.preview.excluded)}`);
  const campaign = await step('A campaign goes out to them', async () => {
    const template = await asManager.post('/v1/templates', {
      name: `Chairs ${word}`,
      subject: '{{ contact.firstName }}, chairs to go with your desks',
      body: '<p>Hello {{ contact.firstName }},</p><p><a href="https://office.example/chairs">See the chairs</a></p>',
      topic: 'newsletter',
    });
    const draft = { name: `Chairs ${word}`, segmentIds: [segment.id], templateId: template.id, topic: 'newsletter' };
    const made = await asManager.post('/v1/campaigns', draft);
    await asManager.post(`/v1/campaigns/${made.id}/send`);
    return until(api, `/v1/campaigns/${made.id}`, ({ status }) => status === 'sent');
  });
  await ended(telling, campaign.id, 'campaign-send');
  await step('Jo clicks on the offer', async () => {
    const mail = await person.reads(jo, 'chairs to go with your desks');
    // A mail client looks at links as soon as it has a mail: that is no click of Jo's.
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
    await fetch(linkIn(mail, 'See the chairs'), { redirect: 'manual', headers: { 'user-agent': browser } });
    return until(api, `/v1/campaigns/${campaign.id}/results`, ({ clicked }) => clicked.human >= 1);
  });
  const { recipients, skipped, sent, delivered, clicked } = await api.get(`/v1/campaigns/${campaign.id}/results`);
  const opposite = figures(skipped);
  aside(
    tell,
    `${recipients} recipients, ${sent} sent, ${delivered} delivered, ${clicked.human} clicked; skipped: ${opposite}`,
  );
  const { data } = await api.get(`/v1/activities?accountId=${(await api.get(`/v1/contacts/${contactId}`)).accountId}`);
  aside(tell, `in Jo's thread: ${data[0]?.subject ?? 'nothing yet'}`);
}

/** What it all came to. */
export async function readReports({ api, step, tell }: Telling): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  const range = `from=${today.slice(0, 4)}-01-01&to=${today.slice(0, 4)}-12-31`;
  const funnel = await step('The funnel of this year, by source', () =>
    until(api, `/v1/reports/funnel?${range}&by=source`, ({ totals }) => totals.paid >= 1),
  );
  for (const { key, ...row } of funnel.rows) aside(tell, `${key}: ${figures(row)}`);
  const revenue = await step('Revenue of this year, by month', () => api.get(`/v1/reports/revenue?${range}&by=month`));
  for (const { key, ...row } of revenue.rows) aside(tell, `${key}: ${figures(row)} (${revenue.currency}, minor units)`);
}

const figures = (row: Json): string =>
  Object.entries(row as Record<string, unknown>)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ') || 'none';
