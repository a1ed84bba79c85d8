import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ProductDetails } from '../../../shared/commerce/product.ts';
import { Country, normalisedName } from '../../../shared/core/contact-points.ts';
import { Money } from '../../../shared/core/money.ts';
import { cut, Line, Prose } from '../../../shared/core/text.ts';
import { UserDetails } from '../../../shared/people/user.ts';
import { TaskDetails } from '../../../shared/platform/task.ts';
import { AccountDetails } from '../../../shared/sales/account.ts';
import { ContactDetails } from '../../../shared/sales/contact.ts';
import { LeadDetails } from '../../../shared/sales/lead.ts';
import { ActivityDetails } from '../../../shared/service/activity.ts';
import { CaseDetails } from '../../../shared/service/case.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '\r', '\t', '\0', '\u0007', '\u0085', '\u2028', '\u202e', '\u{20000}'),
  }),
);

describe('a line', () => {
  it.each([
    ['Jo\nRuiz', 'Jo Ruiz'],
    ['Jo\r\n Bcc: x@y.example', 'Jo Bcc: x@y.example'],
    ['Jo\0', 'Jo'],
    [' Jo \t  Ruiz\u2028', 'Jo Ruiz'],
    ['abc\u202egpj', 'abc gpj'],
    ['👩‍👩‍👧 Ltd', '👩‍👩‍👧 Ltd'],
  ])('%j becomes %j', (text, line) => expect(Line.parse(text)).toBe(line));
  it('is one, and stays as it is', () =>
    fc.assert(
      fc.property(anyText, (text) => {
        const line = Line.parse(text);
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]| {2}|^ | $/u);
        expect(Line.parse(line)).toBe(line);
      }),
    ));
  it('is empty where nothing is left', () => expect(Line.min(1).safeParse('\0 \n').success).toBe(false));
  it('is a string in the API document', () =>
    expect(z.toJSONSchema(Line.min(1).max(9))).toMatchObject({ type: 'string', minLength: 1, maxLength: 9 }));
});

describe('prose', () => {
  it('keeps its lines, and loses other controls', () =>
    expect(Prose.parse(' a\r\n\tb\0\u0007\u0085 ')).toBe(' a\r\n\tb '));
  it('is as it was where it holds none', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Prose.parse(text)).toBe(text);
      }),
    ));
});

describe('what is cut', () => {
  it('never ends in half a character', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, most) => {
        const beginning = cut(text, most);
        expect(beginning.isWellFormed()).toBe(true);
        expect(text.startsWith(beginning)).toBe(true);
        expect(beginning.length).toBeGreaterThanOrEqual(Math.min(most, text.length) - 1);
      }),
    ));
  it('nor does a name by which something is looked up', () =>
    expect(normalisedName(`ﬃ${'\u{20000}'.repeat(99)}`).isWellFormed()).toBe(true));
});

describe('what records say of themselves', () => {
  const broken = 'A\nB\0';
  it.each([
    ['a contact', ContactDetails.parse({ firstName: broken, lastName: broken, role: broken, tags: [broken] })],
    ['an account', AccountDetails.parse({ name: broken, industry: broken, billingAddress: { city: broken } })],
    ['a lead', LeadDetails.parse({ firstName: broken, company: broken, interests: [broken], utm: { source: broken } })],
    ['a user', UserDetails.parse({ name: broken, email: 'a@b.example', role: 'agent', skills: [broken] })],
    ['a task', TaskDetails.parse({ title: broken, queue: broken })],
    ['an activity', ActivityDetails.parse({ kind: 'note', subject: broken })],
    ['a case', CaseDetails.parse({ subject: broken, channel: broken })],
    [
      'a product',
      ProductDetails.parse({ sku: broken, name: broken, unit: broken, price: { amount: 1, currency: 'EUR' } }),
    ],
  ])('%s has lines', (_, details) => {
    expect(JSON.stringify(details)).toContain('"A B"');
    expect(JSON.stringify(details)).not.toMatch(/\\n|\\u0000/);
  });
  it('texts of several lines stay so', () => {
    expect(LeadDetails.parse({ message: broken }).message).toBe('A\nB');
    expect(CaseDetails.parse({ subject: 'x', description: broken }).description).toBe('A\nB');
    expect(AccountDetails.parse({ name: 'x', billingAddress: { street: broken } }).billingAddress?.street).toBe('A\nB');
  });
});

describe('a name by which something is looked up', () => {
  it.each([
    ['Ärzte & Co., Ltd.', 'arzte co ltd'],
    ['★★★', '★★★'],
    [' !!! ', '!!!'],
    ['', ''],
    [' ', ''],
  ])('%j is found as %j', (name, found) => expect(normalisedName(name)).toBe(found));
});

describe('codes of the world', () => {
  const money = (currency: string) => Money.safeParse({ amount: 1, currency }).success;
  it.each(['EUR', 'USD', 'KWD', 'DEM', 'ITL', 'XCG'])('%s is or was a currency', (code) =>
    expect(money(code)).toBe(true),
  );
  it.each(['ABC', 'QQQ', 'eur', 'EURO', 'XXX', 'XTS'])('%s is none', (code) => expect(money(code)).toBe(false));
  it.each(['DE', 'GB', 'XK', 'UK', 'YU'])('%s is or was a country', (code) =>
    expect(Country.safeParse(code).success).toBe(true),
  );
  it.each(['XX', 'QQ', 'ZZ', 'EU', 'de', 'DEU'])('%s is none', (code) =>
    expect(Country.safeParse(code).success).toBe(false),
  );
});
