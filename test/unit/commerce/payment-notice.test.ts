import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genericNotice } from '../../../shared/commerce/generic-notice.ts';
import { nothing, PaymentNotice } from '../../../shared/commerce/payment-notice.ts';
import { stripeNotice } from '../../../shared/commerce/stripe-notice.ts';
import { cardPayment, told } from './stripe-events.ts';

const card = cardPayment(11_900);
const { intent, charge, session } = card;
const eur = { amount: 11_900, currency: 'EUR' };
const event = (type: string, object: object) => ({ id: 'evt_1', type, data: { object } });

describe('what Stripe says', () => {
  it.each([
    ['a checkout', told.session(card), { says: 'paid', names: [intent], amount: eur }],
    ['an intent', told.intent(card), { says: 'paid', names: [intent, charge], amount: eur }],
    ['a charge', told.charge(card), { says: 'paid', names: [intent, charge], amount: eur }],
    [
      'a checkout of a subscription',
      told.session(card, { payment_intent: null, invoice: 'in_1' }),
      { names: ['in_1'] },
    ],
    ['a checkout that names nothing but itself', told.session(card, { payment_intent: null }), { names: [session] }],
    ['a checkout not paid yet', told.session(card, { payment_status: 'unpaid' }), { says: 'nothing' }],
    ['a checkout over nothing', told.session(card, { amount_total: 0 }), { says: 'nothing' }],
    ['an authorisation', told.charge(card, { captured: false }), { says: 'nothing' }],
    ['objects sent whole', told.charge(card, { payment_intent: { id: intent } }), { names: [intent, charge] }],
    [
      'an old intent',
      told.intent(card, { latest_charge: undefined, charges: { data: [{ id: 'ch_old' }] } }),
      { names: [intent, 'ch_old'] },
    ],
    ['a failure', told.failed(card), { says: 'failed', amount: eur, why: 'Your card was declined.' }],
    [
      'a charge that failed, of an intent',
      event('charge.failed', { id: charge, payment_intent: intent }),
      { says: 'nothing' },
    ],
    ['a refund', told.refunded(card, 900), { says: 'refunded', amount: { amount: 900, currency: 'EUR' } }],
    [
      'an invoice',
      event('invoice.paid', { id: 'in_1', amount_paid: 5, currency: 'usd', charge, payment_intent: intent }),
      { says: 'paid', names: [intent, charge, 'in_1'] },
    ],
    ['an intent of an invoice', told.intent(card, { invoice: 'in_1' }), { names: [intent, charge, 'in_1'] }],
    ['a charge of an invoice', told.charge(card, { invoice: 'in_1' }), { names: [intent, charge, 'in_1'] }],
    [
      'a newer invoice',
      event('invoice.paid', {
        id: 'in_1',
        amount_paid: 5,
        currency: 'usd',
        payments: {
          data: [
            { status: 'canceled', payment: { payment_intent: 'pi_0' } },
            { status: 'paid', payment: { payment_intent: intent } },
          ],
        },
      }),
      { names: [intent, 'in_1'] },
    ],
    [
      'an invoice paid in parts',
      event('invoice.paid', {
        id: 'in_1',
        amount_paid: 5,
        currency: 'usd',
        payments: { data: [{ payment: { payment_intent: 'pi_1' } }, { payment: { payment_intent: 'pi_2' } }] },
      }),
      { says: 'nothing' },
    ],
    [
      'an invoice paid elsewhere',
      event('invoice.paid', { id: 'in_1', amount_paid: 5, currency: 'usd', paid_out_of_band: true }),
      { says: 'nothing' },
    ],
    [
      'one refund alone',
      told.oneRefund(card, 're_1', 900),
      { says: 'refunded', refund: 're_1', names: [intent, charge], amount: { amount: 900, currency: 'EUR' } },
    ],
    ['a refund that failed', told.oneRefund(card, 're_1', 900, 'failed'), { says: 'unclear', names: [intent, charge] }],
    ['a refund that was called off', event('refund.updated', { id: 're_1', status: 'canceled' }), { says: 'nothing' }],
    ['a customer', event('customer.created', { id: 'cus_1', currency: 'usd' }), { says: 'nothing' }],
    ['an event of nothing', {}, { says: 'nothing' }],
  ])('%s', (_, said, expected) => {
    expect(stripeNotice(said)).toMatchObject(expected);
  });

  it.each([
    ['created', 'warning_needs_response', 'open'],
    ['created', 'needs_response', 'open'],
    ['updated', 'under_review', 'open'],
    ['funds_withdrawn', 'needs_response', 'open'],
    ['closed', 'lost', 'lost'],
    ['closed', 'won', 'won'],
    ['closed', 'warning_closed', 'won'],
    ['closed', 'charge_refunded', 'won'],
    ['funds_reinstated', 'lost', 'won'],
  ])('a dispute %s as %s is %s', (type, status, state) => {
    const { says, names, dispute } = stripeNotice(told.dispute(type, card, 'dp_1', 500, status));
    expect({ says, names, dispute }).toEqual({
      says: 'disputed',
      names: [intent, charge],
      dispute: { id: 'dp_1', state, amount: { amount: 500, currency: 'EUR' }, answerBy: '2030-03-17T17:46:40.000Z' },
    });
  });

  it.each([
    ['jpy', 500, { amount: 500, currency: 'JPY' }],
    ['kwd', 5125, { amount: 5125, currency: 'KWD' }],
    ['isk', 500, { amount: 5, currency: 'ISK' }],
    ['ugx', 1200, { amount: 12, currency: 'UGX' }],
    ['mga', 7, { amount: 700, currency: 'MGA' }],
  ])('%s in the minor units of ISO 4217', (currency, amount, expected) => {
    expect(stripeNotice(told.intent(cardPayment(amount, currency))).amount).toEqual(expected);
  });

  it('all places where an invoice and a customer may be named', () => {
    const more = {
      client_reference_id: 'inv_x',
      metadata: { order: 'A-1', empty: null, deep: { a: 1 }, amount: 12 },
      description: 'For 2026-000001',
      custom_fields: [{ text: { value: 'PO 7' } }, null],
      customer: { id: 'cus_1' },
      customer_details: { email: 'Jo@Acme.example' },
    };
    expect(stripeNotice(told.session(card, more))).toMatchObject({
      references: ['inv_x', 'A-1', '12', 'PO 7'],
      texts: ['For 2026-000001'],
      customer: 'cus_1',
      email: 'jo@acme.example',
    });
  });
});

describe('what a provider of our own language says', () => {
  const data = { reference: 'BANK-7', amount: 11_900, currency: 'eur', invoice: '2026-000001', text: 'Thanks' };
  it.each([
    [
      'payment.succeeded',
      data,
      { says: 'paid', names: ['BANK-7'], amount: eur, references: ['2026-000001'], method: 'transfer' },
    ],
    ['payment.succeeded', { ...data, amount: eur }, { says: 'paid', amount: eur }],
    ['payment.failed', { ...data, reason: 'No funds' }, { says: 'failed', why: 'No funds' }],
    ['payment.refunded', data, { says: 'refunded', amount: eur }],
    [
      'dispute.opened',
      { ...data, dispute: 'D1' },
      { says: 'disputed', dispute: { id: 'D1', state: 'open', amount: eur } },
    ],
    ['dispute.won', { reference: 'BANK-7' }, { says: 'disputed', dispute: { id: 'BANK-7', state: 'won' } }],
    ['payment.succeeded', { reference: 'BANK-7' }, { says: 'unclear' }],
    ['payment.succeeded', { ...data, amount: '119.00' }, { says: 'unclear' }],
    ['payment.refunded', { amount: 100, currency: 'EUR' }, { says: 'unclear', names: [] }],
    ['order.created', data, { says: 'nothing' }],
  ])('%s', (type, said, expected) => {
    expect(genericNotice({ type, timestamp: '2026-03-02T10:00:00Z', data: said })).toMatchObject(expected);
  });

  it('also what it forwards of Stripe', () => {
    expect(genericNotice(told.session(card))).toEqual(stripeNotice(told.session(card)));
  });
});

describe('whatever is sent', () => {
  const folder = join(import.meta.dirname, '../../../../shared/data/webhooks/stripe');
  it.skipIf(!existsSync(folder))('real events of Stripe say what they are', () => {
    const said = globSync('*.json', { cwd: folder }).map((file) => {
      const notice = stripeNotice(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown>);
      expect(PaymentNotice.parse(notice)).toEqual(notice);
      return [basename(file, '.json'), notice.says];
    });
    expect(Object.fromEntries(said)).toMatchObject({
      'checkout.session.completed': 'paid',
      'payment_intent.succeeded': 'paid',
      'invoice.paid': 'paid',
      'invoice.payment_failed': 'failed',
      'payment_intent.payment_failed': 'failed',
      'charge.refunded': 'refunded',
      'charge.dispute.created': 'disputed',
      'customer.created': 'nothing',
      'quote.accepted': 'nothing',
    });
  });

  it.each(['valueOf', 'toString', 'constructor', '__proto__'])('says nothing by the type %s', (type) => {
    const event = { type, data: { id: 'x', object: { id: 'x' } } };
    expect(stripeNotice(event)).toEqual(nothing);
    expect(genericNotice({ type, data: { id: 'x' } })).toEqual(nothing);
  });

  it('with money of a currency that there is not is unclear', () => {
    const data = { id: 'x', reference: 'x', amount: 5, currency: 'aaa' };
    expect(genericNotice({ type: 'payment.succeeded', timestamp: '2026-03-02T10:00:00Z', data }).says).toBe('unclear');
  });

  it('is read as a notice, or as nothing', () => {
    const types = fc.constantFrom(
      'charge.refunded',
      'charge.succeeded',
      'invoice.paid',
      'payment_intent.succeeded',
      'checkout.session.completed',
      'charge.dispute.closed',
      'payment.succeeded',
      'dispute.won',
    );
    const keys = fc.constantFrom(
      'id',
      'amount',
      'amount_refunded',
      'amount_total',
      'currency',
      'metadata',
      'payment_intent',
      'charge',
      'status',
      'payment_status',
      'customer',
      'custom_fields',
      'charges',
      'reference',
      'created',
    );
    const object = fc.dictionary(keys, fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('eur', 'paid', 5)));
    fc.assert(
      fc.property(types, object, fc.jsonValue({ maxDepth: 3 }), (type, held, other) => {
        for (const event of [
          { type, data: { object: held } },
          { type, data: held, timestamp: other },
          { type: other, data: other },
        ])
          for (const read of [stripeNotice, genericNotice])
            expect(PaymentNotice.safeParse(read(event as never)).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
