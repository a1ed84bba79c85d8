import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateIn } from '../../../shared/core/duration.ts';
import { datesOf, nextOf, ReportRange } from '../../../shared/insights/report-times.ts';

const berlin = 'Europe/Berlin';
const next = (every: Parameters<typeof nextOf>[0], after: string) =>
  nextOf(every, new Date(after), berlin).toISOString();

describe('when a report is sent', () => {
  it.each([
    [{ unit: 'day', at: '07:30' }, '2026-03-01T06:29:59.999Z', '2026-03-01T06:30:00.000Z'],
    [{ unit: 'day', at: '07:30' }, '2026-03-01T06:30:00.000Z', '2026-03-02T06:30:00.000Z'],
    [{ unit: 'day', at: '07:30' }, '2026-03-28T12:00:00.000Z', '2026-03-29T05:30:00.000Z'],
    [{ unit: 'week', at: '08:00' }, '2026-03-03T12:00:00.000Z', '2026-03-09T07:00:00.000Z'],
    [{ unit: 'week', at: '08:00', weekday: 'fri' }, '2026-03-03T12:00:00.000Z', '2026-03-06T07:00:00.000Z'],
    [{ unit: 'month', at: '08:00' }, '2026-12-03T12:00:00.000Z', '2027-01-01T07:00:00.000Z'],
    [{ unit: 'month', at: '08:00', day: 31 }, '2026-02-01T12:00:00.000Z', '2026-02-28T07:00:00.000Z'],
    [{ unit: 'day', at: '08:00', timeZone: 'UTC' }, '2026-03-01T08:30:00.000Z', '2026-03-02T08:00:00.000Z'],
  ] as const)('%j after %s is %s', (every, after, expected) => expect(next(every, after)).toBe(expected));

  it('always comes, and later', () => {
    const every = fc.record({
      unit: fc.constantFrom('day', 'week', 'month'),
      at: fc.constantFrom('00:00', '02:30', '23:59'),
      day: fc.integer({ min: 1, max: 31 }),
      timeZone: fc.constantFrom('UTC', berlin, 'America/New_York', 'Pacific/Apia'),
    });
    fc.assert(
      fc.property(
        every,
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        (one, after) => {
          expect(nextOf(one, after, berlin).getTime()).toBeGreaterThan(after.getTime());
        },
      ),
    );
  });
});

describe('the dates of a report', () => {
  it.each([
    ['yesterday', '2026-03-01', '2026-02-28', '2026-02-28'],
    ['lastWeek', '2026-03-01', '2026-02-16', '2026-02-22'],
    ['lastMonth', '2026-01-15', '2025-12-01', '2025-12-31'],
    ['lastMonth', '2024-03-31', '2024-02-01', '2024-02-29'],
    ['lastQuarter', '2026-02-10', '2025-10-01', '2025-12-31'],
    ['thisQuarter', '2026-05-31', '2026-04-01', '2026-06-30'],
    ['thisMonth', '2026-12-31', '2026-12-01', '2026-12-31'],
    ['thisYear', '2026-12-31', '2026-01-01', '2026-12-31'],
    ['lastYear', '2026-01-01', '2025-01-01', '2025-12-31'],
  ] as const)('%s on %s: %s to %s', (range, today, from, to) => expect(datesOf(range, today)).toEqual({ from, to }));

  it('begin before they end, and the last are over', () => {
    const day = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...ReportRange.options), day, (range, date) => {
        const today = dateIn('UTC', date);
        const { from = '', to = '9999' } = datesOf(range, today);
        expect(from <= to).toBe(true);
        if (range.startsWith('last') || range === 'yesterday') expect(to < today).toBe(true);
        else expect(from <= today && today <= to).toBe(true);
      }),
    );
  });
});
