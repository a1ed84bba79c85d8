import { describe, expect, it } from 'vitest';
import type { Invoice } from '../../../shared/commerce/invoice.ts';
import { invoiceIdsIn, matchPayment, numbersIn } from '../../../shared/commerce/match-payment.ts';
import { nothing } from '../../../shared/commerce/payment-notice.ts';
import { accountId, eur, issued, line } from './an-invoice.ts';

/** Over 119.00 a hundred of net. */
const over = (net: number, more: Partial<Invoice> = {}): Invoice => ({
  ...issued([line('1', '1', net, net)]),
  ...more,
});
const a = over(10_000, { number: '2026-000001' });
const b = over(20_000, { number: '2026-000002' });
const usd = (amount: number) => ({ amount, currency: 'USD' });
const to = (
  amount: ReturnType<typeof eur>,
  named: Invoice[],
  open: Invoice[] = [],
  whose: string | undefined = accountId,
) => {
  const { shares, reasons, ...match } = matchPayment(amount, { named, open, accountId: whose });
  return { shares: shares.map((share) => [share.invoice.number, share.amount.amount]), reasons, ...match };
};

describe('a payment goes', () => {
  it.each([
    ['to the invoice that it names', eur(11_900), [a], [['2026-000001', 11_900]], ['It names 2026-000001']],
    ['in part', eur(100), [a], [['2026-000001', 100]], ['It names 2026-000001']],
    [
      'with a rest',
      eur(12_000),
      [a],
      [['2026-000001', 11_900]],
      ['It names 2026-000001', '€1.00 are more than was open'],
    ],
    [
      'to several in the order named',
      eur(30_000),
      [b, a],
      [
        ['2026-000002', 23_800],
        ['2026-000001', 6200],
      ],
      ['It names 2026-000002', 'It names 2026-000001'],
    ],
    ['to none in another currency', usd(11_900), [a], [], ['2026-000001 is in EUR, the payment in USD']],
    ['to none that is paid', eur(11_900), [{ ...a, status: 'paid' as const }], [], ['2026-000001 is paid']],
    [
      'to none that is written off',
      eur(11_900),
      [{ ...a, status: 'writtenOff' as const }],
      [],
      ['2026-000001 is writtenOff'],
    ],
  ])('%s', (_, amount, named, shares, reasons) => {
    expect(to(amount, named)).toMatchObject({ accountId, shares, reasons, names: named.map(({ id }) => id) });
  });

  it.each([
    [
      'to the one open invoice over exactly that',
      eur(11_900),
      [a, b],
      [['2026-000001', 11_900]],
      '2026-000001 alone has €119.00 open',
    ],
    [
      'to none of two',
      eur(11_900),
      [a, { ...a, id: 'inv_2' }],
      [],
      'It names no invoice; 2 open ones are over €119.00',
    ],
    ['to none over another amount', eur(11_899), [a, b], [], 'It names no invoice; no open ones are over €118.99'],
    ['to none in another currency', usd(11_900), [a, b], [], 'It names no invoice; no open ones are over $119.00'],
  ])('of a customer: %s', (_, amount, open, shares, reason) => {
    expect(to(amount, [], open)).toEqual({ accountId, shares, names: [], reasons: [reason] });
  });

  it('to nobody, of nobody', () => {
    expect(to(eur(1), [], [], undefined as never)).toMatchObject({
      shares: [],
      reasons: expect.any(Array) as string[],
    });
    expect(matchPayment(eur(1), { named: [], open: [] })).toEqual({
      shares: [],
      names: [],
      reasons: ['It names no invoice and no customer that we know'],
    });
  });
});

describe('an invoice is named', () => {
  const notice = (references: string[], texts: string[] = []) => ({ ...nothing, references, texts });
  it.each([
    ['as a whole field', notice(['2026-000001']), ['2026-000001']],
    ['in a text', notice([], ['Invoice 2026-000001, thank you.']), ['2026-000001']],
    ['in brackets or after a sign', notice([], ['(#2026/7) RE:2026/8']), ['2026/7', '2026/8']],
    ['with words in a format', notice(['INV-2026-7']), ['INV-2026-7']],
    ['not by words alone', notice([], ['thank you']), []],
  ])('%s', (_, said, numbers) => {
    expect(numbersIn(said)).toEqual(numbers);
  });

  it('by its id, wherever it stands', () => {
    expect(invoiceIdsIn(notice([a.id], [`Pays ${b.id}.`, `x${a.id}y`, 'inv_1']))).toEqual([a.id, b.id]);
  });
});
