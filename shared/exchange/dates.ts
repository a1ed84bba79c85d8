import { instantAt } from '../core/duration.ts';
import { CellFault, type DateOrder, type Reading } from './reading.ts';

interface Day {
  year: number;
  month: number;
  day: number;
}
type Found = Day & { time: string };

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthOf = (name: string): number => months.indexOf(name.slice(0, 3).toLowerCase()) + 1;

/** A date, YYYY-MM-DD. @throws CellFault `date.ambiguous` where day and month may be either, `date.invalid` where there is no such day. */
export const dateOf = (text: string, reading: Pick<Reading, 'format' | 'order'>): string =>
  written(dayIn(text, reading));

/** An instant. One that names no zone is of the deployment's; a date alone is its beginning. @throws CellFault */
export function instantOf(text: string, reading: Pick<Reading, 'format' | 'order' | 'timeZone'>): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(text)) {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return new Date(at).toISOString();
  }
  const found = dayIn(text, reading);
  const [, hours = '0', minutes = '0', seconds = '0', half = ''] =
    /^(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*([ap]m)?/i.exec(found.time) ?? [];
  const hour = (Number(hours) % (half ? 12 : 24)) + (/p/i.test(half) ? 12 : 0);
  if (Number(minutes) > 59 || Number(seconds) > 59) throw invalid();
  const begun = instantAt(reading.timeZone, written(found), hour * 60 + Number(minutes));
  return new Date(begun.getTime() + Number(seconds) * 1_000).toISOString();
}

const invalid = () => new CellFault('date.invalid', 'There is no such date');

function dayIn(text: string, { format, order }: Pick<Reading, 'format' | 'order'>): Found {
  const found = format ? byFormat(text, format) : (asWritten(text) ?? inNumbers(text, order));
  if (found && isDay(found)) return found;
  throw invalid();
}

const isDay = ({ year, month, day }: Day): boolean =>
  year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();

const written = ({ year, month, day }: Day): string =>
  [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');

/** What can be read in one way only: year first, or the month by its name. */
function asWritten(text: string): Found | undefined {
  const [, y, m, d, time = ''] =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.*))?$/.exec(text) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(text) ?? [];
  if (y) return { year: Number(y), month: Number(m), day: Number(d), time };
  const [, day, name = '', year, rest = ''] =
    /^(\d{1,2})\.?[ -]([a-z]{3,9})\.?[ -,]+(\d{4})(?: +(.*))?$/i.exec(text) ?? [];
  if (day) return { year: Number(year), month: monthOf(name), day: Number(day), time: rest };
  const [, first = '', on, of, at = ''] =
    /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?: +(.*))?$/i.exec(text) ?? [];
  return on ? { year: Number(of), month: monthOf(first), day: Number(on), time: at } : undefined;
}

function inNumbers(text: string, order?: DateOrder): Found | undefined {
  const [, first, parting, second, y = '', time = ''] =
    /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?:[T ,]+(.*))?$/.exec(text) ?? [];
  if (!first || !second) return undefined;
  const [a, b] = [Number(first), Number(second)];
  const year = y.length === 2 ? century(Number(y)) : Number(y);
  const known = order ?? (parting === '.' || a > 12 ? 'dayFirst' : b > 12 || a === b ? 'monthFirst' : undefined);
  if (!known)
    throw new CellFault('date.ambiguous', 'Day or month first? Say it in the mapping: "format": "DD/MM/YYYY"');
  return known === 'dayFirst' ? { year, month: b, day: a, time } : { year, month: a, day: b, time };
}

/** Two digits are of the hundred years that end in thirty years. */
const century = (year: number): number => (year < 70 ? 2000 : 1900) + year;

/** `DD.MM.YYYY`, `M/D/YY HH:mm`, `D MMM YYYY`: the parts of a date by their letters, all else as it stands. */
function byFormat(text: string, format: string): Found | undefined {
  const parts: string[] = [];
  const pattern = format.replaceAll(/YYYY|YY|MMMM?|MM?|DD?|HH?:mm(?::ss)?|[.*+?^${}()|[\]\\]/g, (part) => {
    if (/^[^YMDH]/.test(part)) return `\\${part}`;
    parts.push(part);
    if (part.startsWith('MMM')) return '([A-Za-z]{3,9})';
    return part.startsWith('H')
      ? '(\\d{1,2}:\\d\\d(?::\\d\\d)?(?: ?[AaPp][Mm])?)'
      : part === 'YYYY'
        ? '(\\d{4})'
        : '(\\d{1,2})';
  });
  const [all, ...values] = new RegExp(`^${pattern}$`).exec(text) ?? [];
  if (all === undefined) return undefined;
  const partOf = (letter: string) => values[parts.findIndex((part) => part.startsWith(letter))] ?? '';
  const [y, m] = [partOf('Y'), partOf('M')];
  return {
    year: y.length === 2 ? century(Number(y)) : Number(y),
    month: /\d/.test(m) ? Number(m) : monthOf(m),
    day: Number(partOf('D')),
    time: partOf('H'),
  };
}

/** The order that all dates of a column show; undefined where none does, or where they disagree. */
export function orderIn(cells: Iterable<string>): DateOrder | undefined {
  const shown = new Set<DateOrder>();
  for (const cell of cells) {
    const [, a, b] = /^(\d{1,2})[-/](\d{1,2})[-/]\d{2,4}/.exec(cell.trim()) ?? [];
    if (Number(a) > 12) shown.add('dayFirst');
    if (Number(b) > 12) shown.add('monthFirst');
  }
  return shown.size === 1 ? [...shown][0] : undefined;
}
