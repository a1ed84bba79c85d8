import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Facts, factNamed, factNames } from '../../../shared/marketing/facts.ts';
import { distanceKm } from '../../../shared/marketing/operators.ts';
import { compileRule, faultsOfRule, Rule } from '../../../shared/marketing/rule.ts';
import { around, somebody } from './somebody.ts';

const holds = (rule: unknown, facts: Facts = somebody()): boolean => {
  expect(faultsOfRule(rule)).toEqual([]);
  const compiled = compileRule(rule as Rule, around);
  expect(compiled.explain(facts).holds).toBe(compiled.holds(facts));
  return compiled.holds(facts);
};
const figures = { revenue: { EUR: 120_000, USD: 5_000 }, openReceivables: {}, lastOrderAt: '2026-03-01T10:00:00.000Z' };
const lead = { status: 'working' as const, score: { fit: 70, engagement: 20, grade: 'A3', reasons: [] } };
const rich = somebody({
  figures,
  lead,
  account: {
    size: 50,
    tags: ['vip', 'Iberia'],
    industry: 'Software',
    billingAddress: { country: 'ES' },
    custom: { tier: 'gold', seats: 12, renewsOn: '2026-07-01' },
  },
  contact: { tags: ['newsletter'], language: 'es' },
});

describe('a condition', () => {
  it.each([
    [{ fact: 'account.stage', is: 'customer' }, true],
    [{ fact: 'account.stage', is: 'prospect' }, false],
    [{ fact: 'account.stage', isNot: 'prospect' }, true],
    [{ fact: 'account.stage', in: ['prospect', 'customer'] }, true],
    [{ fact: 'account.industry', is: 'software' }, true],
    [{ fact: 'account.industry', startsWith: 'soft' }, true],
    [{ fact: 'account.name', startsWith: 'ltd' }, false],
    [{ fact: 'account.tags', has: 'iberia' }, true],
    [{ fact: 'account.tags', in: ['other', 'vip'] }, true],
    [{ fact: 'account.tags', has: 'vi' }, false],
    [{ fact: 'account.size', above: 49 }, true],
    [{ fact: 'account.size', above: 50 }, false],
    [{ fact: 'account.size', below: 50 }, false],
    [{ fact: 'account.size', between: [50, 60] }, true],
    [{ fact: 'account.size', in: [10, 50] }, true],
    [{ fact: 'contact.hasEmail', is: true }, true],
    [{ fact: 'contact.hasPhone', is: true }, false],
    [{ fact: 'contact.tags', has: 'newsletter' }, true],
    [{ fact: 'contact.language', exists: true }, true],
    [{ fact: 'contact.role', exists: false }, true],
    [{ fact: 'contact.role', isNot: 'buyer' }, true],
    [{ fact: 'contact.role', is: 'buyer' }, false],
    [{ fact: 'profile.lastOrderAt', before: 'P90D' }, true],
    [{ fact: 'profile.lastOrderAt', before: 'P1Y' }, false],
    [{ fact: 'profile.lastOrderAt', after: 'P1Y' }, true],
    [{ fact: 'profile.lastOrderAt', between: ['2026-03-01', '2026-03-01'] }, true],
    [{ fact: 'profile.lastOrderAt', between: ['P30D', 'P6M'] }, true],
    [{ fact: 'profile.lastOrderAt', after: '2026-03-01' }, false],
    [{ fact: 'profile.lastOrderAt', before: '2026-03-01' }, false],
    [{ fact: 'profile.lastOrderAt', before: '2026-03-01T10:00:00.001Z' }, true],
    [{ fact: 'profile.lastContactAt', exists: true }, false],
    [{ fact: 'profile.revenue', above: 100_000 }, true],
    [{ fact: 'profile.revenue', above: { amount: 5_000, currency: 'USD' } }, false],
    [{ fact: 'profile.revenue', between: [120_000, 130_000] }, true],
    [{ fact: 'profile.openReceivables', below: 1 }, true],
    [{ fact: 'profile.openReceivables', exists: true }, false],
    [{ fact: 'profile.grade', in: ['A1', 'A3'] }, true],
    [{ fact: 'profile.fit', above: 60 }, true],
    [{ fact: 'profile.leadStatus', is: 'working' }, true],
    [{ fact: 'account.custom.tier', is: 'Gold' }, true],
    [{ fact: 'account.custom.seats', above: 10 }, true],
    [{ fact: 'account.custom.seats', is: '12' }, false],
    [{ fact: 'account.custom.renewsOn', after: '2026-06-30' }, true],
    [{ fact: 'account.custom.renewsOn', between: ['2026-06-30', '2026-07-01'] }, true],
    [{ fact: 'account.custom.renewsOn', between: ['2026-07-02', '2026-08-01'] }, false],
    [{ fact: 'account.custom.renewsOn', between: [1, 2] }, false],
    [{ fact: 'account.custom.seats', between: [10, 12] }, true],
    [{ fact: 'account.custom.seats', between: ['2026-06-30', '2026-07-01'] }, false],
    [{ fact: 'account.country', is: 'es' }, true],
    [{ fact: 'account.country', in: ['fr', 'Es'] }, true],
    [{ fact: 'account.stage', is: 'CUSTOMER' }, true],
    [{ fact: 'contact.language', is: 'ES' }, true],
    [{ fact: 'profile.grade', is: 'a3' }, true],
    [{ fact: 'account.custom.constructor', exists: true }, false],
    [{ fact: 'account.location', within: { lat: 40.42, lon: -3.7, km: 50 } }, true],
    [{ fact: 'account.location', within: { lat: 41.39, lon: 2.17, km: 50 } }, false],
    [{ fact: 'account.location', exists: true }, true],
  ])('%j: %s', (rule, expected) => {
    expect(holds(rule, rich)).toBe(expected);
  });

  it('knows distances to the kilometre', () => {
    expect(distanceKm({ lat: 40.4168, lon: -3.7038 }, { lat: 41.3874, lon: 2.1686 })).toBeCloseTo(505.4, 0);
    expect(distanceKm({ lat: 0, lon: 179.9 }, { lat: 0, lon: -179.9 })).toBeCloseTo(22.24, 1);
  });

  it('is in the example of the contract', () => {
    const rule = {
      all: [
        { fact: 'account.stage', is: 'customer' },
        { fact: 'account.location', within: { lat: 40.42, lon: -3.7, km: 50 } },
        {
          any: [
            { fact: 'profile.lastOrderAt', before: 'P90D' },
            { fact: 'contact.tags', has: 'newsletter' },
          ],
        },
      ],
    };
    expect(holds(rule, rich)).toBe(true);
    expect(holds(rule, somebody())).toBe(false);
    expect([...compileRule(rule as Rule, around).sources]).toEqual(['figures']);
  });
});

describe('a rule that says nothing sensible', () => {
  const nested = (levels: number): unknown =>
    levels ? { not: nested(levels - 1) } : { fact: 'account.stage', is: 'customer' };
  it.each([
    [{}, ['fact']],
    [{ fact: 'account.createdAt', before: 'P999999Y' }, ['before']],
    ['customers', []],
    [{ all: {} }, ['all']],
    [{ any: [] }, ['any']],
    [{ all: [], any: [] }, ['any']],
    [{ fact: 'account.colour', is: 'red' }, ['fact']],
    [{ fact: 'constructor', is: 'red' }, ['fact']],
    [{ fact: 'account.stage' }, []],
    [{ fact: 'account.stage', is: 'customer', isNot: 'former' }, []],
    [{ fact: 'account.stage', is: 'custmer' }, ['is']],
    [{ fact: 'account.stage', above: 3 }, ['above']],
    [{ fact: 'account.stage', toString: 'x' }, ['toString']],
    [{ fact: 'account.size', above: '3' }, ['above']],
    [{ fact: 'account.size', between: [1] }, ['between']],
    [{ fact: 'account.custom.renewsOn', between: [1, '2026-07-01'] }, ['between']],
    [{ fact: 'account.country', is: 'Spain' }, ['is']],
    [{ fact: 'profile.lastOrderAt', before: '90 days' }, ['before']],
    [{ fact: 'account.location', within: { lat: 91, lon: 0, km: 1 } }, ['within', 'lat']],
    [
      { all: [{ fact: 'account.stage', is: 'customer' }, { not: { fact: 'contact.tags', is: 'x' } }] },
      ['all', 1, 'not', 'is'],
    ],
    [nested(8), [...Array(8).fill('not')]],
  ])('%j', (rule, path) => {
    expect(faultsOfRule(rule).map((fault) => fault.path)).toEqual([path]);
    expect(Rule.safeParse(rule).error?.issues.map((issue) => issue.path)).toEqual([path]);
  });

  it('has at most a hundred conditions', () => {
    const many = { all: Array(101).fill({ fact: 'account.stage', is: 'customer' }) };
    expect(faultsOfRule(many).map(({ message }) => message)).toEqual(['A rule has at most 100 conditions, not 101']);
  });

  it('may go down eight levels and have a hundred conditions', () => {
    expect(faultsOfRule(nested(7))).toEqual([]);
    expect(faultsOfRule({ all: Array(100).fill({ fact: 'account.stage', is: 'customer' }) })).toEqual([]);
    expect(holds({ all: [] })).toBe(true);
  });
});

/** What a rule means, said once more and differently: nothing is prepared, every node is read as it stands. */
function meant(rule: Record<string, unknown>, facts: Facts): boolean {
  if (Array.isArray(rule['all'])) return !rule['all'].some((one) => !meant(one, facts));
  if (Array.isArray(rule['any'])) return rule['any'].filter((one) => meant(one, facts)).length > 0;
  if (rule['not']) return meant(rule['not'] as Record<string, unknown>, facts) === false;
  const value = factNamed(String(rule['fact']))?.read(facts);
  const has = (name: string) => Object.hasOwn(rule, name);
  if (has('exists')) return (value === undefined) !== rule['exists'];
  if (has('isNot')) return value !== rule['isNot'];
  if (value === undefined) return false;
  if (has('is')) return value === rule['is'];
  if (has('in'))
    return (rule['in'] as unknown[]).some((one) => (Array.isArray(value) ? value.includes(one) : value === one));
  if (has('has')) return (value as string[]).includes(String(rule['has']));
  if (has('startsWith')) return String(value).indexOf(String(rule['startsWith'])) === 0;
  if (has('above')) return Number(value) > Number(rule['above']);
  if (has('below')) return Number(value) < Number(rule['below']);
  const [low, high] = rule['between'] as [number, number];
  return low <= Number(value) && Number(value) <= high;
}

const word = fc.constantFrom('a', 'ab', 'b', 'c');
const size = fc.integer({ min: 0, max: 6 });
const condition = fc.oneof(
  fc.record({ fact: fc.constantFrom('contact.role', 'account.industry'), is: word }),
  fc.record({ fact: fc.constantFrom('contact.role', 'account.industry'), isNot: word }),
  fc.record({ fact: fc.constantFrom('contact.role', 'account.industry'), startsWith: word }),
  fc.record({
    fact: fc.constantFrom('contact.role', 'account.tags'),
    in: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ fact: fc.constant('account.tags'), has: word }),
  fc.record({ fact: fc.constantFrom('account.size', 'account.industry', 'contact.role'), exists: fc.boolean() }),
  fc.record({ fact: fc.constant('account.size'), above: size }),
  fc.record({ fact: fc.constant('account.size'), below: size }),
  fc.record({ fact: fc.constant('account.size'), between: fc.tuple(size, size) }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    condition,
    fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('tree') }),
  ),
}));
const anybody = fc
  .record({
    role: fc.option(word),
    industry: fc.option(word),
    size: fc.option(size),
    tags: fc.uniqueArray(word, { minLength: 1 }),
  })
  .map(({ role, industry, size, tags }) =>
    somebody({
      contact: { ...(role && { role }) },
      account: { tags, ...(industry && { industry }), ...(size !== null && { size }) },
    }),
  );

describe('a compiled rule', () => {
  it('says what the rule means, and explains what it says', () => {
    fc.assert(
      fc.property(tree, anybody, (rule, facts) => {
        const held = meant(rule as Record<string, unknown>, facts);
        expect(holds(rule, facts)).toBe(held);
        expect([held, undefined]).toContain(compileRule(rule as Rule, around).byAccount(facts.account));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws for what the schema lets through, and lets through nothing that throws', () => {
    const facts = fc.oneof(fc.constantFrom(...factNames, 'account.custom.x'), fc.string());
    const operator = fc.constantFrom(
      'is',
      'isNot',
      'in',
      'has',
      'above',
      'below',
      'between',
      'before',
      'after',
      'within',
      'startsWith',
      'exists',
    );
    const operand = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('P1D', '2026-01-01', 'customer', ['a'], [1, 2]),
    );
    const wild = fc.tuple(facts, operator, operand).map(([fact, name, value]) => ({ fact, [name]: value }));
    fc.assert(
      fc.property(wild, (rule) => {
        if (faultsOfRule(rule).length) return;
        expect(typeof compileRule(rule as Rule, around).holds(rich)).toBe('boolean');
        expect(typeof compileRule(rule as Rule, around).holds(somebody())).toBe('boolean');
      }),
      { numRuns: 5_000 },
    );
  });

  it('explains each condition with what it found', () => {
    const rule = { all: [{ fact: 'account.stage', is: 'former' }, { not: { fact: 'account.size', above: 100 } }] };
    expect(compileRule(rule as Rule, around).explain(rich)).toEqual({
      holds: false,
      all: [
        { holds: false, fact: 'account.stage', asks: { is: 'former' }, value: 'customer' },
        { holds: true, not: { holds: false, fact: 'account.size', asks: { above: 100 }, value: 50 } },
      ],
    });
  });
});
