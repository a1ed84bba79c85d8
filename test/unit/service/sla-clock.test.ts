import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { businessMillisecondsBetween, officeHours } from '../../../shared/core/calendar.ts';
import { type ClockHistory, clock } from '../../../shared/service/sla-clock.ts';

const hour = 3_600_000;
const calendar = officeHours('Europe/Berlin');
// A Tuesday in winter: open from 08:00 to 16:00 UTC.
const at = (time: string): Date => new Date(`2026-02-03T${time}Z`);
const onWednesday = (time: string): Date => new Date(`2026-02-04T${time}Z`);
const history = (more: Partial<ClockHistory>): ClockHistory => ({
  calendar,
  target: 'PT4H',
  startedAt: at('09:00:00'),
  pauses: [],
  now: at('10:00:00'),
  ...more,
});

it.each<[string, Partial<ClockHistory>, object]>([
  ['runs', {}, { state: 'running', dueAt: at('13:00:00'), elapsedMilliseconds: hour, remainingMilliseconds: 3 * hour }],
  ['is not late at the due instant', { now: at('13:00:00') }, { state: 'running', remainingMilliseconds: 0 }],
  [
    'is late right after it',
    { now: at('13:00:00.001') },
    { state: 'breached', dueAt: at('13:00:00'), breachedAt: at('13:00:00'), remainingMilliseconds: 0 },
  ],
  [
    'is met exactly at the target',
    { metAt: at('13:00:00'), now: at('15:00:00') },
    { state: 'met', elapsedMilliseconds: 4 * hour },
  ],
  [
    'is breached if met after the target',
    { metAt: at('13:00:00.001'), now: at('15:00:00') },
    { state: 'breached', breachedAt: at('13:00:00'), elapsedMilliseconds: 4 * hour + 1 },
  ],
  [
    'stops when met',
    { metAt: at('11:00:00'), now: onWednesday('15:00:00') },
    { state: 'met', elapsedMilliseconds: 2 * hour },
  ],
  [
    'raised outside hours starts at the next opening',
    { startedAt: at('20:00:00'), now: at('21:00:00') },
    { state: 'running', dueAt: onWednesday('12:00:00'), elapsedMilliseconds: 0 },
  ],
  [
    'that ends with the day is due at closing time',
    { startedAt: at('12:00:00'), now: at('16:00:00.001') },
    { state: 'breached', breachedAt: at('16:00:00'), elapsedMilliseconds: 4 * hour },
  ],
  [
    'over the change of clocks',
    { startedAt: new Date('2026-03-27T15:00:00Z') },
    { dueAt: new Date('2026-03-30T10:00:00Z') },
  ],
  ['of another target is read from the start', { target: 'PT30M' }, { state: 'breached', breachedAt: at('09:30:00') }],
])('a clock %s', (_, more, expected) => expect(clock(history(more))).toMatchObject(expected));

describe('pauses', () => {
  it('stand still without a due date, and keep what remains', () => {
    const reading = clock(history({ pauses: [{ from: at('10:00:00') }], now: onWednesday('15:00:00') }));
    expect(reading).toEqual({ state: 'paused', elapsedMilliseconds: hour, remainingMilliseconds: 3 * hour });
  });
  it('begin at once', () =>
    expect(clock(history({ pauses: [{ from: at('10:00:00') }] }))).toMatchObject({ state: 'paused' }));
  it('end at once', () => {
    const pauses = [{ from: at('09:30:00'), to: at('10:00:00') }];
    expect(clock(history({ pauses }))).toMatchObject({ state: 'running', dueAt: at('13:30:00') });
  });
  it.each<[string, { from: Date; to?: Date }[], Date]>([
    ['move the due date by the business time paused', [{ from: at('10:00:00'), to: at('12:00:00') }], at('15:00:00')],
    ['before the start cost nothing', [{ from: at('08:00:00'), to: at('08:30:00') }], at('13:00:00')],
    ['over the start count from it', [{ from: at('08:00:00'), to: at('10:00:00') }], at('14:00:00')],
    [
      'count once where they overlap, in any order',
      [
        { from: at('11:00:00'), to: at('12:00:00') },
        { from: at('10:00:00'), to: at('11:30:00') },
        { from: at('10:15:00'), to: at('10:30:00') },
      ],
      at('15:00:00'),
    ],
    [
      'over night move it into the next day',
      [{ from: at('10:00:00'), to: onWednesday('08:00:00') }],
      onWednesday('11:00:00'),
    ],
    ['that end before they begin are none', [{ from: at('11:00:00'), to: at('10:00:00') }], at('13:00:00')],
  ])('%s', (_, pauses, dueAt) => {
    const now = pauses.reduce((a, { to }) => (to && to > a ? to : a), at('11:00:00'));
    expect(clock(history({ pauses, now }))).toMatchObject({ state: 'running', dueAt });
  });
  it('after a breach do not heal it', () => {
    const pauses = [{ from: at('14:00:00') }];
    expect(clock(history({ pauses, now: at('15:00:00') }))).toMatchObject({
      state: 'breached',
      breachedAt: at('13:00:00'),
      elapsedMilliseconds: 5 * hour,
    });
  });
  it('that begin at the due instant leave it unbroken, until the clock goes on', () => {
    const from = at('13:00:00');
    expect(clock(history({ pauses: [{ from }], now: onWednesday('09:00:00') }))).toMatchObject({
      state: 'paused',
      remainingMilliseconds: 0,
    });
    const pauses = [{ from, to: at('14:00:00') }];
    expect(clock(history({ pauses, now: at('14:00:00') }))).toMatchObject({ state: 'running', dueAt: at('14:00:00') });
    expect(clock(history({ pauses, now: at('14:00:00.001') }))).toMatchObject({ state: 'breached' });
  });
  it('end with being met', () => {
    const metAt = at('15:00:00');
    expect(clock(history({ pauses: [{ from: at('10:00:00') }], metAt, now: metAt }))).toEqual({
      state: 'met',
      dueAt: new Date('2026-02-04T10:00:00Z'),
      elapsedMilliseconds: hour,
      remainingMilliseconds: 3 * hour,
    });
  });
  it('at night cost nothing', () => {
    const pauses = [{ from: at('17:00:00'), to: at('23:00:00') }];
    expect(clock(history({ startedAt: at('14:00:00'), pauses, now: at('23:30:00') }))).toMatchObject({
      state: 'running',
      dueAt: onWednesday('10:00:00'),
    });
  });
  it('hold a reopened case: resolved is a pause', () => {
    const pauses = [{ from: at('11:00:00'), to: onWednesday('08:00:00') }];
    expect(clock(history({ pauses, now: onWednesday('09:00:00') }))).toMatchObject({
      state: 'running',
      dueAt: onWednesday('10:00:00'),
      elapsedMilliseconds: 3 * hour,
    });
  });
});

it('a target in months has no length', () => expect(() => clock(history({ target: 'P1M' }))).toThrow(RangeError));

const minutes = (max: number) => fc.integer({ min: 0, max });
const start = Date.parse('2026-03-23T00:00:00Z');
it('due is where elapsed reaches the target, whatever the pauses were', () => {
  const spans = fc.array(fc.tuple(minutes(14 * 1440), minutes(2 * 1440)), { maxLength: 6 });
  fc.assert(
    fc.property(minutes(7 * 1440), minutes(2400), spans, (started, target, pausesIn) => {
      const startedAt = new Date(start + started * 60_000);
      const pauses = pausesIn.map(([from, length]) => ({
        from: new Date(start + from * 60_000),
        to: new Date(start + (from + length) * 60_000),
      }));
      const now = new Date(start + 40 * 1440 * 60_000);
      const { dueAt, state } = clock({ calendar, target: `PT${target}M`, startedAt, pauses, now });
      expect(state).toBe('breached');
      const due = dueAt ?? now;
      // Minute by minute: slow, and therefore another way to the same figure.
      let elapsed = 0;
      for (let t = startedAt.getTime(); t < due.getTime(); t += 60_000) {
        const standing = pauses.some(({ from, to }) => from.getTime() <= t && t < to.getTime());
        const next = new Date(t + 60_000);
        const date = new Date(t);
        // Nine in summer is 07:00 UTC, five in winter 16:00: outside, there is nothing to add.
        const mayBeOpen = date.getUTCHours() >= 7 && date.getUTCHours() < 16;
        if (!standing && mayBeOpen) elapsed += businessMillisecondsBetween(calendar, date, next);
      }
      expect(elapsed).toBe(target * 60_000);
    }),
    { numRuns: 25 },
  );
});
