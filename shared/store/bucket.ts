import { setTimeout as pause } from 'node:timers/promises';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { given } from './surroundings.ts';

/** S3 did not give the object. `name` is S3's own code (`NoSuchKey`, `AccessDenied`, `SlowDown`), `status` the HTTP status. */
export class BucketFault extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(`S3 answered ${status} ${code}`);
    this.name = code;
    this.status = status;
  }
}

const tries = 3;
const timeoutMilliseconds = 3_000;

/**
 * The bytes of an object. One signed GET rather than S3's client, which would be 150 kB of a bundle. What may pass (no
 * connection, 429, 5xx) is tried three times, three seconds each.
 * @throws BucketFault where S3 refuses; without the permission to list, AWS answers a missing key with `AccessDenied`.
 */
export const getObject = async (bucket: string, key: string): Promise<Uint8Array> =>
  asked('GET', addressOf(bucket, key), async (answer) => new Uint8Array(await answer.arrayBuffer()));

/** Whether there is such an object. Without the permission to list, AWS says of a missing one that it may not be read. */
export const hasObject = async (bucket: string, key: string): Promise<boolean> => {
  try {
    return await asked('HEAD', addressOf(bucket, key), ({ ok }) => ok);
  } catch (error) {
    if (error instanceof BucketFault && (error.status === 404 || error.status === 403)) return false;
    throw error;
  }
};

/**
 * Puts an object. `once`: the bucket refuses a second object under the key, and false is answered then; so whoever comes again finds
 * the first one.
 * @throws BucketFault where S3 refuses.
 */
export const putObject = async (
  bucket: string,
  key: string,
  content: Uint8Array,
  { contentType = 'application/octet-stream', once = false }: { contentType?: string; once?: boolean } = {},
): Promise<boolean> => {
  const headers = { 'content-type': contentType, ...(once && { 'if-none-match': '*' }) };
  try {
    return await asked('PUT', addressOf(bucket, key), ({ ok }) => ok, { headers, content });
  } catch (error) {
    if (once && error instanceof BucketFault && error.status === 412) return false;
    throw error;
  }
};

type Method = 'GET' | 'HEAD' | 'PUT';
interface Sent {
  headers: Record<string, string>;
  content: Uint8Array;
}

const asked = async <T>(
  method: Method,
  url: URL,
  read: (answer: Response) => T | Promise<T>,
  sent?: Sent,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(await ask(method, url, sent));
    } catch (error) {
      const passes = !(error instanceof BucketFault) || error.status === 429 || error.status >= 500;
      if (!passes || attempt === tries) throw error;
      await pause(Math.random() * 100 * 2 ** attempt);
    }
  }
};

const ask = async (method: Method, url: URL, sent?: Sent): Promise<Response> => {
  const request = requestOf(method, url);
  const { headers } = await signer().sign({
    ...request,
    headers: { ...request.headers, ...sent?.headers },
    ...(sent && { body: sent.content }),
  });
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const body = sent && { body: sent.content as Uint8Array<ArrayBuffer> };
  const answer = await fetch(url, { method, headers, redirect: 'error', signal, ...body });
  if (answer.ok) return answer;
  const [, code = 'S3Fault'] = /<Code>(\w+)<\/Code>/.exec(await answer.text()) ?? [];
  throw new BucketFault(answer.status, code);
};

const requestOf = (method: Method, { protocol, hostname, pathname, host }: URL) => ({
  method,
  protocol,
  hostname,
  path: pathname,
  headers: { host },
});

/**
 * An address that gives an object to whoever has it, for so many seconds. S3 signs the body of such a request as
 * unsigned, unlike every other service.
 */
export const presignedUrl = async (bucket: string, key: string, seconds: number): Promise<string> => {
  const url = addressOf(bucket, key);
  const request = requestOf('GET', url);
  const unsigned = { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const { query = {} } = await signer().presign({ ...request, headers: unsigned }, { expiresIn: seconds });
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.toString();
};

/** On AWS the bucket is in the name of the host; behind an endpoint that the environment names, in the path. */
const addressOf = (bucket: string, key: string): URL => {
  const path = key.split('/').map(escaped).join('/');
  const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return endpoint
    ? new URL(`${endpoint.replace(/\/$/, '')}/${bucket}/${path}`)
    : new URL(`https://${bucket}.s3.${given('AWS_REGION')}.amazonaws.com/${path}`);
};

/** As AWS signs it: all but letters, digits, `-`, `_`, `.` and `~` as `%XX`. A URL cannot say `.` or `..`: it would lead elsewhere. */
const escaped = (part: string): string => {
  if (part === '.' || part === '..') throw new TypeError('A key with a dot segment has no address');
  return encodeURIComponent(part).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
};

/** Lambda gives credentials by the environment, and a new sandbox before they expire. */
const signer = () =>
  new SignatureV4({
    service: 's3',
    region: given('AWS_REGION'),
    credentials: {
      accessKeyId: given('AWS_ACCESS_KEY_ID'),
      secretAccessKey: given('AWS_SECRET_ACCESS_KEY'),
      ...(process.env['AWS_SESSION_TOKEN'] && { sessionToken: process.env['AWS_SESSION_TOKEN'] }),
    },
    sha256: Sha256,
    // S3 signs the path as it is sent; every other service signs it escaped once more.
    uriEscapePath: false,
  });
