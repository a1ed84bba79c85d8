import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Credit,
  type Creditable,
  creditable,
  creditByAmount,
  creditByLines,
  invoiceTotals,
  partOfLine,
} from '../../../shared/commerce/invoice-totals.ts';
import { defaultTaxRates, TaxCategory } from '../../../shared/commerce/tax.ts';
import {
  addDecimals,
  formatDecimal,
  parseDecimal,
  type Rounding,
  subtractDecimals,
} from '../../../shared/core/decimal.ts';
import { CurrencyMismatch, type Money } from '../../../shared/core/money.ts';

const eur = (amount: number): Money => ({ amount, currency: 'EUR' });
type Line = Creditable['lines'][number];
const invoice = (lines: readonly Line[], rounding: Rounding = 'halfUp'): Creditable => ({
  lines,
  ...invoiceTotals('EUR', lines, defaultTaxRates, rounding),
});
const line = (id: string, quantity: string, net: number, taxCategory: TaxCategory = 'standard'): Line => ({
  id,
  quantity,
  net: eur(net),
  taxCategory,
});
const amounts = ({ totals }: { totals: { net: Money; tax: Money; gross: Money } }) => [
  totals.net.amount,
  totals.tax.amount,
  totals.gross.amount,
];
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });

/** Net and tax per category over several credits. */
const balance = (credits: readonly Pick<Creditable, 'taxes'>[]) => {
  const sums: Record<string, [taxable: number, tax: number]> = {};
  for (const { category, taxable, tax } of credits.flatMap(({ taxes }) => taxes)) {
    const [net, taxed] = sums[category] ?? [0, 0];
    sums[category] = [net + taxable.amount, taxed + tax.amount];
  }
  return sums;
};

describe('an invoice', () => {
  it('taxes each category once', () => {
    const { taxes, totals } = invoice([
      line('1', '1', 13),
      line('2', '1', 13),
      line('3', '1', 13),
      line('4', '1', 50, 'reduced'),
    ]);
    expect(taxes).toEqual([
      { category: 'standard', rate: '19', taxable: eur(39), tax: eur(7) },
      { category: 'reduced', rate: '7', taxable: eur(50), tax: eur(4) },
    ]);
    expect(totals).toEqual({ net: eur(89), tax: eur(11), gross: eur(100) });
  });
  it('of nothing is nothing', () => expect(amounts(invoice([]))).toEqual([0, 0, 0]));
  it('has one currency', () =>
    expect(() => invoice([line('1', '1', 1), { ...line('2', '1', 1), net: { amount: 1, currency: 'USD' } }])).toThrow(
      CurrencyMismatch,
    ));
});

describe('a part of a line', () => {
  it('in thirds leaves no cent behind', () => {
    const thirds = ['0', '1', '2'].map((before) => partOfLine({ quantity: '3', net: eur(100) }, before, '1').amount);
    expect(thirds).toEqual([33, 34, 33]);
  });
});

describe('credit by lines', () => {
  const twenty = invoice([line('a', '20', 1_045_000), line('b', '3', 100, 'reduced')]);
  it('gives back quantities at their price and rate', () => {
    const credit = creditByLines(twenty, [], [{ lineId: 'a', quantity: '2' }]);
    expect(credit).toEqual({
      lines: [{ lineId: 'a', quantity: '2', net: eur(104_500), taxCategory: 'standard' }],
      taxes: [{ category: 'standard', rate: '19', taxable: eur(104_500), tax: eur(19_855) }],
      totals: { net: eur(104_500), tax: eur(19_855), gross: eur(124_355) },
    });
    expect(Credit.parse(credit)).toEqual(credit);
  });
  it('uses the rate of the invoice, not of today', () => {
    const old: Creditable = {
      ...invoice([]),
      lines: [line('a', '1', 100)],
      ...invoiceTotals('EUR', [line('a', '1', 100)], { ...defaultTaxRates, standard: '16' }),
    };
    expect(amounts(creditByLines(old, [], [{ lineId: 'a', quantity: '1' }]))).toEqual([100, 16, 116]);
  });
  it('gives back the tax that was invoiced, however one rounds by now', () => {
    const old = invoice([line('a', '1', 150)], 'halfUp');
    expect(amounts(creditByLines(old, [], [{ lineId: 'a', quantity: '1' }], 'halfEven'))).toEqual([150, 29, 179]);
  });
  it('never takes tax back, where an amount has given a cent more of it', () => {
    const lines = [line('a', '100', 3)];
    const taxed: Creditable = { lines, ...invoiceTotals('EUR', lines, { ...defaultTaxRates, standard: '100' }) };
    const earlier = [creditByAmount(taxed, [], eur(1))];
    expect(earlier.map(amounts)).toEqual([[0, 1, 1]]);
    expect(amounts(creditByLines(taxed, earlier, [{ lineId: 'a', quantity: '1' }]))).toEqual([0, 0, 0]);
  });
  it('counts the same line twice in one request', () => {
    const lines = ['1', '1', '1'].map((quantity) => ({ lineId: 'b', quantity }));
    expect(creditByLines(twenty, [], lines).totals.gross).toEqual(eur(107));
    expect(() => creditByLines(twenty, [], [...lines, { lineId: 'b', quantity: '0.000001' }])).toThrow(
      refusal('invoice.exceedsCreditable'),
    );
  });
  it('gives back no more than is left, and says where', () => {
    const earlier = [creditByLines(twenty, [], [{ lineId: 'a', quantity: '19.5' }])];
    expect(() => creditByLines(twenty, earlier, [{ lineId: 'a', quantity: '1' }])).toThrow(
      expect.objectContaining({
        code: 'invoice.exceedsCreditable',
        more: {
          errors: [expect.objectContaining({ pointer: '#/lines/0/quantity', detail: '0.5 can still be credited' })],
        },
      }),
    );
  });
  it('knows no lines of others', () =>
    expect(() => creditByLines(twenty, [], [{ lineId: 'x', quantity: '1' }])).toThrow(refusal('reference.unknown')));
  it('cannot give back what an amount has given back', () => {
    const earlier = [creditByAmount(twenty, [], eur(1_000_000))];
    expect(() => creditByLines(twenty, earlier, [{ lineId: 'a', quantity: '20' }])).toThrow(
      refusal('invoice.exceedsCreditable'),
    );
  });
  it('gives back a line together with its rebate, but not alone', () => {
    const rebated = invoice([line('a', '1', 100), line('b', '1', -20)]);
    expect(() => creditByLines(rebated, [], [{ lineId: 'a', quantity: '1' }])).toThrow(
      refusal('invoice.exceedsCreditable'),
    );
    const both = creditByLines(
      rebated,
      [],
      [
        { lineId: 'a', quantity: '1' },
        { lineId: 'b', quantity: '1' },
      ],
    );
    expect(amounts(both)).toEqual(amounts(rebated));
  });
});

describe('credit by amount', () => {
  const mixed = invoice([line('a', '1', 10_000), line('b', '1', 10_000, 'reduced'), line('c', '1', 700, 'exempt')]);
  it('spreads over the categories and splits at their rates', () => {
    const credit = creditByAmount(mixed, [], eur(2_330));
    expect(balance([credit])).toEqual({ standard: [1_000, 190], reduced: [1_000, 70], exempt: [70, 0] });
    expect(credit.totals.gross).toEqual(eur(2_330));
  });
  it('in full is the invoice', () => {
    const credit = creditByAmount(mixed, [], mixed.totals.gross);
    expect(credit.taxes).toEqual(mixed.taxes);
    expect(amounts({ totals: creditable(mixed, [credit]) })).toEqual([0, 0, 0]);
    expect(() => creditByAmount(mixed, [credit], eur(1))).toThrow(refusal('invoice.nothingToCredit'));
  });
  it('is above zero, no more than is left, and in its currency', () => {
    expect(() => creditByAmount(mixed, [], eur(0))).toThrow(RangeError);
    expect(() => creditByAmount(mixed, [], eur(23_301))).toThrow(refusal('invoice.exceedsCreditable'));
    expect(() => creditByAmount(mixed, [], { amount: 1, currency: 'USD' })).toThrow(CurrencyMismatch);
  });
});

describe('whatever the parts, in the end exactly the invoice is credited', () => {
  const quantity = fc.integer({ min: 1, max: 50_000_000 }).map((n) => formatDecimal(BigInt(n)));
  const invoices = fc
    .array(fc.tuple(quantity, fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom(...TaxCategory.options)), {
      minLength: 1,
      maxLength: 12,
    })
    .map((lines) => invoice(lines.map(([q, net, category], i) => line(String(i), q, net, category))));
  const shares = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });
  const rounding = fc.constantFrom('halfUp' as const, 'halfEven' as const);

  const sane = (credit: Credit) => {
    for (const { taxable, tax, rate } of credit.taxes) {
      expect(taxable.amount).toBeGreaterThanOrEqual(0);
      expect(tax.amount).toBeGreaterThanOrEqual(0);
      // Counted from the first credit on, the roundings of single credits do not pile up.
      expect(Math.abs(tax.amount - (taxable.amount * Number(rate)) / 100)).toBeLessThanOrEqual(3);
    }
  };

  it('by lines', () => {
    fc.assert(
      fc.property(invoices, shares, rounding, (given, parts, how) => {
        const credits: Credit[] = [];
        const left = new Map(given.lines.map(({ id, quantity: q }) => [id, q]));
        for (const [index, share] of parts.entries()) {
          const lines = given.lines.map(({ id, quantity: q }) => {
            const rest = left.get(id) ?? '0';
            const part = index === parts.length - 1 ? rest : formatDecimal((parseDecimal(q) * BigInt(share)) / 8000n);
            left.set(id, subtractDecimals(rest, part));
            return { lineId: id, quantity: part };
          });
          const credit = creditByLines(given, credits, lines, how);
          sane(credit);
          credits.push(credit);
        }
        expect(balance(credits)).toEqual(balance([given]));
        for (const { id, quantity: q } of given.lines) {
          const credited = credits.flatMap((c) => c.lines.filter(({ lineId }) => lineId === id));
          expect(addDecimals(...credited.map((c) => c.quantity))).toBe(q);
        }
      }),
    );
  });

  it('by amounts', () => {
    fc.assert(
      fc.property(invoices, shares, rounding, (given, parts, how) => {
        const credits: Credit[] = [];
        for (const share of parts) {
          const amount = Math.floor((given.totals.gross.amount * share) / 8000);
          if (amount > 0) credits.push(creditByAmount(given, credits, eur(amount), how));
        }
        const rest = creditable(given, credits).gross;
        if (rest.amount > 0) credits.push(creditByAmount(given, credits, rest, how));
        credits.forEach(sane);
        // A category of free lines has nothing to credit.
        const nonZero = (sums: ReturnType<typeof balance>) =>
          Object.fromEntries(Object.entries(sums).filter(([, [net]]) => net !== 0));
        expect(nonZero(balance(credits))).toEqual(nonZero(balance([given])));
        expect(amounts({ totals: creditable(given, credits) })).toEqual([0, 0, 0]);
      }),
    );
  });

  it('by lines and amounts in turn, and with another rounding, never more than is left', () => {
    const small = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 3 });
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(small, steps, rounding, rounding, (nets, parts, then, now) => {
        const given = invoice(
          nets.map((net, i) => line(String(i), '100', net, i === 2 ? 'reduced' : 'standard')),
          then,
        );
        const credits: Credit[] = [];
        const attempt = (credit: () => Credit) => {
          try {
            credits.push(credit());
          } catch (refused) {
            expect(refused).toHaveProperty('name', 'Refusal');
          }
        };
        for (const [byLines, share] of parts) {
          const lines = [{ lineId: String(share % nets.length), quantity: String(share) }];
          attempt(() =>
            byLines ? creditByLines(given, credits, lines, now) : creditByAmount(given, credits, eur(share), now),
          );
          const left = creditable(given, credits);
          for (const figure of [left.net, left.tax, left.gross]) expect(figure.amount).toBeGreaterThanOrEqual(0);
        }
        const rest = creditable(given, credits).gross;
        if (rest.amount > 0) credits.push(creditByAmount(given, credits, rest, now));
        credits.forEach(sane);
        expect(balance(credits)).toEqual(balance([given]));
      }),
      { numRuns: 300 },
    );
  });
});
