import { exponentOf, type Money } from '../core/money.ts';
import { countryOf } from './countries.ts';
import { dateOf, instantOf } from './dates.ts';
import type { Field } from './fields.ts';
import { CellFault, type Reading } from './reading.ts';

/** What a cell says as a field. References are looked up by others. @throws CellFault */
export function readCell(field: Field, cell: string, reading: Reading): unknown {
  const text = cell.trim();
  const said = reading.values?.[text] ?? cell;
  switch (field.as) {
    case 'text':
    case 'reference':
      return said;
    case 'choice':
      return choiceOf(said.trim(), field.of);
    case 'integer':
    case 'number':
      return numberOf(said.trim(), field.as, reading.format);
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
      return partsOf(said).map((part) => readCell(field.of, part, reading));
  }
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

function choiceOf(text: string, of: readonly string[]): string {
  const plain = (word: string) => word.toLowerCase().replaceAll(/[\s_-]/g, '');
  const found = of.find((word) => plain(word) === plain(text));
  if (found) return found;
  throw new CellFault('value.unknown', `It is one of ${of.join(', ')}`);
}

const yes = new Set(['true', 'yes', 'y', '1', 'ja', 'oui', 'si', 'sí', 'x']);
const no = new Set(['false', 'no', 'n', '0', 'nein', 'non', '-']);
function booleanOf(text: string): boolean {
  const word = text.toLowerCase();
  if (yes.has(word)) return true;
  if (no.has(word)) return false;
  throw new CellFault('value.invalid', 'It is true or false');
}

/** `format` of a number is an example: `1.234,56` or `1,234.56`. */
function numberOf(text: string, as: 'integer' | 'number', format?: string): number {
  const value = Number(plainDecimal(text, format));
  if (as === 'integer' && !Number.isSafeInteger(value)) throw new CellFault('number.invalid', 'It is a whole number');
  return value;
}

const signs: Readonly<Record<string, string>> = { '€': 'EUR', $: 'USD', '£': 'GBP', '¥': 'JPY', '₹': 'INR' };

/**
 * An amount, exactly: `1,054.50`, `€ 1.054,50`, `1054.50 USD`, `(12.00)`. Its currency is the mapping's, else the one it is written with,
 * else the deployment's. In major units unless the mapping says minor ones.
 */
function moneyOf(text: string, { currency, unit = 'major', format, ownCurrency }: Reading): Money {
  const [, code] = /(?:^|[^A-Z])([A-Z]{3})(?:$|[^A-Z])/.exec(text) ?? [];
  const sign = Object.keys(signs).find((one) => text.includes(one));
  const written = code ?? (sign && signs[sign]);
  // A dollar is of the mapping's country; a code is what it says.
  const of = code && currency && code !== currency ? undefined : (currency ?? written ?? ownCurrency);
  if (!of) throw new CellFault('currency.mismatch', `${code} is not ${currency}`);
  const decimal = plainDecimal(text.replace(code ?? '', '').replace(sign ?? '', ''), format);
  const [, minus = '', whole = '0', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(decimal) ?? [];
  const places = unit === 'minor' ? 0 : exponentOf(of);
  if (/[1-9]/.test(fraction.slice(places)))
    throw new CellFault('number.precision', `${of} has ${places} decimal places`);
  const amount = Number(`${minus}${whole}${fraction.slice(0, places).padEnd(places, '0')}`);
  if (!Number.isSafeInteger(amount)) throw new CellFault('number.invalid', 'The amount is too large');
  return { amount: amount === 0 ? 0 : amount, currency: of };
}

/**
 * A decimal as JavaScript writes it. Where point and comma both stand, the last is the decimal one; where one stands several times, it
 * parts thousands; a single one before exactly three digits may be either: only a comma is taken for thousands, as a point is what
 * programs write.
 */
function plainDecimal(text: string, format?: string): string {
  const negative = /^\(.*\)$/.test(text) || /^\s*[-−]|[-−]\s*$/.test(text);
  const digits = text.replaceAll(/[\s()'’_%−+-]|\u00a0|\u202f/g, '');
  if (!/^[\d.,]*\d[\d.,]*$/.test(digits)) throw new CellFault('number.invalid', 'It is a number');
  const comma = format ? format.lastIndexOf(',') > format.lastIndexOf('.') : hasDecimalComma(digits);
  const plain = comma ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
  if (!/^\d*\.?\d*$/.test(plain)) throw new CellFault('number.invalid', 'It is a number');
  return negative ? `-${plain}` : plain;
}

function hasDecimalComma(digits: string): boolean {
  const [commas, points] = [digits.split(',').length - 1, digits.split('.').length - 1];
  if (commas && points) return digits.lastIndexOf(',') > digits.lastIndexOf('.');
  if (points > 1) return true;
  return commas === 1 && !/^\d{1,3},\d{3}$/.test(digits);
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
