import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a provider sent: its headers (lower-case names) and the bytes of its body, exactly as they came. */
export interface SignedRequest {
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

/** How a provider signs: each claim is one signature that the request bears, over one text. One that holds is enough. */
export type Scheme = (request: SignedRequest) => Claims | undefined;
interface Claims {
  /** What is signed, before the body. */
  prefix: string;
  /** Unix milliseconds; missing where the scheme has no time. */
  at?: number;
  signatures: readonly Uint8Array[];
  /** The key of a secret, where it is not the secret's own text. */
  keyOf?: (secret: string) => Uint8Array;
}

/** The schemes of the providers that we take webhooks from, all HMAC-SHA256. */
export const schemes = {
  /** https://docs.stripe.com/webhooks#verify-manually */
  stripe: ({ headers }) => {
    const parts = (headers['stripe-signature'] ?? '').split(',').map((part) => part.trim().split('=', 2));
    const at = parts.find(([name]) => name === 't')?.[1] ?? '';
    const signatures = parts.flatMap(([name, value = '']) => (name === 'v1' ? [bytes(value, 'hex')] : []));
    return /^\d{1,12}$/.test(at) ? { prefix: `${at}.`, at: Number(at) * 1_000, signatures } : undefined;
  },
  /** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
  standard: ({ headers }) => {
    const id = headers['webhook-id'] ?? headers['svix-id'] ?? '';
    const at = headers['webhook-timestamp'] ?? headers['svix-timestamp'] ?? '';
    const given = headers['webhook-signature'] ?? headers['svix-signature'] ?? '';
    if (!id || !/^\d{1,12}$/.test(at)) return undefined;
    const signatures = given
      .split(' ')
      .flatMap((one) => (one.startsWith('v1,') ? [bytes(one.slice(3), 'base64')] : []));
    return { prefix: `${id}.${at}.`, at: Number(at) * 1_000, signatures, keyOf: keyIn };
  },
  /** https://www.typeform.com/developers/webhooks/secure-your-webhooks/ */
  typeform: ({ headers }) => {
    const [, given] = /^sha256=(.+)$/.exec(headers['typeform-signature'] ?? '') ?? [];
    return given ? { prefix: '', signatures: [bytes(given, 'base64')] } : undefined;
  },
  /** https://developers.webflow.com/data/docs/working-with-webhooks */
  webflow: ({ headers }) => {
    const at = headers['x-webflow-timestamp'] ?? '';
    if (!/^\d{1,15}$/.test(at)) return undefined;
    return { prefix: `${at}:`, at: Number(at), signatures: [bytes(headers['x-webflow-signature'] ?? '', 'hex')] };
  },
  /** Of any provider that can be told how to sign: HMAC-SHA256 in hex over `<unix seconds>.<body>`. */
  timestamped: ({ headers }) => {
    const at = headers['x-timestamp'] ?? '';
    const [, given] = /^sha256=(.+)$/.exec(headers['x-signature'] ?? '') ?? [];
    if (!given || !/^\d{1,12}$/.test(at)) return undefined;
    return { prefix: `${at}.`, at: Number(at) * 1_000, signatures: [bytes(given, 'hex')] };
  },
} as const satisfies Record<string, Scheme>;

const toleranceMilliseconds = 5 * 60_000;

/**
 * Whether a request bears a signature of one of the secrets, and is not older or newer than five minutes where its scheme says when it
 * was signed. No secret, no trust. Several secrets are active during a rotation.
 */
export function isSigned(scheme: Scheme, request: SignedRequest, secrets: readonly string[], now: Date): boolean {
  const claims = scheme(request);
  if (!claims) return false;
  const { prefix, at, signatures, keyOf = (secret) => Buffer.from(secret) } = claims;
  if (at !== undefined && Math.abs(now.getTime() - at) > toleranceMilliseconds) return false;
  return secrets.filter(Boolean).some((secret) => {
    const key = keyOf(secret);
    // A secret that is not written as its scheme wants would be a key of no bytes: everybody's.
    if (!key.length) return false;
    const expected = createHmac('sha256', key).update(prefix).update(request.body).digest();
    return signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  });
}

/** The key that a secret holds in base64, which people copy without its padding; of no bytes where it is not written so. */
const keyIn = (secret: string): Uint8Array => {
  const text = secret.replace(/^whsec_/, '');
  return Buffer.from(/^[A-Za-z0-9+/]+={0,2}$/.test(text) ? text : '', 'base64');
};

/** Bytes of a text that is exactly that encoding: Node would read what it can and leave the rest. */
function bytes(text: string, encoding: 'hex' | 'base64'): Uint8Array {
  const read = Buffer.from(text, encoding);
  const same = read.toString(encoding) === (encoding === 'hex' ? text.toLowerCase() : text);
  return same ? read : new Uint8Array();
}
