import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { access, api, mailsTo, processOf, unique } from '../support/stack.ts';
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
});
