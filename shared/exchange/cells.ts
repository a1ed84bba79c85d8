import { exponentOf, type Money } from '../core/money.ts';
import { countryOf } from './countries.ts';
import { dateOf, instantOf } from './dates.ts';
import type { Field } from './fields.ts';
import { CellFault, type DecimalSign, type Reading } from './reading.ts';

/** What a cell says as a field. References are looked up by others. @throws CellFault */
export function readCell(field: Field, cell: string, reading: Reading): unknown {
  const text = cell.trim();
  const said = reading.values?.[text] ?? cell;
  switch (field.as) {
    case 'text':
    case 'reference':
      return said;
    case 'fullName':
      return fullNameOf(said);
    case 'email':
      return addressesIn(said)[0] ?? said;
    case 'choice':
      return choiceOf(said.trim(), field.of);
    case 'integer':
    case 'number':
      return numberOf(said.trim(), field.as, reading);
    case 'boolean':
      return booleanOf(said.trim());
    case 'country':
      return countryOf(said.trim());
    case 'date':
      return dateOf(said.trim(), reading);
    case 'instant':
      return instantOf(said.trim(), reading);
    case 'money':
      return moneyOf(said.trim(), reading);
    case 'externalId':
      return externalIdOf(said.trim(), reading.source);
    case 'json':
      return jsonOf(said.trim());
    case 'list':
      return (field.of.as === 'email' ? addressesIn(said) : partsOf(said)).map((part) =>
        readCell(field.of, part, reading),
      );
  }
}

/** The e-mail addresses of a cell, without what stands around them: `Jo <mailto:jo@acme.example>, al@acme.example.`; else the cell's parts. */
export function addressesIn(cell: string): string[] {
  const close = cell.replaceAll(/\s*@\s*/g, '@').replaceAll(/mailto:/gi, '');
  const found = close.match(/[^\s<>()[\]"',;]+@[^\s<>()[\]"',;]+/g) ?? [];
  return found.length ? found.map((address) => address.replace(/\.+$/, '')) : partsOf(cell);
}

/** The parts of a cell that holds several: a JSON list, else parted by semicolons or line breaks. */
export function partsOf(cell: string): string[] {
  const text = cell.trim();
  if (text.startsWith('[')) {
    const list = jsonOf(text);
    if (Array.isArray(list)) return list.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  }
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter(Boolean);
}

/** `Jo Ann Doe`, `Doe, Jo Ann`: the last word is the family's, or what stands before a comma. */
function fullNameOf(text: string): { firstName?: string; lastName?: string } {
  const [, family, given] = /^([^,]+),(.+)$/.exec(text) ?? [];
  const words = text.trim().split(/\s+/);
  const [firstName, lastName] = given ? [given.trim(), family!.trim()] : [words.slice(0, -1).join(' '), words.at(-1)];
  return { ...(firstName && { firstName }), ...(lastName && { lastName }) };
}

function choiceOf(text: string, of: readonly string[]): string {
  const plain = (word: string) => word.toLowerCase().replaceAll(/[\s_-]/g, '');
  const found = of.find((word) => plain(word) === plain(text));
  if (found) return found;
  throw new CellFault('value.unknown', `It is one of ${of.join(', ')}`);
}

const yes = new Set('true t yes y on 1 x ✓ ja wahr oui vrai si sí verdadero vero'.split(' '));
const no = new Set('false f no n off 0 - nein falsch non faux falso'.split(' '));
function booleanOf(text: string): boolean {
  const word = text.toLowerCase();
  if (yes.has(word)) return true;
  if (no.has(word)) return false;
  throw new CellFault('value.invalid', 'It is true or false');
}

/** `format` of a number is an example: `1.234,56` or `1,234.56`. What has no fraction has its three digits behind a point for thousands. */
function numberOf(text: string, as: 'integer' | 'number', reading: Reading): number {
  const bare = text.replace(/%$/, '');
  const value = Number(plainDecimal(bare, reading, as === 'integer' ? () => 'decimalComma' : () => 'decimalPoint'));
  if (as === 'integer' && !Number.isSafeInteger(value)) throw new CellFault('number.invalid', 'It is a whole number');
  return value;
}

/** The longer ones first. A crown is of several countries. */
const signs: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  `US$ USD,CA$ CAD,C$ CAD,AU$ AUD,A$ AUD,NZ$ NZD,HK$ HKD,S$ SGD,MX$ MXN,R$ BRL,$ USD,€ EUR,£ GBP,¥ JPY,₹ INR,Rs. INR,zł PLN,Kč CZK,Ft HUF,
  lei RON,лв BGN,₽ RUB,₺ TRY,₩ KRW,₪ ILS,฿ THB,₫ VND,Fr. CHF,kr. ,kr `
    .split(',')
    .map((pair) => pair.trimStart().split(' ')),
);

/**
 * An amount, exactly: `1,054.50`, `€ 1.054,50`, `1054.50 USD`, `(12.00)`. Its currency is the mapping's, else the one it is written with,
 * else the deployment's. In major units unless the mapping says minor ones.
 */
function moneyOf(text: string, reading: Reading): Money {
  const { currency, unit = 'major', ownCurrency } = reading;
  const [, code] = /(?:^|[^A-Z])([A-Z]{3})(?:$|[^A-Z])/.exec(text) ?? [];
  const sign = Object.keys(signs).find((one) => text.includes(one));
  const written = code ?? (sign && (signs[sign] || undefined));
  // A dollar is of the mapping's country; a code is what it says.
  const of = code && currency && code !== currency ? undefined : (currency ?? written ?? ownCurrency);
  if (!of) throw new CellFault('currency.mismatch', `${code} is not ${currency}`);
  const places = unit === 'minor' ? 0 : exponentOf(of);
  const bare = text.replace(code ?? '', '').replace(sign ?? '', '');
  const [, minus = '', whole = '0', fraction = ''] =
    /^(-?)(\d*)\.?(\d*)$/.exec(plainDecimal(bare, reading, () => thousandOf(places))) ?? [];
  if (/[1-9]/.test(fraction.slice(places)))
    throw new CellFault('number.precision', `${of} has ${places} decimal places`);
  const amount = Number(`${minus}${whole}${fraction.slice(0, places).padEnd(places, '0')}`);
  if (!Number.isSafeInteger(amount)) throw new CellFault('number.invalid', 'The amount is too large');
  return { amount: amount === 0 ? 0 : amount, currency: of };
}

/** What `1.500` is of a currency: a thousand and a half where it has no such fraction; where it has another one, nobody knows. */
function thousandOf(places: number): DecimalSign {
  if (places === 0) return 'decimalComma';
  if (places === 3) return 'decimalPoint';
  throw new CellFault('number.ambiguous', 'A point for thousands? Say it in the mapping: "format": "1.234,56"');
}

const powers: Readonly<Record<string, number>> = { k: 3, m: 6, mio: 6, mn: 6, bn: 9, mrd: 9 };

/**
 * A decimal as JavaScript writes it: `1.234,56`, `1,234.56`, `1'234.56`, `(500)`, `12-`, `1.2k`, `1.5E+06`, `5,-`. What parts thousands and
 * what the fraction is told by the mapping, the cell, its column, or `otherwise`, in this order.
 */
function plainDecimal(text: string, { format, order }: Reading, otherwise: () => DecimalSign): string {
  const packed = text.replaceAll(/[\s'’_]/g, '').replace(/^(.*\d)[.,](?:[-–—]{1,2})$/, '$1');
  const [, open, before, digits = '', power = '', exponent = '0', behind, close] =
    /^(\()?([-−+])?([\d.,]*\d[\d.,]*)(?:(k|m|mio|mn|bn|mrd)\.?|e([-+]?\d\d?))?([-−])?(\))?$/i.exec(packed) ?? [];
  const told = format ? (decimalSign(format) ?? 'decimalPoint') : undefined;
  const column = order === 'decimalComma' || order === 'decimalPoint' ? order : undefined;
  const sign =
    told ?? decimalSign(digits) ?? (digits.includes('.') ? (column ?? otherwise()) : (column ?? 'decimalPoint'));
  const [point, comma] = sign === 'decimalComma' ? [',', '.'] : ['.', ','];
  const [whole = '', fraction = '', ...more] = digits.split(point);
  const groups = whole.split(comma);
  const grouped =
    groups.length === 1 || (/^\d{1,3}$/.test(groups[0]!) && groups.slice(1).every((one) => /^\d{2,3}$/.test(one)));
  if (
    !digits ||
    more.length ||
    !grouped ||
    fraction.includes(comma) ||
    groups.at(-1)!.length < (groups.length > 1 ? 3 : 0)
  )
    throw new CellFault('number.invalid', 'It is a number');
  const plain = shifted(groups.join(''), fraction, (powers[power.toLowerCase()] ?? 0) + Number(exponent));
  return (open && close) || /[-−]/.test(`${before}${behind}`) ? `-${plain}` : plain;
}

/** Digits with their point so many places further right. */
function shifted(whole: string, fraction: string, places: number): string {
  const digits = `${'0'.repeat(Math.max(0, -places - whole.length))}${whole}${fraction.padEnd(places, '0')}`;
  const at = Math.max(0, whole.length + places);
  return places ? `${digits.slice(0, at)}.${digits.slice(at)}` : fraction ? `${whole}.${fraction}` : whole;
}

/** What parts the fraction, where the digits alone show it; undefined where what stands once before three digits may be either. */
export function decimalSign(text: string): DecimalSign | undefined {
  const [digits = ''] = /(?<!\p{L})[.,]?\d[\d.,]*/u.exec(text.replaceAll(/[\s'’_]/g, '')) ?? [];
  const [commas, points] = [digits.split(',').length - 1, digits.split('.').length - 1];
  if (commas && points) return digits.lastIndexOf(',') > digits.lastIndexOf('.') ? 'decimalComma' : 'decimalPoint';
  if (commas + points > 1) return commas ? 'decimalPoint' : 'decimalComma';
  if (!commas && !points) return undefined;
  if (/^[1-9]\d{0,2}[.,]\d{3}$/.test(digits)) return undefined;
  return commas ? 'decimalComma' : 'decimalPoint';
}

/** `source:id`, or the id alone where the mapping names the source. */
function externalIdOf(text: string, source?: string): { source: string; id: string } {
  if (source) return { source, id: text };
  const [before = '', ...rest] = text.split(':');
  if (before && rest.length) return { source: before, id: rest.join(':') };
  throw new CellFault('externalId.sourceMissing', 'Say the source in the mapping, or write source:id');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CellFault('value.invalid', 'It is JSON');
  }
}
