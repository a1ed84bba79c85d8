import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eligible, quietUntil } from '../../../shared/marketing/eligibility.ts';
import { Marketing } from '../../../shared/marketing/marketing-policy.ts';

const now = new Date('2026-06-15T12:00:00.000Z');
const policy = Marketing.defaults;
const fine = { suppressed: false, consent: 'granted', erased: false, excluded: false, now, policy } as const;
const jo = { email: 'jo@acme.example' };

describe('who may get a marketing mail', () => {
  it.each([
    ['granted', jo, {}, undefined],
    ['no address', {}, {}, 'noAddress'],
    ['gone', jo, { erased: true }, 'erased'],
    ['suppressed', jo, { suppressed: true }, 'suppressed'],
    ['never asked', jo, { consent: undefined }, 'consent.missing'],
    ['asked, not answered', jo, { consent: 'pending' }, 'consent.missing'],
    ['withdrawn', jo, { consent: 'withdrawn' }, 'consent.missing'],
    ['informational: consent is not asked for', jo, { consent: 'notAsked' }, undefined],
    ['informational: suppression still is', jo, { consent: 'notAsked', suppressed: true }, 'suppressed'],
    ['excluded', jo, { excluded: true }, 'excluded'],
    ['two days ago', jo, { lastMarketingAt: '2026-06-13T12:00:00.000Z' }, 'frequencyCap'],
    ['three days ago', jo, { lastMarketingAt: '2026-06-12T12:00:00.000Z' }, undefined],
    [
      'no cap',
      jo,
      { lastMarketingAt: '2026-06-15T11:00:00.000Z', policy: { ...policy, frequencyCap: null } },
      undefined,
    ],
    ['noon in Madrid', { ...jo, timeZone: 'Europe/Madrid' }, {}, undefined],
    ['midnight in Auckland', { ...jo, timeZone: 'Pacific/Auckland' }, {}, 'quietHours'],
    ['no quiet hours', { ...jo, timeZone: 'Pacific/Auckland' }, { policy: { ...policy, quietHours: null } }, undefined],
  ] as const)('%s', (_, member, standing, reason) => {
    expect(eligible(member, { ...fine, ...standing }).reason).toBe(reason);
  });

  it('names the first reason there is', () => {
    const all = {
      erased: true,
      suppressed: true,
      consent: undefined,
      excluded: true,
      lastMarketingAt: now.toISOString(),
    };
    const member = { ...jo, timeZone: 'Pacific/Auckland' };
    const reasons = [
      eligible({}, { ...fine, ...all }),
      eligible(member, { ...fine, ...all }),
      eligible(member, { ...fine, ...all, erased: false }),
      eligible(member, { ...fine, ...all, erased: false, suppressed: false }),
      eligible(member, { ...fine, ...all, erased: false, suppressed: false, consent: 'granted' }),
      eligible(member, { ...fine, lastMarketingAt: now.toISOString() }),
      eligible(member, fine),
    ].map(({ reason }) => reason);
    expect(reasons).toEqual([
      'noAddress',
      'erased',
      'suppressed',
      'consent.missing',
      'excluded',
      'frequencyCap',
      'quietHours',
    ]);
  });

  it('says from when it may be sent where only time is in the way', () => {
    expect(eligible(jo, { ...fine, lastMarketingAt: '2026-06-13T12:00:00.000Z' })).toMatchObject({
      until: new Date('2026-06-16T12:00:00.000Z'),
    });
    expect(eligible({ ...jo, timeZone: 'Pacific/Auckland' }, fine)).toMatchObject({
      until: new Date('2026-06-15T20:00:00.000Z'),
    });
  });
});

describe('quiet hours', () => {
  it.each([
    ['2026-06-15T18:59:00Z', undefined],
    ['2026-06-15T19:00:00Z', '2026-06-16T06:00:00.000Z'],
    ['2026-06-16T05:59:59Z', '2026-06-16T06:00:00.000Z'],
    ['2026-06-16T06:00:00Z', undefined],
    // Clocks go forward on 29 March: the night has an hour less.
    ['2026-03-28T23:30:00Z', '2026-03-29T06:00:00.000Z'],
  ])('from nine to eight in Madrid, at %s', (at, until) => {
    expect(quietUntil(new Date(at), 'Europe/Madrid', { from: '21:00', to: '08:00' })?.toISOString()).toBe(until);
  });

  it('in the middle of the day', () => {
    const siesta = { from: '14:00', to: '17:00' };
    expect(quietUntil(new Date('2026-06-15T12:30:00Z'), 'Europe/Madrid', siesta)?.toISOString()).toBe(
      '2026-06-15T15:00:00.000Z',
    );
    expect(quietUntil(new Date('2026-06-15T15:30:00Z'), 'Europe/Madrid', siesta)).toBeUndefined();
  });

  it('end, and are over when they end', () => {
    const clock = fc
      .integer({ min: 0, max: 1439 })
      .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
    const zone = fc.constantFrom('Europe/Madrid', 'America/New_York', 'Pacific/Auckland', 'Asia/Kolkata', 'UTC');
    const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(clock, clock, zone, at, (from, to, zone, now) => {
        fc.pre(from !== to);
        const until = quietUntil(now, zone, { from, to });
        if (!until) return;
        expect(until.getTime()).toBeGreaterThan(now.getTime());
        expect(until.getTime() - now.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
        expect(quietUntil(until, zone, { from, to })).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
