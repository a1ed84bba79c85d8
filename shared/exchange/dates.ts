import { instantAt } from '../core/duration.ts';
import { CellFault, type DateOrder, type Reading } from './reading.ts';

interface Day {
  year: number;
  month: number;
  day: number;
}
type Found = Day & { time: string };
type How = Pick<Reading, 'format' | 'order'>;

/** A date, YYYY-MM-DD. @throws CellFault `date.ambiguous` where day and month may be either, `date.invalid` where there is no such day. */
export function dateOf(text: string, reading: How): string {
  const found = dayIn(text, reading);
  clockOf(found.time);
  return written(found);
}

/** An instant. One that names no zone is of the deployment's; a date alone is its beginning. @throws CellFault */
export function instantOf(text: string, reading: How & Pick<Reading, 'timeZone'>): string {
  const found = dayIn(text, reading);
  const { minutes, milliseconds, ahead } = clockOf(found.time);
  const zone = ahead === undefined ? reading.timeZone : 'UTC';
  const begun = instantAt(zone, written(found), minutes - (ahead ?? 0));
  return new Date(begun.getTime() + milliseconds).toISOString();
}

const invalid = () => new CellFault('date.invalid', 'There is no such date');

/** A time of day: `10:30`, `10:30:15.250 PM`, `14.30 Uhr`, `10:00:00+02:00`; `ahead`: the minutes of its zone, where it names one. */
function clockOf(time: string): { minutes: number; milliseconds: number; ahead?: number } {
  if (!time) return { minutes: 0, milliseconds: 0 };
  const [all, h, m, s = '0', fraction = '', half, zone, sign, hours = '0', rest = '0'] =
    /^(?:(?:at|um|à) )?(\d{1,2})[:.h](\d\d)(?:[:.](\d\d)(?:[.,](\d+))?)?(?: ?([ap])\.?m\.?)?(?: Uhr)?(?: ?(Z|UTC|GMT|(?:UTC|GMT)?([-+])(\d\d):?(\d\d)?))?$/i.exec(
      time,
    ) ?? [];
  const [hour, minute, second] = [Number(h), Number(m), Number(s)];
  if (!all || hour > (half ? 12 : 23) || minute > 59 || second > 59) throw invalid();
  const ahead = (Number(hours) * 60 + Number(rest)) * (sign === '-' ? -1 : 1);
  return {
    minutes: (half ? (hour % 12) + (/p/i.test(half) ? 12 : 0) : hour) * 60 + minute,
    milliseconds: second * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0')),
    ...(zone && { ahead }),
  };
}

function dayIn(text: string, { format, order }: How): Found {
  const found = format ? byFormat(text, format) : (counted(text) ?? asWritten(text) ?? inNumbers(text, order));
  if (found && isDay(found)) return found;
  throw invalid();
}

const isDay = ({ year, month, day }: Day): boolean =>
  year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();

const written = ({ year, month, day }: Day): string =>
  [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');

/** Days since the end of 1899, as spreadsheets count them (those of 1954 to 2119), or milliseconds since 1970, as programs do. */
function counted(text: string): Found | undefined {
  const days = /^[2-7]\d{4}(\.\d+)?$/.test(text);
  if (!days && !/^\d{13}$/.test(text)) return undefined;
  const seconds = days ? Math.round((Number(text) - 25_569) * 86_400) : Number(text) / 1_000;
  const [day = '', time = ''] = new Date(seconds * 1_000).toISOString().split('T');
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return { year, month, day: date, time: days ? time.slice(0, 8) : time };
}

/** What can be read in one way only: year first, or the month by its name. */
function asWritten(text: string): Found | undefined {
  const [, y, m, d, time = ''] =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:(?:T| +|, )(.*))?$/.exec(text) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(text) ?? [];
  if (y) return { year: Number(y), month: Number(m), day: Number(d), time };
  const named = text.replace(/^\p{L}+\.?, ?/u, '');
  const [, day, name = '', year = '', rest = ''] =
    /^(\d{1,2})(?:\.|st|nd|rd|th|er|º)?[ -](?:de )?(\p{L}{3,10})\.?[ ,-]+(?:del? )?(\d{4}|\d\d)(?:,? +(.*))?$/iu.exec(
      named,
    ) ?? [];
  if (day) return { year: yearOf(year), month: monthOf(name), day: Number(day), time: rest };
  const [, first = '', on, of, at = ''] =
    /^(\p{L}{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?:,? +(.*))?$/iu.exec(named) ?? [];
  return on ? { year: Number(of), month: monthOf(first), day: Number(on), time: at } : undefined;
}

function inNumbers(text: string, order?: Reading['order']): Found | undefined {
  const [, first, parting, second, y = '', time = ''] =
    /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?:[T ,]+(.*))?$/.exec(text) ?? [];
  if (!first || !second) return undefined;
  const [a, b] = [Number(first), Number(second)];
  const year = yearOf(y);
  const shown = a > 12 ? 'dayFirst' : b > 12 || a === b ? 'monthFirst' : undefined;
  const known = parting === '.' ? 'dayFirst' : (order ?? shown);
  if (!known)
    throw new CellFault('date.ambiguous', 'Day or month first? Say it in the mapping: "format": "DD/MM/YYYY"');
  return known === 'dayFirst' ? { year, month: b, day: a, time } : { year, month: a, day: b, time };
}

/** Two digits are of the hundred years that end in 2069. */
const yearOf = (digits: string): number =>
  digits.length === 2 ? (Number(digits) < 70 ? 2000 : 1900) + Number(digits) : Number(digits);

const plain = (name: string) => name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
let months: readonly (readonly [name: string, month: number])[] | undefined;

/** The month of a name, or of its beginning: `March`, `Mär`, `août`, `ene`; 0 if it is none, or may be several. */
function monthOf(word: string): number {
  months ??= ['en', 'de', 'es', 'fr', 'it', 'nl', 'pt'].flatMap((language) =>
    Array.from({ length: 12 }, (_, n) => {
      const name = new Date(Date.UTC(2000, n)).toLocaleDateString(language, { month: 'long', timeZone: 'UTC' });
      return [plain(name), n + 1] as const;
    }),
  );
  const same = plain(word);
  if (/^mrz|^mrt/.test(same)) return 3;
  const found = new Set(months.flatMap(([name, month]) => (name.startsWith(same) ? [month] : [])));
  return found.size === 1 ? [...found][0]! : 0;
}

/** `DD.MM.YYYY`, `M/D/YY HH:mm`, `D MMM YYYY`: the parts of a date by their letters, all else as it stands. */
function byFormat(text: string, format: string): Found | undefined {
  const parts: string[] = [];
  const pattern = format.replaceAll(/YYYY|YY|MMMM?|MM?|DD?|HH?:mm(?::ss)?|[.*+?^${}()|[\]\\]/g, (part) => {
    if (/^[^YMDH]/.test(part)) return `\\${part}`;
    parts.push(part);
    if (part.startsWith('MMM')) return '(\\p{L}{3,10})';
    return part.startsWith('H')
      ? '(\\d{1,2}:\\d\\d(?::\\d\\d)?(?: ?[AaPp][Mm])?)'
      : part === 'YYYY'
        ? '(\\d{4})'
        : '(\\d{1,2})';
  });
  const [all, ...values] = new RegExp(`^${pattern}$`, 'u').exec(text) ?? [];
  if (all === undefined) return undefined;
  const partOf = (letter: string) => values[parts.findIndex((part) => part.startsWith(letter))] ?? '';
  const m = partOf('M');
  return {
    year: yearOf(partOf('Y')),
    month: /\d/.test(m) ? Number(m) : monthOf(m),
    day: Number(partOf('D')),
    time: partOf('H'),
  };
}

/** Whether the day or the month comes first, where a date shows it. */
export function dateOrder(text: string): DateOrder | undefined {
  const [, a, b] = /^(\d{1,2})[-/](\d{1,2})[-/]\d{2,4}/.exec(text.trim()) ?? [];
  return Number(a) > 12 ? 'dayFirst' : Number(b) > 12 ? 'monthFirst' : undefined;
}
