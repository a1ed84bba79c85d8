import { exponentOf, Money } from '../core/money.ts';
import type { Field } from './fields.ts';

/** A field as a cell that an import reads back as the same: the other way round of `readCell`. */
export function writeCell(field: Field, value: unknown): string {
  if (value === undefined || value === null) return '';
  switch (field.as) {
    case 'money':
      return moneyCell(Money.parse(value));
    case 'externalId': {
      const { source, id } = value as { source: string; id: string };
      return `${source}:${id}`;
    }
    case 'json':
      return JSON.stringify(value);
    case 'list':
      return listCell((value as unknown[]).map((one) => writeCell(field.of, one)));
    default:
      return String(value);
  }
}

/** `1054.50 USD`, every minor unit shown. */
function moneyCell({ amount, currency }: Money): string {
  const places = exponentOf(currency);
  const digits = String(Math.abs(amount)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = places ? `.${digits.slice(-places)}` : '';
  return `${amount < 0 ? '-' : ''}${whole}${fraction} ${currency}`;
}

/** Parted by semicolons, unless a part has one of its own or would be trimmed: then as JSON. */
const listCell = (parts: readonly string[]): string =>
  parts.some((part) => /[;\n[]/.test(part) || part.trim() !== part || part === '')
    ? JSON.stringify(parts)
    : parts.join(';');
