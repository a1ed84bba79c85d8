import * as z from 'zod';
import { type FieldFault, Refusal } from './refusal.ts';

const mostFaults = 100;

/** The faults that zod found in a request, as one refusal. Ids are opaque: one of a wrong form is a reference that leads nowhere. */
export function faultsOf(error: z.ZodError, at: readonly PropertyKey[] = []): Refusal {
  const errors = error.issues.flatMap((issue) => fieldFaults(issue, at)).slice(0, mostFaults);
  const ids = error.issues.every(isMalformedId);
  if (ids) {
    const unknown = errors.map(({ pointer }) => ({
      pointer,
      code: 'reference.unknown',
      detail: 'There is no such record',
    }));
    return new Refusal('reference.unknown', 'There is no such record', { errors: unknown });
  }
  return new Refusal(
    'request.invalid',
    `The request has ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}`,
    { errors },
  );
}

/** What a caller is told of an error: a refusal, also as zod words it; undefined for one that is no fault of what was said. */
export const refusalIn = (error: unknown): Refusal | undefined =>
  error instanceof Refusal ? error : error instanceof z.ZodError ? faultsOf(error) : undefined;

function fieldFaults(issue: z.core.$ZodIssue, at: readonly PropertyKey[]): FieldFault[] {
  const pointer = (...more: PropertyKey[]) => pointerTo([...at, ...issue.path, ...more]);
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointer(), code: issue.code, detail: issue.message }];
  return issue.keys.map((key) => ({
    pointer: pointer(key),
    code: 'unrecognized_key',
    detail: `There is no field ${key}`,
  }));
}

/** The JSON pointer of a place in a request. */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  ['#', ...path].map((part) => escaped(String(part))).join('/');
const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

const isMalformedId = (issue: z.core.$ZodIssue) =>
  issue.code === 'invalid_format' && issue.format === 'regex' && /^\/\^[a-z]{3}_/.test(String(issue.pattern));

/** What a caller sent, parsed: all its faults at once, `at` where in the request it stands. A fault in a stored record stays a ZodError, and so a 500. */
export function validated<T>(schema: z.ZodType<T>, value: unknown, at?: readonly PropertyKey[]): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw faultsOf(error, at);
}
