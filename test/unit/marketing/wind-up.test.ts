import { describe, expect, it } from 'vitest';
import { lookAgain } from '../../../shared/marketing/wind-up.ts';

describe('a mail whose outcome nobody knows is looked at again', () => {
  const since = new Date('2026-03-01T10:00:00.000Z');
  const seconds = (n: number) => new Date(since.getTime() + n * 1_000);
  const unknown = { resendAfter: 'PT5M', giveUpAfter: 'PT2H' };
  it.each([
    ['soon', 0, unknown, 10],
    ['later and later', 60, unknown, 90],
    ['when it may be sent again', 250, unknown, 300],
    ['after that, as before', 400, unknown, 600],
    ['also where it is never sent again', 250, { ...unknown, resendAfter: null }, 375],
  ])('%s', (_, now, policy, next) => {
    expect(lookAgain(since, seconds(now), { unknown: policy })).toEqual(seconds(next));
  });
  it('and no more once it has waited long enough', () => {
    expect(lookAgain(since, seconds(7_200), { unknown })).toBeUndefined();
  });
});
