import { type FieldFault, Refusal } from '../core/refusal.ts';
import { pointerTo } from '../core/validation.ts';

const mostFaults = 100;
/** Closer to nothing than this DynamoDB cannot write a number down. */
const smallest = 1e-130;

/**
 * What a request says, if a record can hold it: 400 with the pointer of every number that is not kept exactly, and of every text that is
 * half a character. Asked once for all bodies and queries, so that no schema has to think of it.
 */
export function storable<T extends object>(said: T): T {
  const errors: FieldFault[] = [];
  look(said, [], (path, code, detail) => errors.push({ pointer: pointerTo(path), code, detail }));
  if (!errors.length) return said;
  throw new Refusal('request.invalid', 'The request holds what no record can', {
    errors: errors.slice(0, mostFaults),
  });
}

type Tell = (path: readonly PropertyKey[], code: string, detail: string) => void;

function look(value: unknown, path: readonly PropertyKey[], tell: Tell): void {
  if (typeof value === 'number' && !isKept(value))
    tell(path, 'number_not_kept', 'A number is at most 2^53 - 1 and, unless it is 0, at least 10^-130 away from it');
  else if (typeof value === 'string' && !value.isWellFormed()) tell(path, 'text_not_unicode', halfACharacter);
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) {
      const at = [...path, name.toWellFormed()];
      if (name.isWellFormed()) look(one, at, tell);
      else tell(at, 'text_not_unicode', halfACharacter);
    }
}

const halfACharacter = 'The text holds half a character: a surrogate without its other half';
const isKept = (number: number): boolean =>
  number === 0 || (Math.abs(number) <= Number.MAX_SAFE_INTEGER && Math.abs(number) >= smallest);
