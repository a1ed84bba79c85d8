import { setTimeout as pause } from 'node:timers/promises';
import { signerFor } from './signer.ts';
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
/** Milliseconds: three seconds, and one more for every megabyte that is sent, or known to come. */
const timeoutFor = (bytes: number): number => 3_000 + Math.ceil(bytes / 1_000);

/**
 * The bytes of an object. One signed GET rather than S3's client, which would be 150 kB of a bundle. What may pass (no
 * connection, 409, 429, 5xx) is tried three times, three seconds each and one more for every megabyte of `size`, where that is known.
 * @throws BucketFault where S3 refuses; without the permission to list, AWS answers a missing key with `AccessDenied`.
 */
export const getObject = async (bucket: string, key: string, size = 0): Promise<Uint8Array> =>
  asked('GET', addressOf(bucket, key), async (answer) => new Uint8Array(await answer.arrayBuffer()), {
    headers: {},
    size,
  });

/** The bytes of an object, undefined where there is none. Without the permission to list, AWS says of a missing one that it may not be read. */
export const findObject = async (bucket: string, key: string, size = 0): Promise<Uint8Array | undefined> => {
  try {
    return await getObject(bucket, key, size);
  } catch (error) {
    if (error instanceof BucketFault && isMissing(error)) return undefined;
    throw error;
  }
};

const isMissing = ({ status }: BucketFault): boolean => status === 404 || status === 403;

/** A stretch of an object, the bytes that the whole object has, and the version that it is of (where the bucket keeps versions). */
export interface Stretch {
  bytes: Uint8Array;
  total: number;
  version?: string | undefined;
}

/**
 * The bytes of an object from `from` on, `length` at the most; of one version of it, if one is named: what was put there since is
 * not seen. Past the end, and of an empty object: none.
 * @throws BucketFault where S3 refuses.
 */
export const getStretch = async (
  bucket: string,
  key: string,
  { from, length, version }: { from: number; length: number; version?: string | undefined },
): Promise<Stretch> => {
  const url = addressOf(bucket, key);
  if (version) url.searchParams.set('versionId', version);
  const headers = { range: `bytes=${from}-${from + length - 1}` };
  try {
    return await asked('GET', url, (answer) => stretchOf(answer, from, length), { headers });
  } catch (error) {
    if (error instanceof BucketFault && error.status === 416) return { bytes: new Uint8Array(), total: 0, version };
    throw error;
  }
};

/** Who answers may ignore the range and give the whole (RFC 9110, 14.2). */
const stretchOf = async (answer: Response, from: number, length: number): Promise<Stretch> => {
  const given = new Uint8Array(await answer.arrayBuffer());
  const bytes = answer.status === 206 ? given : given.subarray(from, from + length);
  const [, total] = /\/(\d+)$/.exec(answer.headers.get('content-range') ?? '') ?? [];
  const version = answer.headers.get('x-amz-version-id');
  return { bytes, total: Number(total ?? given.byteLength), ...(version && version !== 'null' && { version }) };
};

/** Whether there is such an object. */
export const hasObject = async (bucket: string, key: string): Promise<boolean> => {
  try {
    return await asked('HEAD', addressOf(bucket, key), ({ ok }) => ok);
  } catch (error) {
    if (error instanceof BucketFault && isMissing(error)) return false;
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
/** What a request says beside its method and address: a read has headers at the most, and may know how much it reads. */
interface Said {
  headers: Record<string, string>;
  content?: Uint8Array;
  size?: number;
}

const asked = async <T>(
  method: Method,
  url: URL,
  read: (answer: Response) => T | Promise<T>,
  said?: Said,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(await ask(method, url, said));
    } catch (error) {
      // 409: the same key is being put by somebody else at this moment.
      const passes = !(error instanceof BucketFault) || [409, 429].includes(error.status) || error.status >= 500;
      if (!passes || attempt === tries) throw error;
      await pause(Math.random() * 100 * 2 ** attempt);
    }
  }
};

const ask = async (method: Method, url: URL, said?: Said): Promise<Response> => {
  const request = requestOf(method, url);
  const { content, size = content?.byteLength ?? 0 } = said ?? {};
  const { headers } = await signer().sign({
    ...request,
    headers: { ...request.headers, ...said?.headers },
    ...(content && { body: content }),
  });
  const signal = AbortSignal.timeout(timeoutFor(size));
  const body = content && { body: content as Uint8Array<ArrayBuffer> };
  const answer = await fetch(url, { method, headers, redirect: 'error', signal, ...body });
  if (answer.ok) return answer;
  const [, code = 'S3Fault'] = /<Code>(\w+)<\/Code>/.exec(await answer.text()) ?? [];
  throw new BucketFault(answer.status, code);
};

const requestOf = (method: Method, { protocol, hostname, pathname, host, searchParams }: URL) => ({
  method,
  protocol,
  hostname,
  path: pathname,
  query: Object.fromEntries(searchParams),
  headers: { host },
});

/**
 * An address that gives an object to whoever has it, for so many seconds; `saveAs` makes browsers save it under a name instead of
 * showing it.
 */
export const presignedUrl = async (
  bucket: string,
  key: string,
  seconds: number,
  { saveAs }: { saveAs?: string } = {},
): Promise<string> => {
  const url = addressOf(bucket, key);
  // RFC 6266: a name of any letters, and no way out of it.
  const kept = saveAs && encodeURIComponent(saveAs).replaceAll(/['()*]/g, '_');
  if (kept) url.searchParams.set('response-content-disposition', `attachment; filename*=UTF-8''${kept}`);
  return presigned('GET', url, seconds);
};

/**
 * An address that takes one object from whoever has it, for so many seconds. `bytes`: S3 takes a body of exactly this size, and no other.
 */
export const presignedPut = (
  bucket: string,
  key: string,
  seconds: number,
  { bytes }: { bytes?: number | undefined } = {},
): Promise<string> =>
  presigned('PUT', addressOf(bucket, key), seconds, bytes === undefined ? {} : { 'content-length': String(bytes) });

/** S3 signs the body of such a request as unsigned, unlike every other service. */
const presigned = async (
  method: Method,
  url: URL,
  seconds: number,
  headers: Record<string, string> = {},
): Promise<string> => {
  const request = requestOf(method, url);
  const unsigned = { ...request.headers, ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
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

const signer = () => signerFor('s3', { uriEscapePath: false });
