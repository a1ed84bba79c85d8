import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addBusinessTime,
  businessMillisecondsBetween,
  Calendar,
  isOpen,
  nextOpening,
  officeHours,
} from '../../../shared/core/calendar.ts';

const hour = 3_600_000;
const berlin = officeHours('Europe/Berlin');
const newYork = officeHours('America/New_York');
const withLunch: Calendar = {
  timeZone: 'Europe/Berlin',
  weekly: {
    thu: [
      ['09:00', '12:00'],
      ['13:00', '17:00'],
    ],
    sat: [['10:00', '12:00']],
  },
  holidays: ['2026-12-26'],
};
const nights: Calendar = {
  timeZone: 'Europe/Berlin',
  weekly: { sun: [['01:00', '04:00']] },
  holidays: [],
};
const always: Calendar = {
  timeZone: 'America/New_York',
  weekly: Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['00:00', '24:00']]]),
  ),
  holidays: [],
};

describe('a calendar', () => {
  it('is what office hours are', () => expect(Calendar.parse(berlin)).toEqual(berlin));
  it.each<[string, unknown]>([
    ['never opens', { ...berlin, weekly: {} }],
    ['never opens either', { ...berlin, weekly: { mon: [] } }],
    ['closes before it opens', { ...berlin, weekly: { mon: [['17:00', '09:00']] } }],
    [
      'overlaps',
      {
        ...berlin,
        weekly: {
          mon: [
            ['09:00', '13:00'],
            ['12:00', '17:00'],
          ],
        },
      },
    ],
    ['has no such hour', { ...berlin, weekly: { mon: [['09:00', '25:00']] } }],
    ['knows no such day', { ...berlin, weekly: { noday: [['09:00', '17:00']] } }],
    ['is nowhere', { ...berlin, timeZone: 'Mars/Olympus' }],
    ['has a holiday that is none', { ...berlin, holidays: ['2026-02-30'] }],
  ])('is refused if it %s', (_, calendar) => expect(Calendar.safeParse(calendar).success).toBe(false));
  it('without any opening is an error, not an endless search', () => {
    const closed = { ...berlin, weekly: { mon: [] } };
    const now = new Date('2026-02-02T12:00:00Z');
    expect(() => addBusinessTime(closed, now, 1)).toThrow(/never opens/);
    expect(() => businessMillisecondsBetween(closed, now, now)).toThrow(/never opens/);
    expect(() => nextOpening(closed, now)).toThrow(RangeError);
    expect(() => addBusinessTime({ ...berlin, weekly: { mon: [['09:00', '09:01']] } }, now, 1000 * hour)).toThrow(
      RangeError,
    );
  });
});

it.each<[string, Calendar, string, string, number]>([
  ['within a day', berlin, '2026-02-03T09:00:00Z', '2026-02-03T10:30:00Z', 1.5],
  ['over a night', berlin, '2026-02-03T15:00:00Z', '2026-02-04T09:00:00Z', 2],
  ['over a weekend', berlin, '2026-02-06T15:00:00Z', '2026-02-09T09:00:00Z', 2],
  ['outside hours', berlin, '2026-02-07T08:00:00Z', '2026-02-08T20:00:00Z', 0],
  ['backwards', berlin, '2026-02-04T09:00:00Z', '2026-02-03T09:00:00Z', 0],
  ['over lunch', withLunch, '2026-02-05T10:00:00Z', '2026-02-05T13:00:00Z', 2],
  ['on a holiday', withLunch, '2026-12-26T00:00:00Z', '2026-12-26T23:00:00Z', 0],
  ['a week over the change to summer time', berlin, '2026-03-27T16:00:00Z', '2026-04-03T15:00:00Z', 40],
  ['a week over the change to winter time', newYork, '2026-10-30T21:00:00Z', '2026-11-06T22:00:00Z', 40],
  ['a night that skips an hour', nights, '2026-03-29T00:00:00Z', '2026-03-29T12:00:00Z', 2],
  ['a night that has an hour twice', nights, '2026-10-24T22:00:00Z', '2026-10-25T12:00:00Z', 4],
  ['a day of 23 hours', always, '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', 23],
  ['a day of 25 hours', always, '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z', 25],
])('%s', (_, calendar, from, to, hours) =>
  expect(businessMillisecondsBetween(calendar, new Date(from), new Date(to)) / hour).toBe(hours),
);

it.each<[string, Calendar, string, number, string]>([
  ['from within hours', berlin, '2026-02-03T09:00:00Z', 4, '2026-02-03T13:00:00.000Z'],
  ['reached exactly at closing', berlin, '2026-02-03T12:00:00Z', 4, '2026-02-03T16:00:00.000Z'],
  ['raised at closing', berlin, '2026-02-03T16:00:00Z', 1, '2026-02-04T09:00:00.000Z'],
  ['raised on Friday night', berlin, '2026-02-06T22:00:00Z', 4, '2026-02-09T12:00:00.000Z'],
  ['raised on the eve of summer time', berlin, '2026-03-27T15:00:00Z', 2, '2026-03-30T08:00:00.000Z'],
  ['raised on the eve of winter time', newYork, '2026-10-30T20:00:00Z', 2, '2026-11-02T15:00:00.000Z'],
  ['over a holiday', withLunch, '2026-12-24T15:00:00Z', 2, '2026-12-31T09:00:00.000Z'],
  ['no time, open', berlin, '2026-02-03T09:00:00Z', 0, '2026-02-03T09:00:00.000Z'],
  ['no time, closed', berlin, '2026-02-03T05:00:00Z', 0, '2026-02-03T08:00:00.000Z'],
  ['three weeks of work', berlin, '2026-02-02T08:00:00Z', 120, '2026-02-20T16:00:00.000Z'],
])('%s', (_, calendar, from, hours, to) =>
  expect(addBusinessTime(calendar, new Date(from), hours * hour).toISOString()).toBe(to),
);
it('does not open in an hour that the clocks skip', () => {
  const skipped: Calendar = { ...nights, weekly: { sun: [['02:10', '02:50']] } };
  expect(nextOpening(skipped, new Date('2026-03-28T12:00:00Z')).toISOString()).toBe('2026-04-05T00:10:00.000Z');
});
it('does not count backwards', () => expect(() => addBusinessTime(berlin, new Date(0), -1)).toThrow(RangeError));

it.each([
  ['2026-02-03T07:59:59.999Z', false],
  ['2026-02-03T08:00:00.000Z', true],
  ['2026-02-03T15:59:59.999Z', true],
  ['2026-02-03T16:00:00.000Z', false],
  ['2026-02-07T10:00:00.000Z', false],
])('at %s it is open: %s', (at, open) => {
  expect(isOpen(berlin, new Date(at))).toBe(open);
  expect(nextOpening(berlin, new Date(at)).toISOString() === at).toBe(open);
});

const calendars = fc.constantFrom(berlin, newYork, withLunch, nights, always);
const instants = fc.date({ min: new Date('2025-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
it('what is added is what lies between', () => {
  fc.assert(
    fc.property(calendars, instants, fc.integer({ min: 0, max: 30 * hour }), (calendar, from, milliseconds) => {
      const to = addBusinessTime(calendar, from, milliseconds);
      expect(businessMillisecondsBetween(calendar, from, to)).toBe(milliseconds);
    }),
  );
});
it('two stretches are as long as the one they make up', () => {
  const week = fc.integer({ min: 0, max: 168 * hour });
  fc.assert(
    fc.property(calendars, instants, week, week, (calendar, a, first, second) => {
      const b = new Date(a.getTime() + first);
      const c = new Date(b.getTime() + second);
      expect(businessMillisecondsBetween(calendar, a, b) + businessMillisecondsBetween(calendar, b, c)).toBe(
        businessMillisecondsBetween(calendar, a, c),
      );
    }),
  );
});
