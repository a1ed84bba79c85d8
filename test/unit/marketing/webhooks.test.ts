import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { webhooks } from '../../../functions/intake/webhooks.ts';
import { http } from '../../../shared/http/http.ts';
import { type Signer, signs } from '../../support/signing.ts';

process.env['LOG_LEVEL'] = 'SILENT';
const now = new Date('2026-06-01T12:00:00Z');
const secrets: Record<string, string[]> = {
  typeform: ['whsec_dHlwZWZvcm0tc2VjcmV0LW9mLXRoaXMtdGVzdA=='],
  webflow: ['whsec_d2ViZmxvdy1zZWNyZXQtb2YtdGhpcy10ZXN0'],
  'google-forms': ['whsec_Z29vZ2xlLXNlY3JldC1vZi10aGlzLXRlc3Q='],
};
const bodies: Record<Signer, object> = {
  typeform: {
    event_id: 'E1',
    form_response: { form_id: 'F1', answers: [{ type: 'email', email: 'jo@acme.example' }] },
  },
  webflow: {
    triggerType: 'form_submission',
    payload: { id: 'W1', name: 'Contact', data: { Email: 'jo@acme.example' } },
  },
  'google-forms': { formId: 'G1', responseId: 'R1', answers: {} },
};

/** The function over a table and a bucket that only count. */
function intake(known = secrets) {
  const seen = { kept: 0, committed: 0 };
  const store = {
    find: async () => undefined,
    commit: async (_: unknown, facts: { after: { id: string } }[]) => {
      seen.committed++;
      return facts.map(({ after }) => ({ ...after, version: 1 }));
    },
  };
  const keep = async () => {
    seen.kept++;
  };
  const endpoints = webhooks({ secrets: async (provider) => known[provider] ?? [], keep });
  const nobody = () => Promise.reject(new Error('Nobody is asked who they are'));
  const handle = http(endpoints, nobody, () => ({ store, policies: {}, now: () => now }) as never);
  const send = async (provider: string, body: string | Buffer, headers: Record<string, string>, method = 'POST') => {
    const path = `/v1/intake/webhooks/${provider}`;
    const event = {
      version: '2.0',
      rawPath: path,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
      requestContext: { http: { method, path }, requestId: 'r', routeKey: 'ANY', timeEpoch: 0 },
    };
    const answer = await handle(event as unknown as APIGatewayProxyEventV2, {} as never);
    return (answer as { statusCode: number }).statusCode;
  };
  return { seen, send };
}

const providers = Object.keys(signs) as Signer[];
const genuine = (provider: Signer, secret = secrets[provider]![0]!, at = now) => {
  const body = JSON.stringify(bodies[provider]);
  return { body, headers: signs[provider](body, secret, at) as Record<string, string> };
};

describe('webhooks of forms', () => {
  it.each(providers)('of %s are taken where they are signed by one of its secrets', async (provider) => {
    const { send, seen } = intake({ ...secrets, [provider]: ['whsec_b2xk', ...secrets[provider]!] });
    const { body, headers } = genuine(provider);
    expect(await send(provider, body, headers)).toBe(202);
    expect(seen).toEqual({ kept: 1, committed: 1 });
  });

  it('are kept where they are signed and cannot be read', async () => {
    const { send, seen } = intake();
    expect(await send('typeform', 'no json', signs.typeform('no json', secrets['typeform']![0]!))).toBe(202);
    expect(seen).toEqual({ kept: 1, committed: 1 });
  });

  it('are nobody’s where the provider is unknown, has no secret, sends too much or in another way', async () => {
    const { body, headers } = genuine('typeform');
    expect(await intake().send('jotform', body, headers)).toBe(404);
    expect(await intake().send('__proto__', body, headers)).toBe(404);
    expect(await intake({}).send('typeform', body, headers)).toBe(401);
    const plain = signs['google-forms'](body, '', now);
    expect(await intake({ 'google-forms': ['a plain word'] }).send('google-forms', body, plain)).toBe(401);
    expect(await intake({ typeform: [''] }).send('typeform', body, signs.typeform(body, ''))).toBe(401);
    expect(await intake().send('typeform', body, headers, 'GET')).toBe(405);
    const large = 'x'.repeat(262_145);
    expect(await intake().send('typeform', large, signs.typeform(large, secrets['typeform']![0]!))).toBe(413);
  });

  it('of which 10,000 are forged: none is accepted, none is kept', async () => {
    const { send, seen } = intake();
    const answers = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(forgeries, async ({ provider, body, headers }) => {
        const status = await send(provider, body, headers);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        expect(status).toBe(401);
      }),
      { numRuns: 10_000 },
    );
    expect(Object.fromEntries(answers)).toEqual({ 401: 10_000 });
    expect(seen).toEqual({ kept: 0, committed: 0 });
  });
});

/** A genuine call with one thing wrong. */
const forgeries = fc
  .record({ provider: fc.constantFrom(...providers), at: fc.nat(), bit: fc.nat(7), text: fc.string({ minLength: 1 }) })
  .chain(({ provider, at, bit, text }) => {
    const { body, headers } = genuine(provider);
    const names = Object.keys(headers);
    const signature = names.find((name) => name.includes('signature'))!;
    const given = headers[signature]!;
    const place = at % given.length;
    const flipped = Buffer.from(body);
    flipped[at % flipped.length]! ^= 1 << bit;
    const other = providers[(providers.indexOf(provider) + 1 + (at % 2)) % providers.length]!;
    const stale = new Date(now.getTime() + (at % 2 ? 1 : -1) * (301_000 + (at % 1e9)));
    const wrong = [
      { body: flipped, headers },
      { body: `${body}${text}`, headers },
      { body: body.slice(0, -1 - (at % (body.length - 1))), headers },
      { body: JSON.stringify(JSON.parse(body), null, 1), headers },
      { body: '', headers },
      { body, headers: {} },
      { body, headers: { ...headers, [signature]: text } },
      { body, headers: { ...headers, [signature]: given.slice(0, place) } },
      { body, headers: { ...headers, [signature]: `${given.slice(0, place)}~${given.slice(place + 1)}` } },
      { body, headers: signs[provider](body, `whsec_QUFB${secrets[provider]![0]!.slice(6)}`, now) },
      { body, headers: signs[provider](body, secrets[other]![0]!, now) },
      { body, headers: genuine(other).headers },
      ...names.filter((name) => name !== signature).map((name) => ({ body, headers: { ...headers, [name]: '1' } })),
      ...(provider === 'typeform' ? [] : [{ body, headers: signs[provider](body, secrets[provider]![0]!, stale) }]),
    ];
    return fc.constantFrom(...wrong).map((one) => ({ provider, ...one }));
  });
