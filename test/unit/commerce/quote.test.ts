import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beyondLimits } from '../../../shared/commerce/approval-limits.ts';
import { chooseApprover } from '../../../shared/commerce/choose-approver.ts';
import { moveQuote, Quote, type QuoteLine, QuoteStatus, type quoteMoves } from '../../../shared/commerce/quote.ts';
import { quotePage } from '../../../shared/commerce/quote-page.ts';
import { QuoteApproval } from '../../../shared/commerce/quote-policies.ts';
import { quoteTotals } from '../../../shared/commerce/quote-totals.ts';
import { contentHash } from '../../../shared/commerce/send-quote.ts';
import { defaultTaxRates } from '../../../shared/commerce/tax.ts';
import { newId } from '../../../shared/core/ids.ts';
import { Refusal } from '../../../shared/core/refusal.ts';
import type { User } from '../../../shared/people/user.ts';

const now = new Date('2026-11-24T09:00:00Z');
const accountId = newId('acc', now);
const eur = (amount: number) => ({ amount, currency: 'EUR' });

const line = (more: Partial<QuoteLine> = {}): QuoteLine => ({
  id: '1',
  description: 'GTX Basic',
  quantity: '1',
  unitPrice: eur(10_000),
  listPrice: eur(10_000),
  discountPercent: '0',
  taxCategory: 'standard',
  net: eur(10_000),
  ...more,
});

function quote(more: Partial<Quote> = {}): Quote {
  const { lines = [line()], discountPercent, currency = 'EUR' } = more;
  const { totals } = quoteTotals({ currency, lines, discountPercent, rates: defaultTaxRates });
  return Quote.schema.parse({
    id: newId('quo', now, accountId),
    version: 1,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    createdBy: 'usr_ada',
    accountId,
    opportunityId: newId('opp', now, accountId),
    number: 'Q-2026-0001',
    revision: 1,
    status: 'draft',
    currency,
    lines,
    totals,
    validUntilOn: '2026-12-24',
    expiresAt: '2026-12-24T22:59:59.999Z',
    ...more,
  });
}

describe('the life of a quote', () => {
  const moves: Record<keyof typeof quoteMoves, [from: QuoteStatus[], to: QuoteStatus | undefined, event: string]> = {
    submit: [['draft'], undefined, 'quote.submitted'],
    recall: [['inApproval'], 'draft', 'quote.recalled'],
    reject: [['inApproval'], 'draft', 'quote.rejected'],
    approve: [['inApproval'], 'approved', 'quote.approved'],
    escalate: [['inApproval'], 'inApproval', 'quote.updated'],
    send: [['approved'], 'sent', 'quote.sent'],
    accept: [['sent'], 'accepted', 'quote.accepted'],
    decline: [['sent'], 'declined', 'quote.declined'],
    expire: [['sent'], 'expired', 'quote.expired'],
    supersede: [['draft', 'inApproval', 'approved', 'sent', 'declined', 'expired'], 'superseded', 'quote.superseded'],
  };
  const cases = Object.entries(moves).flatMap(([verb, [from, to, event]]) =>
    QuoteStatus.options.map((status) => ({ verb: verb as keyof typeof quoteMoves, status, from, to, event })),
  );
  it.each(cases)('$verb from $status', ({ verb, status, from, to, event }) => {
    const move = () => moveQuote(quote({ status }), verb);
    if (!from.includes(status)) return expect(move).toThrow(new RegExp(`that is ${status} cannot`));
    expect(move()).toMatchObject({ type: event, after: { status: to ?? status } });
  });

  it('refuses with the state in the detail', () => {
    try {
      moveQuote(quote({ status: 'sent' }), 'submit');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      expect(error).toMatchObject({ code: 'record.wrongState', message: expect.stringContaining('sent') });
    }
  });

  it('has a key for each revision but the first, whose number is counted', () => {
    expect(Quote.unique?.(quote())).toEqual([]);
    expect(Quote.unique?.(quote({ revision: 3 }))).toEqual(['number#quote#Q-2026-0001#3']);
    expect(Quote.unique?.(quote({ revision: 3, archivedAt: now.toISOString() }))).toEqual([]);
  });

  it('stands in the queue of the sweep only while it is sent, by the end of its last day', () => {
    const due = (status: QuoteStatus) => Quote.places?.(quote({ status })).gsi1;
    expect(due('sent')?.[1]).toContain('quote#due#2026-12-24T22:59:59.999Z#');
    for (const status of QuoteStatus.options.filter((one) => one !== 'sent')) expect(due(status)).toBeUndefined();
  });
});

describe('what may be offered without asking', () => {
  const limits = { ...QuoteApproval.defaults };
  const reasons = (more: Partial<Quote>, currency = 'EUR') => beyondLimits(quote(more), limits, currency);
  it.each<[string, Partial<Quote>, string[]]>([
    ['a full price', {}, []],
    ['exactly the discount that is free', { lines: [line({ discountPercent: '10' })] }, []],
    [
      'that of a cheap thing, whatever rounding makes of it',
      { lines: [line({ unitPrice: eur(16), listPrice: eur(16), discountPercent: '10' })] },
      [],
    ],
    [
      'a little more',
      { lines: [line({ discountPercent: '10.0001' })] },
      ['Line 1 is 10.0001 % below its price; 10 % are free'],
    ],
    [
      'a price below the product’s',
      { lines: [line({ unitPrice: eur(8_000) })] },
      ['Line 1 is 20 % below its price; 10 % are free'],
    ],
    [
      'two discounts that are free each',
      { lines: [line({ discountPercent: '6' })], discountPercent: '6' },
      ['Line 1 is 11.64 % below its price; 10 % are free'],
    ],
    [
      'a raised price and a discount off it',
      { lines: [line({ unitPrice: eur(20_000), discountPercent: '15' })] },
      ['Line 1 is 15 % below its price; 10 % are free'],
    ],
    ['a line without a product', { lines: [line({ listPrice: undefined, unitPrice: eur(1) })] }, []],
    ['something free of charge that is always free', { lines: [line({ listPrice: eur(0), unitPrice: eur(0) })] }, []],
    ['a gift', { lines: [line({ unitPrice: eur(0) })] }, ['Line 1 is 100 % below its price; 10 % are free']],
    ['the largest sum that is free', { lines: [line({ taxCategory: 'zero', quantity: '500' })] }, []],
    [
      'a larger one',
      { lines: [line({ taxCategory: 'zero', quantity: '500.01' })] },
      ['€50,001.00 in all; €50,000.00 are free'],
    ],
  ])('%s', (_, more, expected) => {
    expect(reasons(more)).toEqual(expected);
  });

  it('is nothing in another currency', () => {
    expect(reasons({}, 'USD')).toEqual(['It is in EUR; the limit is in USD']);
  });

  it('names twenty lines and counts the rest', () => {
    const lines = Array.from({ length: 200 }, (_, n) => line({ id: String(n + 1), discountPercent: '50' }));
    const said = reasons({ lines });
    expect(said).toHaveLength(21);
    expect(said.at(-1)).toBe('So are 180 more lines');
  });

  it('property: more discount is never less beyond the limit', () => {
    const percent = fc.integer({ min: 0, max: 1_000_000 }).map((n) => String(n / 10_000));
    fc.assert(
      fc.property(percent, percent, percent, (one, other, whole) => {
        const [less, more] = [one, other].toSorted((a, b) => Number(a) - Number(b));
        const beyond = (discountPercent: string) =>
          reasons({ lines: [line({ discountPercent })], discountPercent: whole }).length;
        expect(beyond(more!)).toBeGreaterThanOrEqual(beyond(less!));
      }),
    );
  });
});

describe('who is asked to approve', () => {
  const user = (id: string, role: User['role'], more: Partial<User> = {}): User => ({
    id,
    version: 1,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    createdBy: 'key_1',
    name: id,
    email: `${id}@ours.example`,
    role,
    status: 'active',
    ...more,
  });
  const ada = user('ada', 'agent', { managerId: 'mia' });
  const [max, mia, zoe] = [user('max', 'manager'), user('mia', 'manager'), user('zoe', 'admin')];
  it.each<[string, User[], string | undefined, string[], string | undefined]>([
    ['their manager', [ada, max, mia, zoe], 'ada', [], 'mia'],
    ['another manager if theirs is away for good', [ada, max, { ...mia, status: 'inactive' }, zoe], 'ada', [], 'max'],
    ['an admin if there is no manager', [ada, zoe], 'ada', [], 'zoe'],
    [
      'nobody who may not approve, though they are somebody’s manager',
      [{ ...ada, managerId: 'bob' }, user('bob', 'agent'), zoe],
      'ada',
      [],
      'zoe',
    ],
    ['never the submitter', [mia, zoe], 'mia', [], 'zoe'],
    ['never the submitter, though they are their own manager', [{ ...mia, managerId: 'mia' }], 'mia', [], undefined],
    ['the manager of who was asked', [ada, max, { ...mia, managerId: 'max' }, zoe], 'ada', ['mia'], 'max'],
    ['an admin at the end of the line', [ada, max, mia, zoe], 'ada', ['mia'], 'zoe'],
    ['another manager there, if there is no admin', [ada, max, mia], 'ada', ['mia'], 'max'],
    ['nobody any more once the end was asked', [ada, max, mia, zoe], 'ada', ['mia', 'zoe'], undefined],
    [
      'nobody twice, though they manage each other',
      [ada, { ...max, managerId: 'mia' }, { ...mia, managerId: 'max' }],
      'ada',
      ['mia', 'max'],
      undefined,
    ],
    [
      'whoever is above a manager who left',
      [ada, max, { ...mia, managerId: 'max', status: 'inactive' }, zoe],
      'ada',
      [],
      'max',
    ],
    ['a manager where a key submitted', [ada, max, mia], 'key_1', [], 'max'],
    ['nobody where nobody may', [ada], 'ada', [], undefined],
    ['nobody who was archived', [{ ...mia, archivedAt: now.toISOString() }], 'ada', [], undefined],
  ])('%s', (_, users, submittedBy, asked, expected) => {
    expect(chooseApprover(users, submittedBy, asked)?.id).toBe(expected);
  });
});

describe('what the customer sees', () => {
  it('is one hash: whatever changes it changes the hash', () => {
    const sent = quote();
    const changed = [
      { lines: [line({ quantity: '2' })] },
      { terms: 'Net 30' },
      { validUntilOn: '2026-12-25' },
      { revision: 2 },
      { lines: [line({ description: 'GTX Pro' })] },
    ].map((more) => contentHash({ ...sent, ...more }));
    expect(new Set([contentHash(sent), ...changed]).size).toBe(changed.length + 1);
    expect(contentHash({ ...sent, version: 9, status: 'accepted' })).toBe(contentHash(sent));
  });

  it('is a page with two forms as long as it can be answered', () => {
    const page = (more: Partial<Quote>, at = now) => quotePage(quote(more), at).text;
    expect(page({ status: 'sent' }).match(/<form/g)).toHaveLength(2);
    expect(page({ status: 'sent' })).toContain('€119.00');
    expect(page({ status: 'sent' }, new Date('2026-12-24T22:59:59.998Z'))).toContain('<form');
    const late = page({ status: 'sent' }, new Date('2026-12-24T22:59:59.999Z'));
    expect(late).not.toContain('<form');
    expect(late).toContain('expired');
    for (const status of QuoteStatus.options.filter((one) => one !== 'sent'))
      expect(page({ status })).not.toContain('<form');
  });

  it('holds no markup but ours', () => {
    const evil = '<img src=x onerror=alert(1)>"\'&';
    const { text } = quotePage(quote({ status: 'sent', terms: evil, lines: [line({ description: evil })] }), now);
    expect(text).not.toContain('<img');
  });
});
