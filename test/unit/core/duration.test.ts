import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addDuration,
  compareDurations,
  Duration,
  dateIn,
  endOfDay,
  instantAt,
  startOfDay,
  TimeZone,
  toMilliseconds,
} from '../../../shared/core/duration.ts';

const hour = 3_600_000;

it.each(['PT1S', 'PT0.5S', 'P14D', 'PT4H', 'P1M', 'P1Y2M3W4DT5H6M7.008S', 'P0D', 'PT300S'])(
  '%s is a duration',
  (text) => expect(Duration.safeParse(text).success).toBe(true),
);
it.each(['', 'P', 'PT', 'P1DT', '-P1D', 'P1.5D', 'PT1D', 'P1H', 'p1d', 'PT0.0001S', 'P1000000D', 'PT1S\n'])(
  '%j is none',
  (text) => {
    expect(Duration.safeParse(text).success).toBe(false);
    expect(() => toMilliseconds(text)).toThrow(RangeError);
  },
);

it.each([
  ['PT1S', 1000],
  ['PT0.25S', 250],
  ['PT4H', 4 * hour],
  ['P14D', 14 * 24 * hour],
  ['P1W', 7 * 24 * hour],
  ['P1DT1M', 24 * hour + 60_000],
])('%s has %i ms', (duration, milliseconds) => expect(toMilliseconds(duration)).toBe(milliseconds));
it.each(['P1M', 'P1Y'])('%s has no fixed length', (duration) =>
  expect(() => toMilliseconds(duration)).toThrow(RangeError),
);

it.each([
  ['2026-01-31T10:00:00.000Z', 'P1M', '2026-02-28T10:00:00.000Z'],
  ['2024-01-31T10:00:00.000Z', 'P1M', '2024-02-29T10:00:00.000Z'],
  ['2024-02-29T00:00:00.000Z', 'P1Y', '2025-02-28T00:00:00.000Z'],
  ['2026-11-30T00:00:00.000Z', 'P3M', '2027-02-28T00:00:00.000Z'],
  ['2026-01-31T00:00:00.000Z', 'P1M1D', '2026-03-01T00:00:00.000Z'],
  ['2026-12-31T23:59:59.999Z', 'PT0.001S', '2027-01-01T00:00:00.000Z'],
  ['2026-03-28T12:00:00.000Z', 'P1D', '2026-03-29T12:00:00.000Z'],
])('%s + %s is %s', (from, duration, to) => expect(addDuration(new Date(from), duration).toISOString()).toBe(to));
it('stays within the years that sort as text', () =>
  expect(() => addDuration(new Date('2026-01-01'), 'P8000Y')).toThrow(RangeError));

it.each([
  ['P1M', 'P31D', 0],
  ['P1M', 'P30D', 1],
  ['PT24H', 'P1D', 0],
  ['PT1S', 'PT1M', -1],
  ['P1Y', 'P12M', 0],
])('%s against %s: %i', (a, b, order) => expect(compareDurations(a, b)).toBe(order));

it.each([
  ['2026-02-28', 1, '2026-03-01'],
  ['2024-02-28', 1, '2024-02-29'],
  ['2026-01-01', -1, '2025-12-31'],
  ['2026-03-28', 2, '2026-03-30'],
])('%s and %i days is %s', (dateOn, n, result) => expect(addDays(dateOn, n)).toBe(result));

it.each([
  ['Europe/Berlin', '2026-06-30T21:59:59.999Z', '2026-06-30'],
  ['Europe/Berlin', '2026-06-30T22:00:00.000Z', '2026-07-01'],
  ['America/New_York', '2026-01-01T04:59:59.999Z', '2025-12-31'],
  ['Pacific/Kiritimati', '2026-01-01T10:00:00.000Z', '2026-01-02'],
  ['UTC', '1969-12-31T23:59:59.999Z', '1969-12-31'],
])('in %s it is at %s the %s', (zone, instant, dateOn) => expect(dateIn(zone, new Date(instant))).toBe(dateOn));

describe('the length of a day', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['Europe/Berlin', '2026-10-26', 24],
    ['America/New_York', '2026-03-08', 23],
    ['America/New_York', '2026-11-01', 25],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    // Clocks skip midnight itself, or run through the hour before it twice.
    ['America/Sao_Paulo', '2018-11-04', 23],
    ['America/Sao_Paulo', '2018-02-17', 25],
    ['Africa/Cairo', '2024-04-26', 23],
    ['Asia/Kathmandu', '2026-05-05', 24],
  ])('%s %s has %d hours', (zone, dateOn, hours) => {
    const [start, end] = [startOfDay(dateOn, zone), endOfDay(dateOn, zone)];
    expect(end.getTime() + 1 - start.getTime()).toBe(hours * hour);
    expect([dateIn(zone, start), dateIn(zone, end)]).toEqual([dateOn, dateOn]);
    expect(dateIn(zone, new Date(start.getTime() - 1))).toBe(addDays(dateOn, -1));
  });
});

it.each([
  ['Europe/Berlin', '2026-03-29', 150, '2026-03-29T01:00:00.000Z', 'skipped: the jump'],
  ['Europe/Berlin', '2026-10-25', 150, '2026-10-25T00:30:00.000Z', 'twice: the first'],
  ['America/New_York', '2026-03-08', 150, '2026-03-08T07:00:00.000Z', 'skipped: the jump'],
  ['America/New_York', '2026-11-01', 90, '2026-11-01T05:30:00.000Z', 'twice: the first'],
  ['Europe/Berlin', '2026-07-01', 1440, '2026-07-01T22:00:00.000Z', 'the next midnight'],
])('%s %s at minute %i is %s (%s)', (zone, dateOn, minutes, instant) =>
  expect(instantAt(zone, dateOn, minutes).toISOString()).toBe(instant),
);

it('days follow each other without gap or overlap, and hold their own instants', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const instants = fc.date({ min: new Date('1980-01-01'), max: new Date('2037-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(zones, instants, (zone, instant) => {
      const dateOn = dateIn(zone, instant);
      expect(startOfDay(dateOn, zone) <= instant && instant <= endOfDay(dateOn, zone)).toBe(true);
    }),
  );
});

it.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['', false],
])('%j is a time zone: %s', (zone, valid) => expect(TimeZone.safeParse(zone).success).toBe(valid));
