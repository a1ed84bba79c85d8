import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arms, armOf, rest } from '../../../shared/marketing/arms.ts';

const templateId = `tpl_${'0'.repeat(26)}`;
const arm = (key: string, share: number) => ({ key, share, templateId });
const contacts = Array.from({ length: 10_000 }, (_, n) => `con_${n}`);

describe('arms', () => {
  it.each([
    [[arm('a', 50), arm('b', 50)], { a: 50, b: 50 }],
    [[arm('a', 10), arm('b', 10)], { a: 10, b: 10, [rest]: 80 }],
    [[arm('a', 100)], { a: 100 }],
    [[], { [rest]: 100 }],
  ])('share a campaign as they say: %j', (arms, percent) => {
    const counts: Record<string, number> = {};
    for (const contact of contacts) {
      const key = armOf(arms, 'cmp_1', contact);
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(Object.keys(counts).sort()).toEqual(Object.keys(percent).sort());
    for (const [key, share] of Object.entries(percent)) expect(counts[key]! / 100).toBeCloseTo(share, -0.7);
  });

  it('are the same however often a contact is asked for, and others for another campaign', () => {
    const arms = [arm('a', 50), arm('b', 50)];
    fc.assert(
      fc.property(fc.string(), fc.string(), (campaign, contact) => {
        expect(armOf(arms, campaign, contact)).toBe(armOf(arms, campaign, contact));
      }),
    );
    const differ = contacts.filter((contact) => armOf(arms, 'cmp_1', contact) !== armOf(arms, 'cmp_2', contact));
    expect(differ.length / contacts.length).toBeCloseTo(0.5, 1);
  });

  it.each([
    ['more than a hundred', [arm('a', 60), arm('b', 50)]],
    ['a key twice', [arm('a', 10), arm('a', 10)]],
    ['the key of the rest', [arm(rest, 10)]],
    ['a share of nothing', [arm('a', 0)]],
  ])('are refused with %s', (_, arms) => {
    expect(Arms.safeParse(arms).success).toBe(false);
  });
});
