import { setTimeout } from 'node:timers/promises';
import { type Client, client, type Json } from './client.ts';
import { issuedInvoice } from './sample-company.ts';
import type { Access } from './stack.ts';

type Tell = (text: string) => void;

/**
 * Takes one new lead through the whole lifecycle by the public surface alone: the API as an integrator has it, the links in mails as
 * people have them. Tells each step with what happened, which process moved, and how long it took. Answers the customer's account.
 */
export async function tellStory(access: Access, tell: Tell): Promise<string> {
  const api = client(access.apiUrl, access.apiKey);
  const mails = mailboxOf(access);
  const told = Date.now().toString(36);
  const step = stepsOf(tell);
  const jo = `jo.ruiz@acme-${told}.example`;
  const product = (await api.get('/v1/products?sku=DSK-200')).data[0];
  const users: Json[] = (await api.get('/v1/users?limit=200')).data;

  const lead = await step('A form is filled in: a lead is captured', () =>
    api.post('/v1/leads', {
      source: 'form',
      email: jo,
      firstName: 'Jo',
      lastName: 'Ruiz',
      company: `Acme ${told}`,
      phone: '+34 612 345 678',
      message: 'We need 20 standing desks',
      interests: ['DSK-200'],
      budget: { amount: 1_500_000, currency: 'EUR' },
    }),
  );
  tell(`         score ${lead.score.grade}: ${lead.score.reasons.join('; ')}`);
  const owner = await step('`lead-qualification` finds it an owner, who gets a mail', async () => {
    const assigned = await until(api, `/v1/leads/${lead.id}`, ({ status }) => status === 'assigned');
    return users.find(({ id }) => id === assigned.ownerId);
  });
  await step(`${owner.name} clicks Accept in the mail`, async () => {
    const mail = await mails.last(owner.email, 'New lead', `Acme ${told}`);
    await click(mail, 'Accept');
    return until(api, `/v1/leads/${lead.id}`, ({ status }) => status === 'working');
  });
  const asOwner = api.as(owner.id);
  await step('... and qualifies it from the to-do list', async () => {
    const { data } = await until(api, `/v1/tasks?recordId=${lead.id}&status=open`, ({ data: [task] }) => Boolean(task));
    return asOwner.post(`/v1/tasks/${data[0].id}/complete`, { action: 'qualify', note: 'Budget and date are known' });
  });
  const { opportunityId, accountId, contactId } = await step('The lead is converted', () =>
    asOwner.post(`/v1/leads/${lead.id}/convert`, {
      opportunity: { name: '20 standing desks', amount: { amount: 1_200_000, currency: 'EUR' }, closeOn: '2027-01-31' },
    }),
  );
  await ended(api, step, lead.id, 'lead-qualification');
  await step('The opportunity moves to discovery, then proposal', async () => {
    await asOwner.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'discovery' });
    return asOwner.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
  });
  const quote = await step('A quote with 15 % discount is submitted: it needs approval', async () => {
    const lines = [{ productId: product.id, quantity: '20', discountPercent: '15' }];
    const drafted = await asOwner.post('/v1/quotes', { opportunityId, lines });
    return asOwner.post(`/v1/quotes/${drafted.id}/submit`);
  });
  await step('The manager clicks Approve in the mail', async () => {
    const manager = users.find(({ id }) => id === quote.approverId);
    await click(await mails.last(manager.email, quote.number), 'Approve');
    return until(api, `/v1/quotes/${quote.id}`, ({ status }) => status === 'approved');
  });
  await ended(api, step, quote.id, 'quote-approval');
  await step(`The quote ${quote.number} is sent`, () => asOwner.post(`/v1/quotes/${quote.id}/send`));
  const accepted = await step('Jo accepts it on its page', async () => {
    await click(await mails.last(jo, quote.number), 'See and accept the quote', { action: 'accept', name: 'Jo Ruiz' });
    return until(api, `/v1/quotes/${quote.id}`, ({ status }) => status === 'accepted');
  });
  const order = await api.get(`/v1/orders/${accepted.orderId}`);
  const invoice = await step(`The order ${order.number} is delivered; \`order-to-cash\` invoices it`, async () => {
    await asOwner.post(`/v1/orders/${order.id}/fulfilments`, {
      lines: [{ lineId: order.lines[0].id, quantity: '20' }],
      carrier: 'DHL',
      tracking: 'X1',
    });
    return issuedInvoice(api, order.id);
  });
  await ended(api, step, order.id, 'order-to-cash');
  await step(`Jo gets invoice ${invoice.number} with its PDF`, async () => {
    const mail = await mails.last(jo, invoice.number);
    if (!mail.attachments?.length) throw new Error('The invoice has no PDF');
    return mail;
  });
  await step('Jo pays it by card, on the page that the mail leads to', async () => {
    await click(await mails.last(jo, invoice.number), 'Pay now');
    return until(api, `/v1/invoices/${invoice.id}`, ({ status }) => status === 'paid');
  });
  await ended(api, step, invoice.id, 'collection');
  const opened = await step('Something hums: a case is opened', () =>
    asOwner.post('/v1/cases', {
      accountId,
      contactId,
      subject: 'It hums',
      description: 'One desk hums when it rises.',
      kind: 'problem',
      priority: 'high',
      channel: 'email',
    }),
  );
  await step(`The case ${opened.number} is answered and resolved; Jo gets both mails`, async () => {
    await asOwner.post(`/v1/cases/${opened.id}/reply`, { body: 'We send somebody tomorrow.', public: true });
    await asOwner.post(`/v1/cases/${opened.id}/resolve`, { summary: 'Motor replaced.' });
    await mails.last(jo, opened.number);
  });
  const overview = await step('One customer on one page', () => api.get(`/v1/accounts/${accountId}/overview`));
  const { revenue, openReceivables } = overview.figures;
  tell(
    `         ${overview.account.name}: ${overview.account.stage}, revenue ${JSON.stringify(revenue)}, open ${JSON.stringify(openReceivables)}`,
  );
  for (const { workflow, state, dueAt } of overview.processes)
    tell(`         ${workflow}: ${state}${dueAt ? ` until ${dueAt}` : ''}`);
  return accountId;
}

type Step = <T>(name: string, does: () => Promise<T>) => Promise<T>;

const stepsOf =
  (tell: Tell): Step =>
  async (name, does) => {
    const startedAt = performance.now();
    const answer = await does();
    tell(`${name} (${Math.round(performance.now() - startedAt)} ms)`);
    return answer;
  };

async function ended(api: Client, step: Step, recordId: string, workflow: string): Promise<void> {
  await step(`         ... \`${workflow}\` has ended`, async () => {
    const page = await until(api, `/v1/processes?recordId=${recordId}`, ({ data }) =>
      data.some((process: Json) => process.workflow === workflow && process.state === 'succeeded'),
    );
    return page;
  });
}

/** Asks until the answer is as expected; says what it was if it never is. */
async function until(api: Client, path: string, holds: (answer: Json) => boolean): Promise<Json> {
  for (let n = 0; ; n++) {
    const answer = await api.get(path);
    if (holds(answer)) return answer;
    if (n === 300) throw new Error(`${path} stays ${JSON.stringify(answer).slice(0, 500)}`);
    await setTimeout(100);
  }
}

function mailboxOf({ mailboxUrl }: Access) {
  return {
    /** The newest mail to an address whose subject holds all words. */
    async last(to: string, ...words: string[]): Promise<Json> {
      for (let n = 0; ; n++) {
        const query = new URLSearchParams({ to, subject: words[0] ?? '', limit: '200' });
        const { data } = (await (await fetch(`${mailboxUrl}/messages?${query}`)).json()) as { data: Json[] };
        const found = data.findLast((mail) => words.every((word) => mail.subject.includes(word)));
        if (found) return found;
        if (n === 300) throw new Error(`No mail to ${to} about ${words.join(', ')}`);
        await setTimeout(100);
      }
    },
  };
}

/** What a person does: opens the link in the mail, and sends the form of its page. */
async function click(mail: Json, label: string, form: Record<string, string> = {}): Promise<void> {
  const links = [...String(mail.html).matchAll(/<a [^>]*href="([^"]+)"[^>]*>([^<]+)<\/a>/g)];
  const [, href = ''] = links.find(([, , text = '']) => text.trim() === label) ?? [];
  const url = href.replaceAll(/&(?:amp|#38);/g, '&');
  if (!url) throw new Error(`The mail "${mail.subject}" has no link ${label}`);
  const shown = await fetch(url);
  if (!shown.ok) throw new Error(`${label}: ${shown.status} ${await shown.text()}`);
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  if (!answer.ok) throw new Error(`${label}: ${answer.status} ${await answer.text()}`);
}
