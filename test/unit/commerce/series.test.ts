import { describe, expect, it } from 'vitest';
import { nextInSeries, numberIn } from '../../../shared/commerce/series.ts';

const storeWith = (item?: object) => ({ store: { table: 'crm', get: async () => item } }) as never;

describe('a series of numbers', () => {
  it.each([
    ['{year}-{number}', 1, 6, '2026-000001'],
    ['CN-{year}-{number}', 1_234_567, 6, 'CN-2026-1234567'],
    ['{number}/{year}', 7, 1, '7/2026'],
  ])('%s of %i in %i figures is %s', (format, n, digits, number) => {
    expect(numberIn(format, '2026', n, digits)).toBe(number);
  });

  it('begins with the year, by whoever puts it first', async () => {
    const { n, issuedOn, take } = await nextInSeries(storeWith(), 'invoice', '2026-01-01');
    expect({ n, issuedOn }).toEqual({ n: 1, issuedOn: '2026-01-01' });
    expect(take.Update).toMatchObject({
      Key: { pk: 'series#invoice#2026' },
      ConditionExpression: 'attribute_not_exists(pk)',
      ExpressionAttributeValues: { ':next': 1, ':on': '2026-01-01' },
    });
  });

  it.each([
    ['the day after', '2026-03-02', '2026-03-03', '2026-03-03'],
    ['the same day', '2026-03-02', '2026-03-02', '2026-03-02'],
    ['by a clock that is behind', '2026-03-02', '2026-03-01', '2026-03-02'],
  ])('goes on %s', async (_, lastIssuedOn, today, issuedOn) => {
    const next = await nextInSeries(storeWith({ n: 41, lastIssuedOn }), 'invoice', today);
    expect(next).toMatchObject({ n: 42, issuedOn });
    expect(next.take.Update).toMatchObject({
      ConditionExpression: 'n = :last AND lastIssuedOn <= :on',
      ExpressionAttributeValues: { ':last': 41, ':next': 42, ':on': issuedOn },
    });
  });
});
