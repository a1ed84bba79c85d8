import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { prefixOf } from '../core/ids.ts';

/** RFC 4648 base32 in lower case: addresses come back in any case. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * The address that answers about a record go to: `r+<id without its underscore><mac>@<domain>`. 80 bits of an HMAC say that we gave it
 * out; with an id of 44 characters the local part has 61 of the 64 that SMTP allows.
 */
export const replyAddress = (recordId: string, domain: string, secret: string): string =>
  `r+${recordId.replace('_', '')}${mac(recordId, secret)}@${domain}`;

/** Records whose mails are answered to them: an answer to anything else (a task, an account as such) names no thread. */
const answerable = new Set(['cas', 'lea', 'opp', 'quo', 'ord', 'inv', 'crn', 'con', 'cmp', 'jny']);
export const isAnswerable = (recordId: string): boolean => answerable.has(prefixOf(recordId));

/** The record that an address of ours stands for, if we signed it by one of these secrets; undefined for any other address. */
export function recordOfAddress(address: string, domain: string, secrets: readonly string[]): string | undefined {
  const [, kind = '', own = '', given = ''] =
    /^r\+([a-z]{3})([0-9a-z]{26}(?:[0-9a-z]{14})?)([a-z2-7]{16})@/.exec(address.toLowerCase()) ?? [];
  if (!kind || address.slice(address.lastIndexOf('@') + 1).toLowerCase() !== domain.toLowerCase()) return undefined;
  const recordId = `${kind}_${own}`;
  const ours = secrets.some((secret) => timingSafeEqual(Buffer.from(mac(recordId, secret)), Buffer.from(given)));
  return ours ? recordId : undefined;
}

/** A key of its own, so that no other signature of ours is one of these. */
function mac(recordId: string, secret: string): string {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'stepwise reply address', 32));
  const digest = createHmac('sha256', key).update(recordId).digest().subarray(0, 10);
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: 16 }, (_, n) => alphabet[Number.parseInt(bits.slice(n * 5, n * 5 + 5), 2)]).join('');
}
