import * as z from 'zod';

/**
 * An instant as every record and every answer has it: RFC 3339, UTC, milliseconds. However fine it was said, it is kept in this one
 * form, so that instants sort as texts do.
 */
export const Instant = z.iso.datetime().overwrite(inMilliseconds);

function inMilliseconds(said: string): string {
  const at = Date.parse(said);
  return Number.isNaN(at) ? said : new Date(at).toISOString();
}
