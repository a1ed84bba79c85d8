import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policies } from '../../../shared/catalogue/policies.ts';
import { taskActions } from '../../../shared/catalogue/task-actions.ts';
import { applyPaymentEvent, askAboutPaymentEvent, parkedOf } from '../../../shared/commerce/apply-payment-event.ts';
import { writeOffInvoice } from '../../../shared/commerce/collect-invoice.ts';
import { creditInvoice } from '../../../shared/commerce/credit-invoice.ts';
import { genericNotice } from '../../../shared/commerce/generic-notice.ts';
import { Invoice, InvoiceIssued } from '../../../shared/commerce/invoice.ts';
import { type Payment, takenFrom } from '../../../shared/commerce/payment.ts';
import { PaymentEvent, PaymentEventReceived } from '../../../shared/commerce/payment-event.ts';
import type { Json } from '../../../shared/commerce/payment-notice.ts';
import { allocatePayment, recordPayment } from '../../../shared/commerce/record-payment.ts';
import { refundPayment } from '../../../shared/commerce/refund-payment.ts';
import { stripeNotice } from '../../../shared/commerce/stripe-notice.ts';
import { idOfName } from '../../../shared/core/ids.ts';
import { changePolicy } from '../../../shared/platform/policy-commands.ts';
import type { Task } from '../../../shared/platform/task.ts';
import { completeTask } from '../../../shared/platform/task-commands.ts';
import { AccountCreated } from '../../../shared/sales/account.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';
import { accountId, eur, issued, line, now } from './an-invoice.ts';
import { type CardPayment, cardPayment, told } from './stripe-events.ts';

const card = cardPayment(12_000);
/** Everything that Stripe may tell of one payment over 120.00 of an invoice over 119.00; only the checkout names the invoice. */
const story = (invoice: Invoice, end: 'won' | 'lost' | undefined) => [
  told.session(card, { client_reference_id: invoice.id }),
  told.intent(card),
  told.charge(card),
  told.failed(card),
  told.refunded(card, 1500),
  told.refunded(card, 500),
  told.oneRefund(card, 're_1', 500),
  told.oneRefund(card, 're_2', 1000),
  told.dispute('created', card, 'dp_1', 9000, 'needs_response'),
  told.dispute('funds_withdrawn', card, 'dp_1', 9000, 'needs_response'),
  ...(end ? [told.dispute('closed', card, 'dp_1', 9000, end)] : []),
];

/** A table with invoices, and what the consumer of events does on it. */
async function world(...invoices: Invoice[]) {
  const table = new TableInMemory();
  const { store, policies } = table.around(() => now);
  const on = { now, actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  const does = async <I, A>(command: Command<I, A>, input: I, at = now) =>
    (await run(store, policies, { ...on, now: at }, command, input)).answer;
  await does(
    (crm) =>
      crm.commit([
        AccountCreated(undefined, { id: accountId, kind: 'organization', name: 'Acme', stage: 'customer' }),
        ...invoices.map((invoice) => InvoiceIssued(undefined, invoice)),
      ]),
    {},
  );
  const tell = async (event: Json & { id: string; type: string }, notice = stripeNotice(event)) => {
    const id = idOfName('pev', event.id);
    if (!(await store.find(PaymentEvent, id)))
      await does(
        (crm) =>
          crm.commit([
            PaymentEventReceived(undefined, {
              id,
              provider: 'stripe',
              eventId: event.id,
              type: event.type,
              rawKey: 'x',
              notice,
              status: 'received',
              reasons: [],
            }),
          ]),
        {},
      );
    await does(applyPaymentEvent, { id });
    for (const payment of table.of<Payment>('pay'))
      for (const parked of await parkedOf({ store }, payment)) await does(applyPaymentEvent, { id: parked });
  };
  return { table, store, does, tell };
}

async function endOf(issued: Invoice | Invoice[], events: readonly (Json & { id: string; type: string })[]) {
  const { table, store, tell } = await world(...[issued].flat());
  for (const event of events) await tell(event);
  const invoices = await Promise.all([issued].flat().map(({ id }) => store.load(Invoice, id)));
  const payments = table.of<Payment>('pay');
  for (const payment of payments) {
    const allocated = payment.allocations.reduce((sum, { amount }) => sum + amount.amount, 0);
    expect(allocated + payment.unapplied.amount + takenFrom(payment).amount).toBe(payment.amount.amount);
    expect(allocated).toBe(invoices.reduce((sum, { totals }) => sum + totals.paid.amount, 0));
  }
  for (const { totals } of invoices) expect(totals.paid.amount + totals.open.amount).toBe(totals.gross.amount);
  const left = payments.map((payment) => ({
    status: payment.status,
    unapplied: payment.unapplied,
    refunded: payment.refunded,
    disputes: payment.disputes,
    allocations: payment.allocations,
    names: [payment.reference, ...(payment.alsoKnownAs ?? [])].toSorted(),
    whose: payment.accountId,
  }));
  const parked = table
    .of<PaymentEvent>('pev')
    .filter((event) => event.status === 'parked' || event.status === 'received').length;
  const states = invoices.map(({ status, totals, disputed = false, nextStepAt }) => ({
    status,
    totals,
    disputed,
    nextStepAt,
  }));
  const tasks = table.of<Task>('tsk').filter(({ status }) => status === 'open').length;
  return { invoice: states[0]!, others: states.slice(1), left, parked, tasks };
}

const shuffled = (n: number) =>
  fc.shuffledSubarray(
    Array.from({ length: n * 2 }, (_, at) => at % n),
    { minLength: n * 2, maxLength: n * 2 },
  );

describe('the events of a payment', () => {
  const invoice = issued([line('1', '1', 10_000, 10_000)]);
  it.each([undefined, 'won', 'lost'] as const)(
    'come to the same in whatever order, however often: dispute %s',
    async (end) => {
      const events = story(invoice, end);
      const straight = await endOf(invoice, events);
      expect(straight.left).toHaveLength(1);
      expect(straight.parked).toBe(0);
      expect(straight.invoice.totals.paid.amount).toBe(end === 'won' ? 10_500 : 1500);
      expect(straight.invoice.disputed).toBe(end === undefined);
      await fc.assert(
        fc.asyncProperty(shuffled(events.length), async (order) => {
          expect(
            await endOf(
              invoice,
              order.map((at) => events[at]!),
            ),
          ).toEqual(straight);
        }),
        { numRuns: 150 },
      );
    },
  );

  it.each([undefined, 'won', 'lost'] as const)(
    'take the payment from what it was guessed to be for to what is named, in whatever order: dispute %s',
    async (end) => {
      const other = issued([line('1', '1', 12_000, 12_000, { taxCategory: 'zero' })]);
      const customer = { customer: accountId };
      const events = [
        told.session(card, { client_reference_id: invoice.id }),
        told.intent(card, customer),
        told.charge(card, customer),
        told.refunded(card, 500),
        told.dispute('created', card, 'dp_1', 9000, 'needs_response'),
        ...(end ? [told.dispute('closed', card, 'dp_1', 9000, end)] : []),
      ];
      const straight = await endOf([invoice, other], events);
      expect(straight.others).toMatchObject([{ status: 'issued', disputed: false }]);
      expect(straight.invoice.totals.paid.amount).toBe(end === 'won' ? 11_500 : 2500);
      await fc.assert(
        fc.asyncProperty(shuffled(events.length), async (order) => {
          expect(
            await endOf(
              [invoice, other],
              order.map((at) => events[at]!),
            ),
          ).toEqual(straight);
        }),
        { numRuns: 100 },
      );
    },
  );

  it('leave what was guessed alone where it is named too, or a person has said so', async () => {
    const other = issued([line('1', '1', 12_000, 12_000, { taxCategory: 'zero' })]);
    const guess = told.intent(card, { customer: accountId });
    const { table, tell } = await world(invoice, other);
    await tell(guess);
    expect(table.of<Payment>('pay')).toMatchObject([{ guessed: true, allocations: [{ invoiceId: other.id }] }]);
    await tell(told.session(card, { client_reference_id: other.id }));
    await tell(told.charge(card, { metadata: { invoice: invoice.id } }));
    expect(table.of<Payment>('pay')).toMatchObject([{ allocations: [{ invoiceId: other.id, amount: eur(12_000) }] }]);
    expect(table.of<Payment>('pay')[0]).not.toHaveProperty('guessed');
  });

  it('ask a person where what they name instead wants nothing', async () => {
    const other = issued([line('1', '1', 12_000, 12_000, { taxCategory: 'zero' })]);
    const { table, store, tell } = await world({ ...invoice, status: 'credited' }, other);
    await tell(told.intent(card, { customer: accountId }));
    await tell(told.session(card, { client_reference_id: invoice.id }));
    expect(table.of<Payment>('pay')).toMatchObject([{ allocations: [], unapplied: eur(12_000) }]);
    expect(await store.load(Invoice, other.id)).toMatchObject({ status: 'issued', totals: { open: eur(12_000) } });
    expect(table.of<Task>('tsk')).toMatchObject([{ status: 'open', recordId: table.of<Payment>('pay')[0]!.id }]);
  });

  it('leave a task for what is left, by either door', async () => {
    for (const door of ['verb', 'task']) {
      const { table, does, tell } = await world(invoice);
      await tell(told.intent(card));
      const [payment] = table.of<Payment>('pay');
      const [task] = table.of<Task>('tsk');
      if (door === 'verb') await does(allocatePayment, { id: payment!.id, invoiceId: invoice.id });
      else await does(completeTask(taskActions), { id: task!.id, action: 'allocate', note: invoice.id });
      const tasks = table.of<Task>('tsk').toSorted((a, b) => (a.status < b.status ? -1 : 1));
      expect(tasks).toMatchObject([
        { id: task!.id, status: 'done', completed: { action: 'allocate' } },
        { status: 'open', title: expect.stringContaining('€1.00') as string },
      ]);
      expect(table.of<Payment>('pay')).toMatchObject([{ unapplied: eur(100), openTaskId: tasks[1]!.id }]);
    }
  });

  it('renew the link to pay what is open', async () => {
    const { table, store, does, tell } = await world(invoice);
    const link = 'https://pay.example/{reference}?a={amount}';
    await does(changePolicy(policies), { name: 'payment', body: { link } });
    const url = async () => (await store.load(Invoice, invoice.id)).paymentUrl;
    await tell(told.intent(cardPayment(1900), { metadata: { invoice: invoice.id } }));
    expect(await url()).toBe(`https://pay.example/${invoice.id}?a=10000`);
    await does(recordPayment, { id: invoice.id, amount: eur(4000), method: 'transfer', reference: 'B1' });
    expect(await url()).toBe(`https://pay.example/${invoice.id}?a=6000`);
    await does(creditInvoice, { id: invoice.id, amount: eur(1000), reason: 'A scratch' });
    expect(await url()).toBe(`https://pay.example/${invoice.id}?a=5000`);
    await does(recordPayment, { id: invoice.id, amount: eur(5000), method: 'transfer', reference: 'B2' });
    expect(await url()).toBeUndefined();
    const [, , last] = table.of<Payment>('pay');
    await does(refundPayment, { id: last!.id, amount: eur(700) });
    expect(await url()).toBe(`https://pay.example/${invoice.id}?a=700`);
    await does(writeOffInvoice, { id: invoice.id });
    expect(await url()).toBeUndefined();
  });

  it('wait for a person where money came and nobody can read how much', async () => {
    const { table, does, tell } = await world(invoice);
    const said = { id: 'E1', type: 'payment.succeeded', data: { reference: 'B7', amount: '119.00', currency: 'EUR' } };
    await tell(said, genericNotice(said));
    const [event] = table.of<PaymentEvent>('pev');
    expect(event).toMatchObject({ status: 'parked', reasons: [expect.stringContaining('no amount')] });
    await does(askAboutPaymentEvent, { id: event!.id }, new Date(event!.askAt!));
    expect(table.of<Task>('tsk')).toMatchObject([{ status: 'open', recordId: event!.id }]);
  });

  it('tell of refunds one by one, in all, or both: it is the same money', async () => {
    for (const events of [
      [told.oneRefund(card, 're_1', 500), told.oneRefund(card, 're_2', 700), told.oneRefund(card, 're_1', 500)],
      [told.oneRefund(card, 're_1', 500), told.refunded(card, 1200), told.oneRefund(card, 're_2', 700)],
      [told.refunded(card, 500), told.refunded(card, 1200)],
    ]) {
      const { table, store, tell } = await world(invoice);
      await tell(told.session(card, { client_reference_id: invoice.id }));
      await tell(told.intent(card));
      for (const event of events) await tell(event);
      expect(table.of<Payment>('pay')).toMatchObject([{ refunded: eur(1200) }]);
      expect((await store.load(Invoice, invoice.id)).totals.open).toEqual(eur(1100));
    }
  });

  it('of a subscription come in once', async () => {
    const { table, tell } = await world(invoice);
    const whole = cardPayment(11_900);
    await tell(told.session(whole, { payment_intent: null, invoice: 'in_1', client_reference_id: invoice.id }));
    await tell(told.intent(whole, { invoice: 'in_1' }));
    await tell(told.charge(whole, { invoice: 'in_1' }));
    await tell(told.paidInvoice(whole, 'in_1'));
    expect(table.of<Payment>('pay')).toMatchObject([
      { reference: 'in_1', alsoKnownAs: [whole.intent, whole.charge], unapplied: eur(0) },
    ]);
  });

  it('are known by any name that one of them said', async () => {
    const { table, tell } = await world(invoice);
    const whole: CardPayment = cardPayment(11_900);
    await tell(told.dispute('created', { ...whole, intent: null as never }, 'dp_3', 900, 'needs_response'));
    await tell(told.session(whole, { client_reference_id: invoice.id }));
    await tell(told.refunded(whole, 100));
    expect(table.of<Payment>('pay')).toMatchObject([
      {
        reference: whole.intent,
        alsoKnownAs: [whole.charge],
        refunded: eur(100),
        disputes: [{ id: 'dp_3', state: 'open' }],
      },
    ]);
  });

  it('leave nobody with a task for what is done', async () => {
    const { table, tell } = await world(invoice);
    const whole: CardPayment = cardPayment(11_900);
    await tell(told.intent(whole));
    expect(table.of<Task>('tsk').map(({ status }) => status)).toEqual(['open']);
    await tell(told.session(whole, { client_reference_id: invoice.id }));
    await tell(told.dispute('created', whole, 'dp_2', 11_900, 'needs_response'));
    await tell(told.dispute('closed', whole, 'dp_2', 11_900, 'won'));
    expect(
      table
        .of<Task>('tsk')
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['done', 'done']);
  });
});
