import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenBy, type Sample, sampled, seenIn } from '../../../shared/marketing/breaker.ts';
import { CampaignSending } from '../../../shared/marketing/campaign-policies.ts';

const { breaker } = CampaignSending.defaults;
const minute = 60_000;
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * minute).toISOString();
const sample = (minutes: number, sent: number, bounced = 0, complained = 0): Sample => ({
  at: at(minutes),
  sent,
  bounced,
  complained,
});
const watched = (samples: readonly Sample[], window = 'PT1H') =>
  samples.reduce<Sample[]>((kept, one) => sampled(kept, one, window), []);

describe('the breaker', () => {
  it.each([
    [{ sent: 1_000, bounced: 19, complained: 0 }, false],
    [{ sent: 1_000, bounced: 20, complained: 0 }, true],
    [{ sent: 99, bounced: 99, complained: 99 }, false],
    [{ sent: 100, bounced: 2, complained: 0 }, true],
    [{ sent: 2_001, bounced: 0, complained: 1 }, false],
    [{ sent: 2_000, bounced: 0, complained: 1 }, true],
    [{ sent: 0, bounced: 0, complained: 0 }, false],
  ])('of %j: stops %s', (seen, stops) => {
    expect(brokenBy(seen, breaker) !== undefined).toBe(stops);
  });

  it('sees what came back within the window, not before', () => {
    const samples = watched([sample(0, 0), sample(10, 1_000, 100), sample(65, 1_500, 100), sample(120, 2_000, 101)]);
    expect(seenIn(samples, 'PT1H')).toEqual({ sent: 1_000, bounced: 1, complained: 0 });
  });

  it('begins afresh with the first sample', () => {
    const samples = watched([sample(0, 5_000, 500), sample(1, 5_100, 501)]);
    expect(seenIn(samples, 'PT1H')).toEqual({ sent: 100, bounced: 1, complained: 0 });
  });

  it('keeps few samples, and loses no more than a part of the window by it', () => {
    const step = fc.record({
      seconds: fc.integer({ min: 1, max: 600 }),
      sent: fc.integer({ min: 0, max: 500 }),
      bounced: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 400 }), (steps) => {
        const all: Sample[] = [{ at: at(0), sent: 0, bounced: 0, complained: 0 }];
        for (const { seconds, sent, bounced } of steps) {
          const last = all.at(-1)!;
          const next = new Date(Date.parse(last.at) + seconds * 1_000).toISOString();
          all.push({ at: next, sent: last.sent + sent, bounced: last.bounced + bounced, complained: 0 });
        }
        const kept = watched(all);
        expect(kept.length).toBeLessThan(2 * 120 + 3);
        const began = Date.parse(all.at(-1)!.at) - 60 * minute;
        const exact = (from: number) =>
          all.at(-1)!.sent - (all.findLast((one) => Date.parse(one.at) <= from) ?? all[0]!).sent;
        const { sent } = seenIn(kept, 'PT1H');
        expect(sent).toBeGreaterThanOrEqual(exact(began));
        expect(sent).toBeLessThanOrEqual(exact(began - minute - 600_000));
      }),
    );
  });
});
