import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPaymentEvent, parkedOf } from '../../../shared/commerce/apply-payment-event.ts';
import { Invoice, InvoiceIssued } from '../../../shared/commerce/invoice.ts';
import { type Payment, takenFrom } from '../../../shared/commerce/payment.ts';
import { PaymentEvent, PaymentEventReceived } from '../../../shared/commerce/payment-event.ts';
import type { Json } from '../../../shared/commerce/payment-notice.ts';
import { stripeNotice } from '../../../shared/commerce/stripe-notice.ts';
import { idOfName } from '../../../shared/core/ids.ts';
import type { Task } from '../../../shared/platform/task.ts';
import { AccountCreated } from '../../../shared/sales/account.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { MemoryTable } from '../../support/memory-table.ts';
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
  told.dispute('created', card, 'dp_1', 9000, 'needs_response'),
  told.dispute('funds_withdrawn', card, 'dp_1', 9000, 'needs_response'),
  ...(end ? [told.dispute('closed', card, 'dp_1', 9000, end)] : []),
];

/** A table with the invoice, and what the consumer of events does on it. */
async function world(invoice: Invoice) {
  const table = new MemoryTable();
  const { store, policies } = table.around(() => now);
  const on = { now, actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  const does = async <I, A>(command: Command<I, A>, input: I) =>
    (await run(store, policies, on, command, input)).answer;
  await does(
    (crm) =>
      crm.commit([
        InvoiceIssued(undefined, invoice),
        AccountCreated(undefined, { id: accountId, kind: 'organization', name: 'Acme', stage: 'customer' }),
      ]),
    {},
  );
  const tell = async (event: Json & { id: string; type: string }) => {
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
              notice: stripeNotice(event),
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
  return { table, store, tell };
}

async function endOf(invoice: Invoice, events: readonly (Json & { id: string; type: string })[]) {
  const { table, store, tell } = await world(invoice);
  for (const event of events) await tell(event);
  const { status, totals, disputed = false, nextStepAt } = await store.load(Invoice, invoice.id);
  const payments = table.of<Payment>('pay');
  for (const payment of payments) {
    const allocated = payment.allocations.reduce((sum, { amount }) => sum + amount.amount, 0);
    expect(allocated + payment.unapplied.amount + takenFrom(payment).amount).toBe(payment.amount.amount);
    expect(allocated).toBe(totals.paid.amount);
  }
  expect(totals.paid.amount + totals.open.amount).toBe(totals.gross.amount);
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
  return { invoice: { status, totals, disputed, nextStepAt }, left, parked };
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
