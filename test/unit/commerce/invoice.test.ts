import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invoiceAfter } from '../../../shared/commerce/claim-payment.ts';
import { decideBalance, decideCredit } from '../../../shared/commerce/credit-invoice.ts';
import { creditOf } from '../../../shared/commerce/credit-note.ts';
import { dueOf, stepAfter } from '../../../shared/commerce/dunning-steps.ts';
import {
  type Invoice,
  InvoiceStatus,
  invoiceMoves,
  isCollected,
  moveInvoice,
} from '../../../shared/commerce/invoice.ts';
import { creditedOf, standing, statusOf, unpaid, writtenOffOf } from '../../../shared/commerce/invoice-balance.ts';
import { linesOfOrder, summedUp } from '../../../shared/commerce/invoice-lines.ts';
import { decideInvoicing } from '../../../shared/commerce/invoice-order.ts';
import { Dunning } from '../../../shared/commerce/invoice-policies.ts';
import type { Credit } from '../../../shared/commerce/invoice-totals.ts';
import { decideIssue } from '../../../shared/commerce/issue-invoice.ts';
import { invoicesDue, type Order } from '../../../shared/commerce/order.ts';
import { creditedOn } from '../../../shared/commerce/order-counts.ts';
import { type Payment, takenFrom } from '../../../shared/commerce/payment.ts';
import { type Claim, decideClaim } from '../../../shared/commerce/payment-claim.ts';
import { decideAllocation, decidePayment } from '../../../shared/commerce/record-payment.ts';
import { byDefault } from '../../../shared/core/policy.ts';
import { Refusal } from '../../../shared/core/refusal.ts';
import type { Fact } from '../../../shared/events/event.ts';
import { accountId, around, crm, draft, eur, issued, line, now, stored } from './an-invoice.ts';

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return undefined;
};
const paying = (amount: number, reference = 'BANK-1') => ({ amount: eur(amount), method: 'transfer', reference });
const dunning = { dunning: byDefault(Dunning), timeZone: 'Europe/Berlin', now };

/** A payment of one invoice and that invoice, after a claim. */
function claimedBack(
  payment: Payment,
  invoice: Invoice,
  claim: Claim,
): { payment: Payment; invoice: Invoice; told?: string } {
  const open = isCollected(invoice.status) ? invoice.totals.open.amount : 0;
  const claimed = decideClaim(payment, claim, () => open);
  if (!claimed) return { payment, invoice };
  const fact = invoiceAfter(invoice, claimed.changes.get(invoice.id) ?? 0, claimed.balance, claim.reason, dunning);
  return {
    payment: { ...payment, ...claimed.balance },
    invoice: fact ? stored(fact) : invoice,
    ...(fact && { told: fact.type }),
  };
}
const refunding = (payment: Payment, amount: number): Claim => ({
  refunded: eur(payment.refunded.amount + amount),
  reason: 'Given back',
});

describe('the life of an invoice', () => {
  it.each(
    Object.entries(invoiceMoves).flatMap(([verb, { from }]) =>
      InvoiceStatus.options.map((status) => ({ verb, status, may: (from as readonly string[]).includes(status) })),
    ),
  )('$verb from $status: $may', ({ verb, status, may }) => {
    const move = () => moveInvoice({ ...issued(), status }, verb as keyof typeof invoiceMoves);
    expect(codeOf(move)).toBe(may ? undefined : 'record.wrongState');
  });

  it('gives an issued invoice its number, dates, parties and first step', () => {
    const fact = decideIssue(draft(), around);
    expect(fact).toMatchObject({ type: 'invoice.issued', why: { policy: { name: 'invoicing', version: 0 } } });
    expect(stored(fact)).toMatchObject({
      status: 'issued',
      number: '2026-000007',
      issuedOn: '2026-03-02',
      dueOn: '2026-03-16',
      dueEndsAt: '2026-03-16T22:59:59.999Z',
      nextStepAt: '2026-03-19T22:59:59.999Z',
      seller: { name: 'Our Company' },
      buyer: { name: 'Acme Ltd', address: { city: 'London' }, taxId: 'GB 1' },
      totals: { net: eur(15_000), tax: eur(2250), gross: eur(17_250), open: eur(17_250), paid: eur(0) },
    });
  });

  it('has nothing to collect of an invoice over nothing', () => {
    const free = issued([line('1', '1', 0, 0)]);
    expect(free).toMatchObject({ status: 'paid', number: '2026-000007' });
    expect(free.nextStepAt).toBeUndefined();
  });

  it('refuses lines that come to less than nothing', () => {
    expect(codeOf(() => draft([line('1', '1', -100, -100)]))).toBe('invoice.negative');
  });
});

describe('when an invoice is due', () => {
  it.each([
    ['P14D', '2026-03-16', '2026-03-16T22:59:59.999Z'],
    ['P1M', '2026-04-02', '2026-04-02T21:59:59.999Z'],
    ['PT1S', '2026-03-02', '2026-03-02T10:00:01.000Z'],
    ['PT13H30M', '2026-03-03', '2026-03-02T23:30:00.000Z'],
  ])('after %s: %s, until %s', (dueAfter, dueOn, dueEndsAt) => {
    expect(dueOf(now, '2026-03-02', dueAfter, 'Europe/Berlin')).toEqual({ dueOn, dueEndsAt });
  });

  it('takes the levels of dunning one after the other, and then none', () => {
    const invoice = issued();
    const taken: string[] = [];
    for (let dunningLevel: string | undefined; ; ) {
      const step = stepAfter({ ...invoice, dunningLevel }, dunning.dunning.levels, dunning.timeZone);
      if (!step) break;
      taken.push(`${step.key} ${step.dueAt.slice(0, 10)}`);
      dunningLevel = step.key;
    }
    expect(taken).toEqual(['reminder 2026-03-19', 'dunning1 2026-03-30', 'dunning2 2026-04-13', 'handOver 2026-04-27']);
  });
});

describe('payments', () => {
  it.each([
    { amount: 17_250, type: 'invoice.paid', status: 'paid', open: 0, unapplied: 0 },
    { amount: 17_249, type: 'invoice.partlyPaid', status: 'partlyPaid', open: 1, unapplied: 0 },
    { amount: 20_000, type: 'invoice.paid', status: 'paid', open: 0, unapplied: 2750 },
  ])('of $amount: $type, $unapplied unapplied', ({ amount, type, status, open, unapplied }) => {
    const invoice = issued();
    const [ofInvoice, ofPayment] = decidePayment(invoice, paying(amount), crm);
    expect(ofInvoice.type).toBe(type);
    expect(stored(ofInvoice)).toMatchObject({ status, totals: { open: eur(open) } });
    expect(stored(ofPayment)).toMatchObject({
      accountId,
      status: 'received',
      receivedAt: now.toISOString(),
      unapplied: eur(unapplied),
      allocations: [{ invoiceId: invoice.id, amount: eur(amount - unapplied) }],
    });
    expect(stored(ofInvoice).nextStepAt).toBe(open ? invoice.nextStepAt : undefined);
  });

  it.each([
    ['a draft', draft(), paying(100), 'record.wrongState'],
    [
      'a paid one',
      { ...issued(), ...standing({ ...issued().totals, paid: eur(17_250), open: eur(0) }) },
      paying(100),
      'record.wrongState',
    ],
    ['another currency', issued(), { ...paying(100), amount: { amount: 100, currency: 'USD' } }, 'currency.mismatch'],
  ])('are refused: %s', (_, invoice, details, code) => {
    expect(codeOf(() => decidePayment(invoice as Invoice, details, crm))).toBe(code);
  });

  const credit = (): Payment => stored(decidePayment(issued(), paying(20_000), crm)[1]);
  it.each([
    ['all that is unapplied', undefined, 2750],
    ['some', eur(1000), 1000],
  ])('are allocated later: %s', (_, amount, applied) => {
    const other = issued();
    const [ofPayment, ofInvoice] = decideAllocation(credit(), other, amount);
    expect(ofPayment.type).toBe('payment.allocated');
    expect(stored(ofPayment)).toMatchObject({ unapplied: eur(2750 - applied) });
    expect(stored(ofPayment).allocations).toContainEqual({ invoiceId: other.id, amount: eur(applied) });
    expect(stored(ofInvoice)).toMatchObject({ status: 'partlyPaid', totals: { paid: eur(applied) } });
  });

  it.each([
    ['more than is unapplied', issued(), eur(2751), 'payment.exceedsUnapplied'],
    ['more than is open', issued([line('1', '1', 100, 100)]), eur(120), 'payment.exceedsOpen'],
    ['nothing is open', issued([line('1', '1', 0, 0)]), undefined, 'record.wrongState'],
    [
      'another currency',
      { ...issued(), totals: unpaid({ net: usd(1), tax: usd(0), gross: usd(1) }) },
      undefined,
      'currency.mismatch',
    ],
  ])('are not allocated: %s', (_, invoice, amount, code) => {
    expect(codeOf(() => decideAllocation(credit(), invoice as Invoice, amount))).toBe(code);
  });

  it('are given back from what is unapplied first, then from the invoice, which is open again', () => {
    const invoice = issued();
    const [ofInvoice, ofPayment] = decidePayment(invoice, paying(20_000), crm);
    const received = stored(ofPayment);
    const some = claimedBack(received, stored(ofInvoice), refunding(received, 5000));
    expect(some.payment).toMatchObject({ status: 'received', unapplied: eur(0), refunded: eur(5000) });
    expect(some.payment.allocations).toEqual([{ invoiceId: invoice.id, amount: eur(15_000) }]);
    expect(some.told).toBe('invoice.updated');
    expect(some.invoice).toMatchObject({
      status: 'partlyPaid',
      totals: { paid: eur(15_000), open: eur(2250) },
      nextStepAt: invoice.nextStepAt,
    });
    const all = claimedBack(some.payment, some.invoice, refunding(some.payment, 15_000));
    expect(all.payment).toMatchObject({ status: 'refunded', refunded: eur(20_000) });
  });

  it('leave dunning where it was when they are taken back', () => {
    const reached = { ...issued(), dunningLevel: 'dunning2', handedOverAt: now.toISOString() };
    const [paid, ofPayment] = decidePayment(reached, paying(17_250), crm);
    const received = stored(ofPayment);
    const { invoice: reopened } = claimedBack(received, stored(paid), refunding(received, 17_250));
    expect(reopened).toMatchObject({
      status: 'issued',
      dunningLevel: 'dunning2',
      nextStepAt: '2026-04-27T21:59:59.999Z',
    });
    expect(reopened.handedOverAt).toBeUndefined();
  });
});

function usd(amount: number) {
  return { amount, currency: 'USD' };
}

describe('credits', () => {
  it.each([
    { paid: 0, credited: 10_000, left: { open: 7250, paid: 0, released: 0 }, status: 'issued' },
    { paid: 0, credited: 17_250, left: { open: 0, paid: 0, released: 0 }, status: 'credited' },
    { paid: 10_000, credited: 10_000, left: { open: 0, paid: 7250, released: 2750 }, status: 'paid' },
    { paid: 17_250, credited: 17_250, left: { open: 0, paid: 0, released: 17_250 }, status: 'credited' },
  ])('of $credited with $paid paid leave $left', ({ paid, credited, left, status }) => {
    const before = issued().totals;
    const { sums, released } = creditedOf(
      { ...before, paid: eur(paid), open: eur(before.gross.amount - paid) },
      eur(credited),
    );
    expect(sums).toMatchObject({ open: eur(left.open), paid: eur(left.paid), credited: eur(credited) });
    expect(released).toEqual(eur(left.released));
    expect(statusOf(sums)).toBe(status);
  });

  it('take what was written off last', () => {
    const written = writtenOffOf({ ...issued().totals, paid: eur(10_000), open: eur(7250) });
    const back = { ...written, paid: eur(0), open: eur(10_000) };
    const { sums, released } = creditedOf(back, eur(17_250));
    expect(sums).toMatchObject({ open: eur(0), paid: eur(0), writtenOff: eur(0), credited: eur(17_250) });
    expect(released).toEqual(eur(0));
  });

  it('in full are credits by lines, until an amount was credited of which no line knows', () => {
    const invoice = issued();
    const part = decideCredit(invoice, { lines: [{ lineId: '1', quantity: '4' }] }, []);
    expect(part.totals).toEqual({ net: eur(4000), tax: eur(760), gross: eur(4760) });
    const rest = decideCredit(invoice, {}, [part]);
    expect(rest.lines.map(({ lineId, quantity }) => [lineId, quantity])).toEqual([
      ['1', '6'],
      ['2', '1'],
    ]);
    const amount = decideCredit(invoice, { amount: eur(1000) }, [part]);
    expect(amount.lines).toEqual([]);
    const last = decideCredit(invoice, {}, [part, amount]);
    expect(last.lines).toEqual([]);
    expect(last.totals.gross).toEqual(eur(17_250 - 4760 - 1000));
  });

  it.each([
    ['a draft', draft(), {}, 'record.wrongState'],
    ['nothing is left', issued([line('1', '1', 0, 0)]), {}, 'invoice.nothingToCredit'],
    ['more than there was', issued(), { amount: eur(17_251) }, 'invoice.exceedsCreditable'],
    ['more of a line', issued(), { lines: [{ lineId: '2', quantity: '1.1' }] }, 'invoice.exceedsCreditable'],
    ['no such line', issued(), { lines: [{ lineId: '3', quantity: '1' }] }, 'reference.unknown'],
    ['another currency', issued(), { amount: usd(1) }, 'currency.mismatch'],
  ])('are refused: %s', (_, invoice, request, code) => {
    expect(codeOf(() => decideCredit(invoice, request, []))).toBe(code);
  });
});

describe('the invoices of an order', () => {
  const order = (quantity: string, net: number, more: Partial<Order['lines'][number]> = {}): Order => ({
    ...draft(),
    id: `ord_${accountId.slice(4)}00000000000000`,
    billToAccountId: accountId,
    number: 'O-2026-0001',
    status: 'confirmed',
    invoicePolicy: 'delivered',
    fulfilments: [],
    totals: { net: eur(net), discount: eur(0), taxes: [], gross: eur(net) },
    lines: [
      { ...line('1', quantity, 333, net), fulfilled: '0', invoiced: '0', credited: '0', cancelled: '0', ...more },
    ],
  });

  it('come, however it is delivered, to exactly its net', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 100_000 }),
        (parts, net) => {
          let current = order(String(parts.reduce((a, b) => a + b, 0)), net);
          let invoiced = 0;
          let delivered = 0;
          for (const part of parts) {
            delivered += part;
            current = { ...current, lines: [{ ...current.lines[0]!, fulfilled: String(delivered) }] };
            const [counted, ...invoices] = decideInvoicing(current, invoicesDue(current), around, crm);
            expect(invoices).toHaveLength(1);
            const [invoice] = invoices as [Fact<Invoice>];
            invoiced += invoice.after.totals.net.amount;
            expect(invoice.after).toMatchObject({
              orderId: current.id,
              accountId,
              status: expect.any(String) as string,
            });
            current = stored(counted);
          }
          expect(invoiced).toBe(net);
          expect(linesOfOrder(current)).toEqual([]);
        },
      ),
    );
  });

  it('are one for each delivery that was not invoiced, in a row, and come to the net of all', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(parts, fc.nat({ max: 14 }), fc.nat({ max: 100_000 }), (quantities, done, net) => {
        const total = (some: readonly number[]) => some.reduce((a, b) => a + b, 0);
        const invoiced = String(total(quantities.slice(0, done)));
        const fulfilments = quantities.map((quantity, n) => ({
          ...{ id: `ful_${n + 1}`, at: now.toISOString() },
          lines: [{ lineId: '1', quantity: String(quantity) }],
        }));
        const all = String(total(quantities));
        const delivered = { ...order(all, net, { fulfilled: all, invoiced }), fulfilments };
        const [counted, ...invoices] = decideInvoicing(delivered, invoicesDue(delivered), around, crm);
        const open = quantities.slice(done);
        const expected = open.length > 10 ? [...open.slice(0, 9), total(open.slice(9))] : open;
        expect(invoices.map(({ after }) => Number(after.lines[0]?.quantity))).toEqual(expected);
        expect(invoices.map(({ after }) => after.number)).toEqual(
          expected.map((_, n) => `2026-${String(around.inSeries.n + n).padStart(6, '0')}`),
        );
        expect(linesOfOrder(stored(counted))).toEqual([]);
        if (done === 0) expect(total(invoices.map(({ after }) => after.totals.net.amount))).toBe(net);
      }),
    );
  });

  it('take no more of a line than is invoiceable, also in two lines', () => {
    const delivered = order('10', 3330, { fulfilled: '5', invoiced: '1' });
    const taking = (...quantities: string[]) =>
      codeOf(() =>
        summedUp(
          'EUR',
          quantities.map((quantity, n) => ({ ...line(String(n + 1), quantity, 333, 0), orderLineId: '1' })),
          delivered,
          around.invoicing,
        ),
      );
    expect(taking('4')).toBeUndefined();
    expect(taking('4.1')).toBe('order.exceedsOpen');
    expect(taking('2', '2')).toBeUndefined();
    expect(taking('2', '2.1')).toBe('order.exceedsOpen');
  });

  it('are claims on whoever pays', () => {
    const payer = accountId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const contactId = `con_${accountId.slice(4)}00000000000000`;
    const billed = { ...order('1', 333, { fulfilled: '1' }), contactId };
    const invoiceOf = (one: Order) => decideInvoicing(one, invoicesDue(one), around, crm)[1]!.after;
    expect(invoiceOf(billed)).toMatchObject({ accountId, contactId });
    const elsewhere = invoiceOf({ ...billed, billToAccountId: payer });
    expect(elsewhere).toMatchObject({ accountId: payer });
    expect(elsewhere.contactId).toBeUndefined();
  });

  it('count what was credited of its lines', () => {
    const counted = stored(creditedOn(order('10', 3330), [{ orderLineId: '1', quantity: '2.5' }, { quantity: '1' }]));
    expect(counted.lines).toMatchObject([{ credited: '2.5', invoiced: '0' }]);
  });
});

describe('whatever happens to an invoice', () => {
  const states = fc.constantFrom('open' as const, 'lost' as const, 'won' as const);
  const step: fc.Arbitrary<{
    does: 'pay' | 'allocate' | 'credit' | 'creditLine' | 'refund' | 'dispute' | 'writeOff';
    amount: number;
    state?: 'open' | 'lost' | 'won';
  }> = fc.oneof(
    fc.record({ does: fc.constant('pay' as const), amount: fc.integer({ min: 1, max: 12_000 }) }),
    fc.record({ does: fc.constant('allocate' as const), amount: fc.integer({ min: 1, max: 12_000 }) }),
    fc.record({ does: fc.constant('credit' as const), amount: fc.integer({ min: 1, max: 12_000 }) }),
    fc.record({ does: fc.constant('creditLine' as const), amount: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ does: fc.constant('refund' as const), amount: fc.integer({ min: 1, max: 12_000 }) }),
    fc.record({ does: fc.constant('dispute' as const), amount: fc.integer({ min: 1, max: 12_000 }), state: states }),
    fc.record({ does: fc.constant('writeOff' as const), amount: fc.constant(0) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  interface World {
    invoice: Invoice;
    payments: Payment[];
    credits: Credit[];
  }

  /** What a step leaves behind; refused, everything stays as it was. */
  function taken(world: World, { does, amount, state = 'open' }: Step): World {
    const { invoice, payments, credits } = world;
    const replaced = (payment: Payment) => payments.map((one) => (one.id === payment.id ? payment : one));
    try {
      if (does === 'pay') {
        const [ofInvoice, ofPayment] = decidePayment(invoice, paying(amount), crm);
        return { ...world, invoice: stored(ofInvoice), payments: [...payments, stored(ofPayment)] };
      }
      if (does === 'allocate' || does === 'refund') {
        const payment = payments.at(-1);
        if (!payment) return world;
        if (does === 'allocate') {
          const [ofPayment, ofInvoice] = decideAllocation(payment, invoice, eur(amount));
          return { ...world, invoice: stored(ofInvoice), payments: replaced(stored(ofPayment)) };
        }
        const after = claimedBack(payment, invoice, refunding(payment, amount));
        return { ...world, invoice: after.invoice, payments: replaced(after.payment) };
      }
      if (does === 'dispute') {
        const payment = payments[0];
        if (!payment) return world;
        const after = claimedBack(payment, invoice, {
          dispute: { id: `dp_${amount % 3}`, amount: eur(amount), state },
          reason: 'Theirs',
        });
        return { ...world, invoice: after.invoice, payments: replaced(after.payment) };
      }
      if (does === 'writeOff')
        return { ...world, invoice: stored(moveInvoice(invoice, 'writeOff', standing(writtenOffOf(invoice.totals)))) };
      const asked =
        does === 'credit' ? { amount: eur(amount) } : { lines: [{ lineId: '1', quantity: String(amount) }] };
      const credit = decideCredit(invoice, asked, credits);
      const balance = decideBalance(invoice, credit.totals.gross, payments, 'a reason');
      const released = new Map(balance.payments.map((fact) => [fact.after.id, stored(fact)]));
      return {
        invoice: stored(balance.invoice),
        payments: payments.map((payment) => released.get(payment.id) ?? payment),
        credits: [...credits, credit],
      };
    } catch (error) {
      if (error instanceof Refusal) return world;
      throw error;
    }
  }
  const allocated = ({ allocations }: Payment) => allocations.reduce((total, { amount }) => total + amount.amount, 0);

  it('its sums balance to the minor unit, and those of its payments and credits with them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let world: World = { invoice: issued(), payments: [], credits: [] };
        for (const each of steps) {
          world = taken(world, each);
          const { gross, paid, credited, writtenOff, open } = world.invoice.totals;
          const parts = [paid, credited, writtenOff, open].map(({ amount }) => amount);
          expect(parts.reduce((a, b) => a + b)).toBe(gross.amount);
          for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
          expect(world.payments.reduce((total, payment) => total + allocated(payment), 0)).toBe(paid.amount);
          for (const payment of world.payments)
            expect(allocated(payment) + payment.unapplied.amount + takenFrom(payment).amount).toBe(
              payment.amount.amount,
            );
          expect(world.credits.reduce((total, { totals }) => total + totals.gross.amount, 0)).toBe(credited.amount);
          expect(world.invoice.status).toBe(statusOf(world.invoice.totals));
          const isOpen = world.invoice.status === 'issued' || world.invoice.status === 'partlyPaid';
          expect(world.invoice.nextStepAt !== undefined).toBe(isOpen);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a credit note says of itself what the next one must know', () => {
    const credit = decideCredit(issued(), { lines: [{ lineId: '1', quantity: '4' }] }, []);
    const note = { ...credit, lines: credit.lines.map((each) => ({ ...each, description: 'A', taxRate: '19' })) };
    expect(creditOf(note as never)).toEqual(credit);
  });
});
