import { isCountry } from '../core/codes.ts';
import { CellFault } from './reading.ts';

let codes: Map<string, string> | undefined;

/** What countries are also called. */
const also = `Great Britain GB,England GB,Scotland GB,Wales GB,Northern Ireland GB,EIRE IE,Korea KR,Holland NL,United States of America US,Russian
  Federation RU,Czech Republic CZ,Turkey TR,Ivory Coast CI,Macau MO,Macedonia MK,RSA ZA,UAE AE,USA US,DEU DE,AUT AT,CHE CH,FRA FR,ITA IT,ESP
  ES,PRT PT,NLD NL,BEL BE,GBR GB,IRL IE,SWE SE,DNK DK,NOR NO,FIN FI,POL PL,CZE CZ,HUN HU,CAN CA,MEX MX,BRA BR,AUS AU,NZL NZ,JPN JP,CHN CN,IND IN`;

const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll('&', 'and')
    .replace(/^the /i, '')
    .replaceAll(/[^\p{L}]/gu, '')
    .toLowerCase();

/**
 * The two letters of a country (ISO 3166-1) that is written so, or by a name in one of the languages of western files; `Korea, Republic of`
 * stands before its comma. @throws CellFault `country.unknown`
 */
export function countryOf(text: string): string {
  const letters = text.toUpperCase();
  if (isCountry(letters) && letters !== 'UK') return letters;
  codes ??= byName();
  const code = codes.get(plain(text)) ?? codes.get(plain(text.split(',')[0] ?? ''));
  if (code) return code;
  throw new CellFault('country.unknown', 'It is a country of ISO 3166-1: two letters, or its name');
}

function byName(): Map<string, string> {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const all = letters.flatMap((first) => letters.map((second) => first + second));
  // A code that is no more in use is another one in canonical form: DD is DE.
  const current = all.filter((code) => new Intl.Locale(`und-${code}`).region === code);
  // What the later ones say holds: English.
  const named = ['pt', 'nl', 'it', 'fr', 'es', 'de', 'en'].flatMap((language) =>
    (['short', 'long'] as const).flatMap((style) => {
      const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none', style });
      return current.flatMap((code) => {
        const name = names.of(code);
        return name ? [[plain(name), code] as const] : [];
      });
    }),
  );
  const own = also.split(',').map((pair) => [plain(pair.trim().slice(0, -3)), pair.trim().slice(-2)] as const);
  return new Map([...named, ...own]);
}
