import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PaymentDetails } from '../../../shared/commerce/payment.ts';
import { Instant } from '../../../shared/core/instant.ts';
import { fieldsOf } from '../../../shared/exchange/fields.ts';
import { ConsentDetails } from '../../../shared/marketing/consent.ts';
import { PolicyChange } from '../../../shared/platform/policy-commands.ts';
import { TaskDetails } from '../../../shared/platform/task.ts';
import { Snooze } from '../../../shared/platform/task-commands.ts';
import { ActivityDetails } from '../../../shared/service/activity.ts';

const said = '2026-11-26T08:00:00.5Z';
const kept = '2026-11-26T08:00:00.500Z';

describe('an instant', () => {
  it.each([
    ['2026-11-26T08:00:00Z', '2026-11-26T08:00:00.000Z'],
    [said, kept],
    ['2026-11-26T08:00:00.000001Z', '2026-11-26T08:00:00.000Z'],
    ['2026-11-26T08:00:00.1239999Z', '2026-11-26T08:00:00.123Z'],
    [kept, kept],
  ])('%s is kept as %s', (sent, instant) => expect(Instant.parse(sent)).toBe(instant));
  it.each([
    '',
    'now',
    '2026-11-26',
    '2026-02-30T08:00:00Z',
    '2026-11-26T08:00:00',
    '2026-11-26T08:00Z',
    '2026-11-26T08:00:00+01:00',
    '2026-11-26T25:00:00Z',
  ])('%s is none', (sent) => expect(Instant.safeParse(sent).success).toBe(false));
  it('sorts by time', () =>
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
        fc.nat(9),
        (date, digits) => {
          const sent = `${date.toISOString().slice(0, 19)}${digits ? `.${'7'.repeat(digits)}` : ''}Z`;
          const instant = Instant.parse(sent);
          expect(instant).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
          expect(Instant.parse(instant)).toBe(instant);
          expect(Date.parse(instant)).toBe(Date.parse(sent));
        },
      ),
    ));
  it('is a date-time in the API document, and an instant to files', () => {
    expect(z.toJSONSchema(Instant)).toMatchObject({ type: 'string', format: 'date-time' });
    expect(fieldsOf(ActivityDetails)['occurredAt']).toEqual({ as: 'instant' });
  });
});

it.each([
  ['a task', () => TaskDetails.parse({ title: 'x', dueAt: said }).dueAt],
  ['a snooze', () => Snooze.parse({ until: said }).until],
  ['a policy', () => PolicyChange.parse({ body: {}, validFrom: said }).validFrom],
  ['an activity', () => ActivityDetails.parse({ kind: 'note', occurredAt: said }).occurredAt],
  [
    'a consent',
    () => ConsentDetails.parse({ topic: 'news', channel: 'email', status: 'granted', source: 'api', at: said }).at,
  ],
  [
    'a payment',
    () =>
      PaymentDetails.parse({ amount: { amount: 1, currency: 'EUR' }, method: 'x', reference: 'y', receivedAt: said })
        .receivedAt,
  ],
])('%s keeps its instants in milliseconds', (_, instant) => expect(instant()).toBe(kept));
