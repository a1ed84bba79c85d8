import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { PaymentEvent } from '../../../shared/commerce/payment-event.ts';
import { TakenEvent, takePaymentEvent } from '../../../shared/commerce/take-payment-event.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { http } from '../../../shared/http/http.ts';
import { standardHeaders, stripeHeaders, timestampedHeaders } from '../../support/signatures.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';
import { cardPayment, told } from '../commerce/stripe-events.ts';

// A line is told of each request: not of these.
process.env['LOG_LEVEL'] = 'SILENT';
const secrets: Record<string, string[]> = {
  stripe: ['whsec_b2xkIHNlY3JldCBvZiB0aGUgc2hvcA==', 'whsec_bmV3IHNlY3JldCBvZiB0aGUgc2hvcA=='],
  generic: ['whsec_YSBzZWNyZXQgb2YgdGhlIG90aGVyIG9uZQ=='],
};
const now = new Date('2026-03-02T10:00:00Z');
const kept = new Map<string, Uint8Array>();
const table = new TableInMemory();
const around = table.around(() => now);
const api = http(
  [
    endpoint('POST /v1/intake/payments/{provider}', {
      summary: 'Take',
      may: 'public',
      params: z.strictObject({ provider: z.string() }),
      signed: { mostBytes: 256 * 1024 },
      status: 202,
      answer: TakenEvent,
      does: takePaymentEvent({
        secrets: async (provider) => secrets[provider] ?? [],
        keep: async (key, bytes) => kept.set(key, bytes),
      }),
    }),
  ],
  async () => {
    throw new Error('Nobody is asked');
  },
  () => around,
);

interface Sent {
  provider?: string;
  body: string | Buffer;
  headers: Record<string, string>;
}
async function send({ provider = 'stripe', body, headers }: Sent): Promise<number> {
  const path = `/v1/intake/payments/${provider}`;
  const binary = typeof body !== 'string';
  const event = {
    version: '2.0',
    rawPath: path,
    headers: { 'content-type': 'application/json', ...headers },
    body: binary ? body.toString('base64') : body,
    isBase64Encoded: binary,
    pathParameters: { provider },
    requestContext: { requestId: 'test', routeKey: 'ANY', timeEpoch: now.getTime(), http: { method: 'POST', path } },
  } as unknown as APIGatewayProxyEventV2;
  const { statusCode = 0 } = await api(event, { getRemainingTimeInMillis: () => 10_000 } as never);
  return statusCode;
}
const at = now.getTime();
const [oldSecret = '', newSecret = ''] = secrets['stripe']!;
const [generic = ''] = secrets['generic']!;

/** A genuine webhook of each kind of signature, by turns. */
function genuine(n: number): Sent {
  const text = JSON.stringify(told.intent(cardPayment(100 + n)));
  if (n % 4 === 0) return { body: text, headers: stripeHeaders(text, n % 8 ? oldSecret : newSecret, at) };
  if (n % 4 === 1) return { body: Buffer.from(text), headers: stripeHeaders(text, newSecret, at - 299_000) };
  if (n % 4 === 2) return { provider: 'generic', body: text, headers: standardHeaders(text, generic, `msg_${n}`, at) };
  return { provider: 'generic', body: text, headers: timestampedHeaders(text, generic, at) };
}

const flipped = (text: string, n: number): string => {
  const place = (n * 7919) % text.length;
  return text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ 1) + text.slice(place + 1);
};
const signatureOf = (headers: Record<string, string>): string =>
  Object.keys(headers).find((name) => name.endsWith('signature'))!;

/** What a forger does with a genuine one. */
const forgeries: readonly ((sent: Sent, n: number) => Sent)[] = [
  (sent, n) => ({ ...sent, body: flipped(String(sent.body), n) }),
  (sent) => ({ ...sent, body: JSON.stringify(JSON.parse(String(sent.body)), null, 1) }),
  (sent, n) => ({
    ...sent,
    headers: { ...sent.headers, [signatureOf(sent.headers)]: flipped(sent.headers[signatureOf(sent.headers)]!, n) },
  }),
  (sent) => ({ ...sent, headers: {} }),
  (sent) => ({ ...sent, provider: sent.provider === 'generic' ? 'stripe' : 'generic' }),
  (sent) => ({
    ...sent,
    provider: 'stripe',
    headers: stripeHeaders(String(sent.body), 'whsec_c29tZWJvZHkgZWxzZQ==', at),
  }),
  (sent) => ({ ...sent, provider: 'stripe', headers: stripeHeaders(String(sent.body), newSecret, at - 301_000) }),
  (sent) => ({ ...sent, provider: 'stripe', headers: stripeHeaders(String(sent.body), newSecret, at + 301_000) }),
  (sent) => ({
    ...sent,
    provider: 'generic',
    headers: standardHeaders(String(sent.body), generic, 'msg', at - 86_400_000),
  }),
  (sent) => ({
    ...sent,
    provider: 'stripe',
    headers: {
      'stripe-signature': `t=${at / 1_000},v0=${createHmac('sha256', newSecret)
        .update(`${at / 1_000}.${String(sent.body)}`)
        .digest('hex')}`,
    },
  }),
  (sent) => ({ ...sent, provider: 'stripe', headers: stripeHeaders(String(sent.body), '', at) }),
];

describe('ten thousand webhooks', () => {
  const events = () => table.of<PaymentEvent>('pev');
  const sent: Sent[] = Array.from({ length: 10_000 }, (_, n) => genuine(n));

  it('that are forged or stale are all refused, and leave nothing', async () => {
    const answers = new Map<number, number>();
    for (const [n, one] of sent.entries()) {
      const status = await send(forgeries[n % forgeries.length]!(one, n));
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(answers)).toEqual({ 401: 10_000 });
    expect(table.items.size).toBe(0);
    expect(kept.size).toBe(0);
  });

  it('that are genuine are all taken, and twice none of them', async () => {
    for (const one of sent) expect(await send(one)).toBe(202);
    expect(events()).toHaveLength(10_000);
    expect(kept.size).toBe(10_000);
    const before = table.items.size;
    for (const one of sent.slice(0, 2_000)) expect(await send(one)).toBe(202);
    expect(table.items.size).toBe(before);
    expect(events().every(({ version, status }) => version === 1 && status === 'received')).toBe(true);
  });
});

describe('a webhook', () => {
  const signed = (body: string) => ({ body, headers: stripeHeaders(body, newSecret, at) });
  it.each([
    ['no JSON', 'hello', 400],
    ['a list', '[]', 400],
    ['too many levels', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 400],
    ['a million levels', '['.repeat(100_000), 400],
    ['over 256 kB', JSON.stringify({ id: 'evt', padding: 'x'.repeat(262_144) }), 413],
    ['no type and no id', '{}', 202],
    ['of nothing we know', '{"id":"evt_1","type":"customer.created","data":null}', 202],
  ])('with %s', async (_, body, status) => {
    expect(await send(signed(body))).toBe(status);
  });

  it('of an unknown provider leads nowhere', async () => {
    expect(await send({ ...signed('{}'), provider: 'nobody' })).toBe(404);
    expect(await send({ ...signed('{}'), provider: 'constructor' })).toBe(404);
  });

  it('that is not about money is kept and acknowledged, and nothing follows', async () => {
    await send(signed('{"id":"evt_2","type":"customer.created"}'));
    expect(table.of<PaymentEvent>('pev').find(({ eventId }) => eventId === 'evt_2')).toMatchObject({
      status: 'ignored',
    });
  });
});
