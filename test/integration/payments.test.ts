import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { standardHeaders, stripeHeaders, timestampedHeaders } from '../support/signatures.ts';
import { access, api, processOf, unique } from '../support/stack.ts';
import { send } from '../support/webhooks.ts';
import { type CardPayment, cardPayment, told } from '../unit/commerce/stripe-events.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });

/** A customer who owes `net` and 19 % tax, by default 119.00. */
async function issued(net = 10_000, account?: Json): Promise<{ invoice: Json; email: string; account: Json }> {
  const name = unique('payer');
  const email = `jo@${name}.example`;
  const customer = account ?? (await api.post('/v1/accounts', { name }));
  if (!account) await api.post('/v1/contacts', { accountId: customer.id, firstName: 'Jo', emails: [email] });
  const lines = [{ description: 'Fan', quantity: '1', unitPrice: eur(net) }];
  const draft = await api.post('/v1/invoices', { accountId: customer.id, lines });
  return { invoice: await api.post(`/v1/invoices/${draft.id}/issue`), email, account: customer };
}
const invoiceIs = (id: string, holds: object): Promise<Json> =>
  eventually(async () => {
    const invoice = await api.get(`/v1/invoices/${id}`);
    expect(invoice).toMatchObject(holds);
    return invoice;
  });
const paymentCalled = (reference: string): Promise<Json> =>
  eventually(async () => {
    const { data } = await api.get(`/v1/payments?reference=${reference}`);
    if (data.length !== 1) throw new Error(`${data.length} payments are called ${reference}`);
    return data[0];
  });
/** What became of an event once something has. */
const applied = (id: unknown, status = 'applied'): Promise<Json> =>
  eventually(async () => {
    const event = await api.get(`/v1/payment-events/${String(id)}`);
    expect(event.status, JSON.stringify(event.reasons)).toBe(status);
    return event;
  });
const taken = async (event: object, provider = 'stripe', headers?: Record<string, string>): Promise<unknown> => {
  const { status, body } = await send(provider, event, headers);
  expect(status, JSON.stringify(body)).toBe(202);
  return body['id'];
};
const tasksOf = async (recordId: string): Promise<Json[]> =>
  (await api.get(`/v1/tasks?recordId=${recordId}&status=open`)).data;
const paysFor = async (invoice: Json, payment: CardPayment) =>
  applied(await taken(told.session(payment, { client_reference_id: invoice.id })));

describe('a payment that a provider tells of', () => {
  it('settles the invoice that it names, and is one payment however often and by how many events it is told', async () => {
    const { invoice } = await issued();
    const payment = cardPayment(11_900);
    const events = [
      told.session(payment, { client_reference_id: invoice.id }),
      told.intent(payment),
      told.charge(payment),
    ];
    const ids = await Promise.all([...events, ...events, ...events].map((event) => taken(event)));
    expect(new Set(ids).size).toBe(3);
    await Promise.all(ids.map((id) => applied(id)));
    const paid = await invoiceIs(invoice.id, { status: 'paid', totals: { paid: eur(11_900), open: eur(0) } });
    const { data } = await api.get(`/v1/payments?invoiceId=${paid.id}`);
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      accountId: invoice.accountId,
      amount: eur(11_900),
      unapplied: eur(0),
      method: 'card',
    });
    expect(await paymentCalled(payment.charge)).toMatchObject({ id: data[0].id });
    expect(await processOf(invoice.id, 'collection', 'succeeded')).toMatchObject({ outcome: 'Paid' });
  });

  it.each([
    ['its number in the text', (invoice: Json) => ({ description: `Invoice ${invoice.number}, thank you` })],
    ['its number in the metadata', (invoice: Json) => ({ metadata: { invoice: invoice.number } })],
    ['its number as the reference', (invoice: Json) => ({ client_reference_id: invoice.number })],
  ])('finds the invoice by %s', async (_, hint) => {
    const { invoice } = await issued();
    await applied(await taken(told.session(cardPayment(5000), hint(invoice))));
    await invoiceIs(invoice.id, { status: 'partlyPaid', totals: { paid: eur(5000), open: eur(6900) } });
  });

  it('finds the one open invoice of its customer over exactly the amount, and guesses nothing else', async () => {
    const { invoice, email, account } = await issued();
    const { invoice: other } = await issued(20_000, account);
    await applied(await taken(told.intent(cardPayment(23_800), { receipt_email: email.toUpperCase() })));
    await invoiceIs(other.id, { status: 'paid' });
    const guess = cardPayment(10_000);
    await applied(await taken(told.intent(guess, { receipt_email: email })));
    const unapplied = await paymentCalled(guess.intent);
    expect(unapplied).toMatchObject({ accountId: account.id, unapplied: eur(10_000), allocations: [] });
    const [task] = await eventually(async () => {
      const tasks = await tasksOf(unapplied.id);
      expect(tasks).toHaveLength(1);
      return tasks;
    });
    expect(task.actions.map(({ key }: Json) => key)).toEqual(['allocate', 'refund', 'done']);
    await api.post(`/v1/tasks/${task.id}/complete`, { action: 'allocate', note: ` ${invoice.number} ` });
    await invoiceIs(invoice.id, { status: 'partlyPaid', totals: { paid: eur(10_000) } });
    expect(await api.get(`/v1/payments/${unapplied.id}`)).toMatchObject({ unapplied: eur(0) });
  });

  it('of nobody we know is kept for a person, who says what it is for', async () => {
    const payment = cardPayment(11_900);
    await applied(
      await taken(told.charge(payment, { billing_details: { email: `${unique('who')}@nowhere.example` } })),
    );
    const unapplied = await paymentCalled(payment.intent);
    expect(unapplied.accountId).toBeUndefined();
    const listed = await eventually(async () => {
      const { data } = await api.get('/v1/payments?unapplied=true');
      expect(data.map(({ id }: Json) => id)).toContain(unapplied.id);
      return data;
    });
    expect(listed.every(({ unapplied: { amount } }: Json) => amount > 0)).toBe(true);
    const { invoice } = await issued();
    const [task] = await tasksOf(unapplied.id);
    const done = await api.post(`/v1/payments/${unapplied.id}/allocate`, { invoiceId: invoice.id });
    expect(done).toMatchObject({ accountId: invoice.accountId, unapplied: eur(0) });
    expect(await api.get(`/v1/tasks/${task.id}`)).toMatchObject({ status: 'done', completed: { action: 'allocate' } });
    await invoiceIs(invoice.id, { status: 'paid' });
  });

  it('over more than is open leaves the rest to a person', async () => {
    const { invoice } = await issued();
    const payment = cardPayment(12_000);
    await paysFor(invoice, payment);
    await invoiceIs(invoice.id, { status: 'paid' });
    const found = await paymentCalled(payment.intent);
    expect(found).toMatchObject({ unapplied: eur(100), openTaskId: expect.any(String) as string });
    await api.post(`/v1/tasks/${found.openTaskId}/complete`, { action: 'refund', note: 'Sent back' });
    expect(await api.get(`/v1/payments/${found.id}`)).toMatchObject({
      unapplied: eur(0),
      refunded: eur(100),
      status: 'received',
    });
    await invoiceIs(invoice.id, { status: 'paid' });
  });

  it('in another currency than the invoice is for a person', async () => {
    const { invoice } = await issued();
    const payment = cardPayment(11_900, 'usd');
    await paysFor(invoice, payment);
    expect(await paymentCalled(payment.intent)).toMatchObject({
      unapplied: { amount: 11_900, currency: 'USD' },
      accountId: invoice.accountId,
    });
    await invoiceIs(invoice.id, { status: 'issued' });
  });

  it('names its invoice in a later event', async () => {
    const { invoice } = await issued();
    const payment = cardPayment(11_900);
    await applied(await taken(told.intent(payment)));
    expect(await paymentCalled(payment.intent)).toMatchObject({ unapplied: eur(11_900) });
    await paysFor(invoice, payment);
    await invoiceIs(invoice.id, { status: 'paid' });
    const found = await paymentCalled(payment.session.length > 0 ? payment.intent : '');
    expect(found).toMatchObject({ unapplied: eur(0), accountId: invoice.accountId });
    expect(await tasksOf(found.id)).toEqual([]);
  });

  it('is one with what somebody notes at the same time under its reference', async () => {
    const { invoice } = await issued();
    const payment = cardPayment(11_900);
    const noting = api
      .post(`/v1/invoices/${invoice.id}/payments`, { amount: eur(11_900), method: 'card', reference: payment.intent })
      .catch(({ body }: { body: Json }) => body);
    const [noted, id] = await Promise.all([noting, taken(told.session(payment, { client_reference_id: invoice.id }))]);
    expect(noted.createdId ?? noted.code).toMatch(/^pay_|record\.duplicate/);
    await applied(id);
    expect(await paymentCalled(payment.intent)).toMatchObject({ amount: eur(11_900), unapplied: eur(0) });
    await invoiceIs(invoice.id, { status: 'paid', totals: { paid: eur(11_900) } });
  });

  it('comes twenty times at once for one invoice: as much as is open is taken, the rest is unapplied', async () => {
    const { invoice } = await issued();
    const payments = Array.from({ length: 20 }, () => cardPayment(1000));
    const ids = await Promise.all(
      payments.map((payment) => taken(told.session(payment, { client_reference_id: invoice.id }))),
    );
    await eventually(() => Promise.all(ids.map((id) => applied(id))), 100_000);
    await invoiceIs(invoice.id, { status: 'paid', totals: { paid: eur(11_900) } });
    const found = await Promise.all(payments.map(({ intent }) => paymentCalled(intent)));
    const unapplied = found.reduce((sum, payment) => sum + payment.unapplied.amount, 0);
    expect(unapplied).toBe(20_000 - 11_900);
  });
});

describe('what comes after', () => {
  it('a refund reopens the invoice, and may come before its payment', async () => {
    const { invoice } = await issued();
    const payment = cardPayment(11_900);
    const early = await taken(told.refunded(payment, 1900));
    expect(await applied(early, 'parked')).toMatchObject({ reasons: [expect.stringContaining(payment.charge)] });
    await paysFor(invoice, payment);
    await applied(early);
    const partly = await invoiceIs(invoice.id, {
      status: 'partlyPaid',
      totals: { paid: eur(10_000), open: eur(1900) },
    });
    expect(partly.nextStepAt).toBe(invoice.nextStepAt);
    await applied(await taken(told.refunded(payment, 11_900)));
    await applied(await taken(told.refunded(payment, 1900)));
    await invoiceIs(invoice.id, { status: 'issued', totals: { paid: eur(0), open: eur(11_900) } });
    expect(await paymentCalled(payment.intent)).toMatchObject({ status: 'refunded', refunded: eur(11_900) });
    await processOf(invoice.id, 'collection', 'waiting');
  });

  it('a dispute holds the invoice until it is lost, which it then stays; won, it is paid again', async () => {
    for (const end of ['lost', 'won'] as const) {
      const { invoice } = await issued();
      const payment = cardPayment(11_900);
      await paysFor(invoice, payment);
      await invoiceIs(invoice.id, { status: 'paid' });
      await applied(await taken(told.dispute('created', payment, `dp_${payment.intent}`, 11_900, 'needs_response')));
      const disputed = await invoiceIs(invoice.id, { status: 'issued', disputed: true, totals: { open: eur(11_900) } });
      expect(await tasksOf(invoice.id)).toMatchObject([{ dueAt: '2030-03-17T17:46:40.000Z', priority: 'high' }]);
      expect(await processOf(invoice.id, 'collection', 'waiting')).toMatchObject({ dueAt: disputed.nextStepAt });
      await applied(await taken(told.dispute('closed', payment, `dp_${payment.intent}`, 11_900, end)));
      await applied(
        await taken(told.dispute('funds_withdrawn', payment, `dp_${payment.intent}`, 11_900, 'needs_response')),
      );
      const after = await invoiceIs(invoice.id, { status: end === 'won' ? 'paid' : 'issued', disputed: false });
      expect(after.nextStepAt).toBe(end === 'won' ? undefined : invoice.nextStepAt);
      expect(await paymentCalled(payment.intent)).toMatchObject({ status: end === 'won' ? 'received' : 'refunded' });
      expect(await tasksOf(invoice.id)).toEqual([]);
    }
  });

  it('a failed payment is noted at its invoice and moves nothing', async () => {
    const { invoice } = await issued();
    const payment = cardPayment(11_900);
    await applied(await taken(told.failed(payment, { metadata: { invoice_id: invoice.id } })));
    const { data } = await eventually(async () => {
      const page = await api.get(`/v1/activities?recordId=${invoice.id}`);
      expect(page.data).toHaveLength(1);
      return page;
    });
    expect(data[0]).toMatchObject({
      kind: 'note',
      subject: 'A payment over €119.00 failed',
      body: expect.stringContaining('declined') as string,
    });
    expect(await api.get(`/v1/invoices/${invoice.id}`)).toMatchObject({ version: invoice.version });
  });

  it('a parked event is let be by a person, or looked at again', async () => {
    const id = await taken(told.refunded(cardPayment(100), 100));
    await applied(id, 'parked');
    await expect(api.post(`/v1/payment-events/${String(id)}/retry`)).rejects.toThrow('record.wrongState');
    expect(await api.post(`/v1/payment-events/${String(id)}/ignore`, { note: 'An old shop' })).toMatchObject({
      status: 'ignored',
      reasons: ['An old shop'],
    });
  });
});

describe('the address', () => {
  const body = (event: object) => JSON.stringify(event);
  const generic = (invoice: Json, reference: string) => ({
    type: 'payment.succeeded',
    timestamp: new Date().toISOString(),
    data: { reference, amount: 11_900, currency: 'EUR', invoice: invoice.number, method: 'transfer' },
  });
  it('takes a generic provider by either of its signatures', async () => {
    const [secret] = access.intakeSecrets.generic;
    const { invoice } = await issued();
    const event = generic(invoice, unique('BANK-'));
    const id = await taken(event, 'generic', standardHeaders(body(event), secret, unique('msg_')));
    await applied(id);
    await invoiceIs(invoice.id, { status: 'paid' });
    const { invoice: other } = await issued();
    const second = { ...generic(other, unique('BANK-')), id: unique('evt') };
    await applied(await taken(second, 'generic', timestampedHeaders(body(second), secret)));
    await invoiceIs(other.id, { status: 'paid' });
  });

  it('takes two hundred genuine ones, and none of two hundred that are forged', async () => {
    const events = Array.from({ length: 200 }, () => ({ ...told.intent(cardPayment(1)), type: 'customer.updated' }));
    const answers = { genuine: new Set<number>(), forged: new Set<number>() };
    for (let n = 0; n < events.length; n += 10)
      await Promise.all(
        events.slice(n, n + 10).map(async (event, m) => {
          const headers = stripeHeaders(JSON.stringify(event), access.intakeSecrets.stripe[0]);
          const forged =
            m % 2 ? await send('stripe', { ...event, livemode: true }, headers) : await send('generic', event, headers);
          answers.forged.add(forged.status);
          answers.genuine.add((await send('stripe', event, headers)).status);
        }),
      );
    expect([...answers.forged, ...answers.genuine]).toEqual([401, 202]);
  });

  const folder = join(import.meta.dirname, '../../../shared/data/webhooks/stripe');
  it.skipIf(!existsSync(folder))('takes real events of Stripe, and says what became of each', async () => {
    for (const file of globSync('*.json', { cwd: folder })) {
      const id = await taken(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object);
      await eventually(async () => {
        const { status, reasons } = await api.get(`/v1/payment-events/${String(id)}`);
        expect(status, file).not.toBe('received');
        expect(reasons, file).not.toEqual([]);
      });
    }
  });

  it('acknowledges what is not about money', async () => {
    const id = await taken({ ...told.intent(cardPayment(1)), type: 'customer.created' });
    expect(await api.get(`/v1/payment-events/${String(id)}`)).toMatchObject({ status: 'ignored' });
  });

  it('believes no signature but the provider’s own, and says no more', async () => {
    const event = told.intent(cardPayment(1));
    for (const headers of [
      {},
      { 'stripe-signature': 't=1,v1=00' },
      standardHeaders(body(event), 'whsec_b3RoZXI=', 'msg_1'),
    ])
      expect(await send('stripe', event, headers)).toMatchObject({
        status: 401,
        body: { code: 'access.unauthenticated', detail: 'This is not signed by who you say you are' },
      });
    expect(await send('nobody', event)).toMatchObject({ status: 404, body: { code: 'route.notFound' } });
    expect(await send('stripe', { ...event, padding: 'x'.repeat(262_144) })).toMatchObject({ status: 413 });
  });
});
