import { CellFault } from './reading.ts';

let codes: Map<string, string> | undefined;

/** What countries are also called. */
const also = { USA: 'US', UK: 'GB', 'Great Britain': 'GB', England: 'GB', EIRE: 'IE', Korea: 'KR', Holland: 'NL' };

const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/[^\p{L}]/gu, '')
    .toLowerCase();

/** The two letters of a country (ISO 3166-1) that is written so, or by its English name. @throws CellFault `country.unknown` */
export function countryOf(text: string): string {
  if (/^[A-Za-z]{2}$/.test(text) && text.toUpperCase() !== 'UK') return text.toUpperCase();
  codes ??= byName();
  const code = codes.get(plain(text));
  if (code) return code;
  throw new CellFault('country.unknown', 'It is a country of ISO 3166-1: two letters, or its English name');
}

function byName(): Map<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const all = letters.flatMap((first) => letters.map((second) => first + second));
  // A code that is no more in use is another one in canonical form: DD is DE.
  const current = all.filter((code) => new Intl.Locale(`und-${code}`).region === code);
  const named = current.flatMap((code) => {
    const name = names.of(code);
    return name ? [[plain(name), code] as const] : [];
  });
  const own = Object.entries(also).map(([name, code]) => [plain(name), code] as const);
  return new Map([...named, ...own]);
}
