import type { Recipient, Sign } from './recipient.ts';

/** A recipient after something happened to their mail: each is noted the first time only. Undefined where nothing is new. */
export function signed(recipient: Recipient, seen: readonly Sign[], at: Date): Recipient | undefined {
  const fresh = seen.filter((sign) => !recipient.signs[sign]);
  if (!fresh.length) return undefined;
  const times = Object.fromEntries(fresh.map((sign) => [sign, at.toISOString()]));
  return { ...recipient, signs: { ...recipient.signs, ...times } };
}
