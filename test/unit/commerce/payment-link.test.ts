import { describe, expect, it } from 'vitest';
import { Paying, paymentUrlOf } from '../../../shared/commerce/payment-link.ts';
import { draft, eur, issued } from './an-invoice.ts';

const invoice = issued();
const link = 'https://pay.example/{reference}?n={number}&a={amount}&d={decimal}&c={currency}';

describe('the link to pay an invoice', () => {
  it('says what is open of it', () => {
    expect(paymentUrlOf({ ...invoice, number: 'A/1 &' }, { link })).toBe(
      `https://pay.example/${invoice.id}?n=A%2F1%20%26&a=17250&d=172.50&c=EUR`,
    );
    const totals = { ...invoice.totals, open: { amount: 129, currency: 'JPY' } };
    expect(paymentUrlOf({ ...invoice, totals }, { link })).toContain('a=129&d=129&c=JPY');
  });

  it('is none without a page, and none where nothing is to be paid', () => {
    expect(paymentUrlOf(invoice, {})).toBeUndefined();
    expect(paymentUrlOf(draft(), { link })).toBeUndefined();
    const paid = { ...invoice, status: 'paid' as const, totals: { ...invoice.totals, open: eur(0) } };
    expect(paymentUrlOf(paid, { link })).toBeUndefined();
  });

  it.each([
    [link, true],
    ['http://127.0.0.1:8025/pay/{reference}?amount={amount}', true],
    ['https://pay.example/{number}', true],
    ['https://pay.example/', false],
    ['https://pay.example/{reference}/{secret}', false],
    ['javascript:alert({reference})', false],
    ['{reference}', false],
  ])('is made from %s: %s', (text, good) => {
    expect(Paying.body.safeParse({ link: text, patience: 'PT1H' }).success).toBe(good);
  });
});
