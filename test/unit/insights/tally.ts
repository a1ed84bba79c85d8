import type { Bucket } from '../../../shared/insights/buckets.ts';
import { figuresOf, type ReportAnswer } from '../../../shared/insights/read-report.ts';
import type { Count, Report, Subject } from '../../../shared/insights/report.ts';
import type { User } from '../../../shared/people/user.ts';

/** A report over subjects that are at hand, without a table: what it counts of them, added up and read. */
export function tallied<S>(
  report: Report,
  subject: Subject<S>,
  subjects: readonly S[],
  by: string,
  {
    currency = 'EUR',
    today = '2026-06-30',
    users = [] as Pick<User, 'id' | 'teamId'>[],
    from = '',
    to = '9999-12-31',
  } = {},
): { rows: Map<string, Record<string, unknown>>; totals: ReportAnswer['totals'] } {
  const countings = report.counts.filter((one) => one.subject === subject);
  const counts = subjects.flatMap((what) => countings.flatMap((one) => one.counts(what as never, 'UTC')));
  const division = report.by[by]!;
  const buckets = bucketsOf(
    counts.filter(({ dimension, on }) => dimension === division.dimension && on >= from && on <= to),
  );
  const reading = { today, users: new Map(users.map((user) => [user.id, user as User])) };
  const { rows, totals } = figuresOf(report, division, buckets, currency, reading);
  return { rows: new Map(rows.map(({ key, ...figures }) => [key, figures])), totals };
}

function bucketsOf(counts: readonly Count[]): Bucket[] {
  const buckets = new Map<string, { counts: number; figures: Record<string, number> } & Omit<Bucket, 'figures'>>();
  for (const { on, key, cell, figures } of counts) {
    const id = [on, key, cell].join('#');
    const bucket = buckets.get(id) ?? { on, key, cell, counts: 0, figures: {} };
    buckets.set(id, { ...bucket, counts: bucket.counts + 1 });
    for (const [name, value] of Object.entries(figures)) bucket.figures[name] = (bucket.figures[name] ?? 0) + value;
  }
  return [...buckets.values()];
}
