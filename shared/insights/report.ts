import type { User } from '../people/user.ts';
import type { Range } from '../store/places.ts';
import type { Store } from '../store/store.ts';

/** Numbers by name. */
export type Sums = Readonly<Record<string, number>>;

/**
 * What a record adds to one bucket of a report. A bucket holds the sums of all counts with the same dimension, date, key and cell; counts
 * of one cell always name the same figures.
 */
export interface Count {
  /** What the report is divided by: `time`, `owner`, `product`. */
  readonly dimension: string;
  /** The date that it counts under, `YYYY-MM-DD`, in the zone of the deployment. */
  readonly on: string;
  /** Which one of the dimension; `none` where the record has none. */
  readonly key: string;
  /** The currency of its money; for a spread the figure and the bin; else empty. */
  readonly cell: string;
  readonly figures: Sums;
}

/** The key of what has none. */
export const none = 'none';
/** The key under which it stands what was counted more than once, with the other sign: so the sum over all keys is what there is. */
export const repeated = '*';
/** The date of what has none: after every other. */
export const undated = '9999-12-31';
/** The dimension of reports that are divided by time alone: its only key is empty. */
export const time = { time: '' } as const;

/** Which one of each dimension a record belongs to: one, several, or none. */
export type Keys = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The counts of a record under a date: the same figures in every dimension. */
export const counted = (on: string, keys: Keys, figures: Sums, cell = ''): Count[] =>
  Object.entries(keys).flatMap(([dimension, of]) => {
    const several = [...new Set([of ?? none].flat())].map((key) => key.slice(0, longestKey));
    const distinct = several.length ? several : [none];
    const once = distinct.map((key): Count => ({ dimension, on, key, cell, figures }));
    return distinct.length === 1
      ? once
      : [...once, { dimension, on, key: repeated, cell, figures: times(figures, 1 - once.length) }];
  });

/** A key is part of the key of an item. */
const longestKey = 100;
const times = (figures: Sums, factor: number): Sums =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value * factor || 0]));

/** Something that is counted: a kind of record, and what is around it. */
export interface Subject<S> {
  /** The prefix of its ids. */
  readonly prefix: string;
  /** As it is now, strongly consistent: its version, and what there is to count; nothing of what is archived. */
  see(store: Store, recordId: string): Promise<{ version: number; what: S | undefined }>;
  /** Where all of them stand, to be walked by a rebuild. */
  stretches(store: Store): Promise<Range[]>;
}

/** What a report counts of a subject. It leans on nothing but what is given: not on the time, nor on the order of events. */
export interface Counting {
  readonly subject: Subject<unknown>;
  readonly counts: (what: never, timeZone: string) => Count[];
}
export const counting = <S>(subject: Subject<S>, counts: (what: S, timeZone: string) => Count[]): Counting => ({
  subject,
  counts,
});

/** What a report is read with. */
export interface Reading {
  /** Today in the zone of the deployment. */
  readonly today: string;
  /** Everybody, by id: for reports that are about people. */
  readonly users: ReadonlyMap<string, User>;
}

/** A way to divide a report. */
export interface By {
  readonly dimension: string;
  /** The row that a bucket belongs to. */
  row(bucket: Pick<Count, 'on' | 'key'>, reading: Reading): string;
  /** It takes the directory of users. */
  readonly people?: true;
  /** Rows that are shown also where nothing is counted. */
  rows?(reading: Reading): string[];
}

export type Figure = number | null | { median: number | null; p90: number | null };

/** A report: what counts in it and how its rows are made of the sums. */
export interface Report {
  readonly name: string;
  /** One line for the list of reports. */
  readonly about: string;
  /** Raised when what counts has changed: the report is then rebuilt by itself. */
  readonly revision: number;
  readonly counts: readonly Counting[];
  /** The ways to divide it; the first one where none is asked for. */
  readonly by: Readonly<Record<string, By>>;
  /** The sums that are money: only those of the report's currency are shown, in minor units. */
  readonly money: readonly string[];
  /** What a bucket says today, where that is more than its sums. */
  readonly today?: (sums: Sums, on: string, today: string) => Sums;
  /** The figures of a row, in their order; of the totals where there is no key. A sum that nothing was added to is absent. */
  row(sums: Sums, of: { key: string | undefined } & Reading): Record<string, Figure>;
  /** Figures that are percentiles of a spread: within five percent. */
  readonly approximate?: readonly string[];
  /** The figures of a row that are money, and those that are parts of one: a mail shows them so. */
  readonly amounts?: readonly string[];
  readonly rates?: readonly string[];
  /** The figure that a chart shows; the first if absent. */
  readonly headline?: string;
}

/** By the key of a dimension. */
export const byKey = (dimension: string): By => ({ dimension, row: ({ key }) => key });
/** By owner; people may be asked for by their teams as of today. */
export const byUser = (dimension: string): By => ({ dimension, people: true, row: ({ key }) => key });
export const byTeam = (dimension: string): By => ({
  dimension,
  people: true,
  row: ({ key }, { users }) => users.get(key)?.teamId ?? (key === repeated ? repeated : none),
});
const byTime = (keyOf: (on: string) => string): By => ({
  dimension: 'time',
  row: ({ on }) => (on === undated ? none : keyOf(on)),
});
export const byDay = byTime((on) => on);
/** ISO weeks: `2026-W01` has the year's first Thursday. */
export const byWeek = byTime(weekOf);
export const byMonth = byTime((on) => on.slice(0, 7));
export const byQuarter = byTime((on) => `${on.slice(0, 4)}-Q${Math.ceil(Number(on.slice(5, 7)) / 3)}`);

function weekOf(on: string): string {
  const date = new Date(`${on}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const days = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  return `${date.getUTCFullYear()}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`;
}

/** Calendar days from one date to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

/** `part / whole`, or null where there is nothing to divide by. */
export const ratio = (part = 0, whole = 0): number | null => (whole ? part / whole : null);
/** To one decimal. */
export const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);
