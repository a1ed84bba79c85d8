import type { Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';

/** The next number of a series without gaps, or the first of several: taken by the transaction that holds `take`, or not at all. */
export interface InSeries {
  n: number;
  /** The date of issue: never before that of the number before. */
  issuedOn: string;
  take: Action;
}

/** `2026-000001` of `{year}-{number}`. */
export const numberIn = (format: string, year: string, n: number, digits: number): string =>
  format.replace('{year}', year).replace('{number}', String(n).padStart(digits, '0'));

/**
 * The next number of a series, or so many: `name` and the year of the day. Whoever commits `take` first has the number; everybody else is overtaken,
 * and decides again with the next one. A clock that is behind the last date of issue gives way to it: dates in a series never go back.
 */
export async function nextInSeries(
  { store }: Pick<Crm, 'store'>,
  name: string,
  today: string,
  count = 1,
): Promise<InSeries> {
  const key = `series#${name}#${today.slice(0, 4)}`;
  const item = await store.get({ pk: key, sk: key });
  const last = { n: Number(item?.['n'] ?? 0), issuedOn: String(item?.['lastIssuedOn'] ?? today) };
  const n = last.n + 1;
  const issuedOn = last.issuedOn > today ? last.issuedOn : today;
  const take: Action = {
    Update: {
      TableName: store.table,
      Key: { pk: key, sk: key },
      UpdateExpression: 'SET n = :next, lastIssuedOn = :on',
      ConditionExpression: item ? 'n = :last AND lastIssuedOn <= :on' : 'attribute_not_exists(pk)',
      ExpressionAttributeValues: { ':next': last.n + count, ':on': issuedOn, ...(item && { ':last': last.n }) },
    },
  };
  return { n, issuedOn, take };
}
