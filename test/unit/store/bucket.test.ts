import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { getObject, hasObject, presignedUrl } from '../../../shared/store/bucket.ts';

const secret = 'a secret of this test';
const asked: IncomingMessage[] = [];
/** What S3 answers, one after the other; the last goes on. */
let answers: { status: number; body: string | Uint8Array }[];
let s3: Server;

beforeEach(async () => {
  asked.length = 0;
  answers = [{ status: 200, body: 'the object' }];
  s3 = createServer((request, response) => {
    asked.push(request);
    const { status, body } = (answers.length > 1 ? answers.shift() : answers[0])!;
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(s3, 'listening');
  const endpoint = `http://127.0.0.1:${(s3.address() as AddressInfo).port}`;
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKTEST',
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: 'a session',
  })) {
    vi.stubEnv(name, value);
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  s3.closeAllConnections();
  s3.close();
  await once(s3, 'close');
});

const fault = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** The signature that S3 computes from what it received (AWS's "Signature Version 4" by the letter). */
const expectedSignature = ({ method, url, headers }: IncomingMessage): string => {
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization!)![1]!;
  const amzDate = String(headers['x-amz-date']);
  const day = amzDate.slice(0, 8);
  const canonical = [
    method,
    url,
    '',
    ...signed.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    signed,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const key = ['eu-central-1', 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day));
  const text = ['AWS4-HMAC-SHA256', amzDate, `${day}/eu-central-1/s3/aws4_request`, hash].join('\n');
  return hmac(key, text).toString('hex');
};

describe('an object of a bucket', () => {
  test.each([
    ['documents/inv_01k/1.pdf', '/papers/documents/inv_01k/1.pdf'],
    ["a b/é+(1)'*!~&=?#%.pdf", '/papers/a%20b/%C3%A9%2B%281%29%27%2A%21~%26%3D%3F%23%25.pdf'],
  ])('%s is asked for by a request that is signed as it is sent', async (key, path) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    answers = [{ status: 200, body: bytes }];
    expect(await getObject('papers', key)).toEqual(bytes);
    const [request] = asked as [IncomingMessage];
    expect(request.url).toBe(path);
    expect(request.headers['x-amz-security-token']).toBe('a session');
    expect(request.headers.authorization).toMatch(
      /SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,/,
    );
    expect(/Signature=(\w+)$/.exec(request.headers.authorization!)![1]).toBe(expectedSignature(request));
  });

  test('lies on AWS at the host that its bucket names', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', undefined);
    vi.stubEnv('AWS_ENDPOINT_URL', undefined);
    const fetched = vi.fn(async (_: URL) => new Response('the object'));
    vi.stubGlobal('fetch', fetched);
    await getObject('papers', 'documents/1.pdf');
    expect(String(fetched.mock.calls[0]?.[0])).toBe('https://papers.s3.eu-central-1.amazonaws.com/documents/1.pdf');
  });

  test.each([
    [404, 'NoSuchKey'],
    [403, 'AccessDenied'],
  ])('is refused once with %i %s, by its name', async (status, code) => {
    answers = [{ status, body: fault(code) }];
    await expect(getObject('papers', 'documents/1.pdf')).rejects.toMatchObject({ name: code, status });
    expect(asked).toHaveLength(1);
  });

  test('comes after faults that pass', async () => {
    answers = [
      { status: 503, body: fault('SlowDown') },
      { status: 500, body: '' },
      { status: 200, body: 'at last' },
    ];
    expect(Buffer.from(await getObject('papers', 'documents/1.pdf')).toString()).toBe('at last');
    expect(asked).toHaveLength(3);
  });

  test('is given up after three tries', async () => {
    answers = [{ status: 503, body: fault('SlowDown') }];
    await expect(getObject('papers', 'documents/1.pdf')).rejects.toMatchObject({ name: 'SlowDown', status: 503 });
    expect(asked).toHaveLength(3);
  });

  test.each(['../secrets/1.pdf', 'documents/./1.pdf'])('%s would lead elsewhere', async (key) => {
    await expect(getObject('papers', key)).rejects.toThrow(TypeError);
    expect(asked).toHaveLength(0);
  });
});

/** The signature of a presigned request, by the letter: S3 takes its body as unsigned. */
const expectedOfPresigned = ({ pathname, host, searchParams }: URL): string => {
  const encoded = (text: string) =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const amzDate = searchParams.get('X-Amz-Date')!;
  const day = amzDate.slice(0, 8);
  const canonical = ['GET', pathname, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const key = ['eu-central-1', 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day));
  const text = ['AWS4-HMAC-SHA256', amzDate, `${day}/eu-central-1/s3/aws4_request`, hash].join('\n');
  return hmac(key, text).toString('hex');
};

describe('the address of an object', () => {
  test('is signed for so many seconds, as S3 reads it', async () => {
    const url = new URL(await presignedUrl('papers', 'documents/inv_01k.pdf', 900));
    expect(url.pathname).toBe('/papers/documents/inv_01k.pdf');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe('a session');
    expect(url.searchParams.get('X-Amz-Signature')).toBe(expectedOfPresigned(url));
  });

  test.each([
    [200, true],
    [403, false],
    [404, false],
  ])('is asked for by its head: %i', async (status, there) => {
    answers = [{ status, body: '' }];
    expect(await hasObject('papers', 'documents/inv_01k.pdf')).toBe(there);
    expect(asked[0]?.method).toBe('HEAD');
  });
});
