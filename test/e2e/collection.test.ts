import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { access, api, linksIn, mailsTo, processOf, unique } from '../support/stack.ts';
import { person } from './cast.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
let owner: Json;
beforeAll(async () => {
  owner = await person('agent');
});

/** A customer who owes 119.00. */
async function issued(): Promise<{ invoice: Json; email: string }> {
  const name = unique('acme');
  const email = `jo@${name}.example`;
  const account = await api.post('/v1/accounts', { name, ownerId: owner.id });
  await api.post('/v1/contacts', { accountId: account.id, firstName: 'Jo', emails: [email] });
  const lines = [{ description: 'Fan', quantity: '10', unitPrice: eur(1000) }];
  const draft = await api.post('/v1/invoices', { accountId: account.id, lines });
  return { invoice: await api.post(`/v1/invoices/${draft.id}/issue`), email };
}
const pay = (id: string, amount: number) =>
  api.post(`/v1/invoices/${id}/payments`, { amount: eur(amount), method: 'transfer', reference: unique('BANK-') });

describe('an issued invoice', () => {
  it('reaches the customer as a PDF, which a link leads to for a while', async () => {
    const { invoice, email } = await issued();
    const [mail] = await mailsTo(email, 1, `Invoice ${invoice.number}`);
    const raw = await (await fetch(`${access.mailboxUrl}/messages/${mail?.id}/raw`)).text();
    expect(raw).toContain(`${invoice.number}.pdf`);
    const headers = { authorization: `Bearer ${access.apiKey}` };
    const leads = await fetch(`${access.apiUrl}/v1/invoices/${invoice.id}/pdf`, { headers, redirect: 'manual' });
    expect(leads.status).toBe(302);
    const pdf = Buffer.from(await (await fetch(leads.headers.get('location')!)).arrayBuffer());
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('is waited for until it is paid or credited; taken back, it is waited for again', async () => {
    const { invoice } = await issued();
    const waiting = await processOf(invoice.id, 'collection', 'waiting');
    expect(waiting).toMatchObject({ dueAt: invoice.nextStepAt, waitsFor: expect.arrayContaining(['invoice.paid']) });
    await pay(invoice.id, 5000);
    const { createdId } = await pay(invoice.id, 6900);
    expect(await processOf(invoice.id, 'collection', 'succeeded')).toMatchObject({ outcome: 'Paid' });

    await api.post(`/v1/payments/${createdId}/refund`);
    expect(await processOf(invoice.id, 'collection', 'waiting')).toMatchObject({ dueAt: invoice.nextStepAt });
    await api.post(`/v1/invoices/${invoice.id}/credit-notes`, { reason: 'It hums' });
    const ends = await eventually(async () => {
      const { data } = await api.get(`/v1/processes?recordId=${invoice.id}`);
      const outcomes = data.map(({ outcome }: Json) => outcome);
      if (outcomes.includes(undefined)) throw new Error(`Still running: ${JSON.stringify(data)}`);
      return outcomes;
    });
    expect(ends).toEqual(['Credited', 'Paid']);
  });

  it('is paid on the page that its mail and its reminders lead to, and once, however often the button is pressed', async () => {
    const { invoice, email } = await issued();
    const [mail] = await mailsTo(email, 1, `Invoice ${invoice.number}`);
    const link = linksIn(mail as { html: string }).get('Pay now');
    expect(link).toBe(invoice.paymentUrl);
    expect(link).toMatch(`${access.mailboxUrl}/pay/${invoice.id}?amount=11900&currency=EUR`);
    const page = await (await fetch(link!)).text();
    expect(page).toContain('€119.00');
    const [, session = ''] = /name="session" value="([^"]+)"/.exec(page) ?? [];
    const press = async () => (await fetch(link!, { method: 'POST', body: new URLSearchParams({ session }) })).status;
    expect([await press(), await press()]).toEqual([200, 200]);
    expect(await processOf(invoice.id, 'collection', 'succeeded')).toMatchObject({ outcome: 'Paid' });
    const { data } = await api.get(`/v1/payments?invoiceId=${invoice.id}`);
    expect(data).toMatchObject([{ amount: eur(11_900), unapplied: eur(0), method: 'card' }]);

    // Another visit pays it again: that money waits for a person.
    expect((await fetch(link!, { method: 'POST' })).status).toBe(200);
    await eventually(async () => {
      const { data: tasks } = await api.get(`/v1/tasks?accountId=${invoice.accountId}&status=open`);
      expect(tasks.map(({ title }: Json) => title)).toEqual([expect.stringContaining('€119.00 of payment pi_')]);
    });
  });

  it('is not reminded of while it is disputed or promised, and its process waits on', async () => {
    const { invoice } = await issued();
    const waitsUntil = (instant: string) =>
      eventually(async () =>
        expect(await processOf(invoice.id, 'collection', 'waiting')).toMatchObject({ dueAt: instant }),
      );
    await waitsUntil(invoice.nextStepAt);
    const disputed = await api.post(`/v1/invoices/${invoice.id}/dispute`, { reason: 'Two are broken' });
    expect(disputed).toMatchObject({ status: 'issued', disputed: true });
    await waitsUntil(disputed.nextStepAt);
    const payOn = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    const promised = await api.post(`/v1/invoices/${invoice.id}/promise`, { payOn });
    expect(promised).toMatchObject({ disputed: false, promisedOn: payOn });
    expect(promised.nextStepAt.slice(0, 10)).toBe(payOn);
    await waitsUntil(promised.nextStepAt);
    const again = await api.post(`/v1/invoices/${invoice.id}/dispute`, { reason: 'And one is missing' });
    await waitsUntil(again.nextStepAt);
    await api.post(`/v1/invoices/${invoice.id}/settle-dispute`);
    await waitsUntil(invoice.nextStepAt);
  });
});
