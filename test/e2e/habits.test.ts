import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Json } from '../../infra/local/client.ts';
import { access, api, unique } from '../support/stack.ts';
import { capture, draft, person, product } from './cast.ts';

interface Asked {
  body?: unknown;
  /** The body as it goes over the wire, where it is no JSON object. */
  raw?: string;
  headers?: Record<string, string>;
}
interface Answered {
  status: number;
  headers: Headers;
  body: Json;
}

/** A request as it is: nothing is added but the key, nothing is tried again. */
async function ask(route: string, { body, raw, headers = {} }: Asked = {}): Promise<Answered> {
  const [method = '', path = ''] = route.split(' ');
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const answer = await fetch(`${access.apiUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${access.apiKey}`,
      ...(sent !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
}

const nobody = (prefix: string): string => `${prefix}_${'0'.repeat(26)}`;
const json = (value: unknown): string => JSON.stringify(value);

let account: Json;
let lead: Json;
let agent: Json;
let readingKey: string;
beforeAll(async () => {
  account = await api.post('/v1/accounts', { name: unique('Acme '), industry: 'steel' });
  lead = await capture();
  agent = await person('agent');
  readingKey = (await api.post('/v1/api-keys', { name: unique('reads'), role: 'viewer' })).secret;
});

describe('a refusal', () => {
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const cases: [what: string, route: () => string, asked: () => Asked, status: number, code: string][] = [
    ['nobody', () => 'GET /v1/accounts', () => ({ headers: bearer('') }), 401, 'access.unauthenticated'],
    ['another key', () => 'GET /v1/accounts', () => ({ headers: bearer('stw_x') }), 401, 'access.unauthenticated'],
    [
      'who may only read',
      () => 'POST /v1/accounts',
      () => ({ body: { name: 'x' }, headers: bearer(readingKey) }),
      403,
      'access.forbidden',
    ],
    [
      'who may act as nobody',
      () => 'GET /v1/accounts',
      () => ({ headers: { ...bearer(readingKey), 'x-acting-user': agent.id } }),
      403,
      'access.forbidden',
    ],
    [
      'an unknown person',
      () => 'GET /v1/accounts',
      () => ({ headers: { 'x-acting-user': nobody('usr') } }),
      403,
      'access.forbidden',
    ],
    ['a key that should be a person', () => 'GET /v1/my/tasks', () => ({}), 403, 'access.personNeeded'],
    ['an unknown record', () => `GET /v1/accounts/${nobody('acc')}`, () => ({}), 404, 'record.notFound'],
    ['a malformed id', () => 'GET /v1/accounts/acc_x', () => ({}), 404, 'record.notFound'],
    ["another type's id", () => `GET /v1/accounts/${lead.id}`, () => ({}), 404, 'record.notFound'],
    ['an unknown address', () => 'GET /v1/nothing', () => ({}), 404, 'route.notFound'],
    ['an unknown verb', () => `POST /v1/leads/${lead.id}/praise`, () => ({}), 404, 'route.notFound'],
    ['an unknown method', () => `PUT /v1/accounts/${account.id}`, () => ({ body: {} }), 405, 'route.methodNotAllowed'],
    [
      'another media type',
      () => 'POST /v1/accounts',
      () => ({ raw: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      415,
      'request.unsupportedMediaType',
    ],
    ['no JSON', () => 'POST /v1/accounts', () => ({ raw: '{"name":' }), 400, 'request.invalid'],
    ['a list', () => 'POST /v1/accounts', () => ({ raw: '[]' }), 400, 'request.invalid'],
    [
      'a field where none is taken',
      () => `POST /v1/accounts/${account.id}/restore`,
      () => ({ body: { name: 'x' } }),
      400,
      'request.invalid',
    ],
    ['an unknown field', () => 'POST /v1/accounts', () => ({ body: { name: 'x', nam: 'y' } }), 400, 'request.invalid'],
    [
      'a body over 1 MB',
      () => 'POST /v1/accounts',
      () => ({ raw: json({ name: 'x'.repeat(1_048_577) }) }),
      413,
      'record.tooLarge',
    ],
    ['a limit of none', () => 'GET /v1/accounts?limit=0', () => ({}), 400, 'request.invalid'],
    ['a filter for nothing', () => 'GET /v1/leads?accountId=', () => ({}), 400, 'request.invalid'],
    [
      'a query that nothing reads',
      () => `GET /v1/accounts/${account.id}?fields=name`,
      () => ({}),
      400,
      'request.invalid',
    ],
    [
      'a misspelt wish to check only',
      () => 'POST /v1/accounts?validateonly=true',
      () => ({ body: { name: 'x' } }),
      400,
      'request.invalid',
    ],
    [
      'a doubtful wish to check only',
      () => 'POST /v1/accounts?validateOnly=yes',
      () => ({ body: { name: 'x' } }),
      400,
      'request.invalid',
    ],
    [
      'a name that JavaScript keeps for itself',
      () => `PATCH /v1/accounts/${account.id}`,
      () => ({ raw: '{"custom":{"__proto__":{"x":1},"constructor":2}}' }),
      400,
      'request.invalid',
    ],
    [
      'a number that no record keeps exactly',
      () => 'POST /v1/accounts',
      () => ({ raw: '{"name":"x","custom":{"a":9007199254740992}}' }),
      400,
      'request.invalid',
    ],
    [
      'a number too close to nothing',
      () => `PATCH /v1/accounts/${account.id}`,
      () => ({ raw: '{"custom":{"a":1e-300}}' }),
      400,
      'request.invalid',
    ],
    ['half a character', () => 'POST /v1/accounts', () => ({ raw: '{"name":"\\ud800"}' }), 400, 'request.invalid'],
    ['a filter that no index serves', () => 'GET /v1/accounts?industry=x', () => ({}), 400, 'query.notIndexed'],
    ['two filters', () => 'GET /v1/accounts?stage=former&name=x', () => ({}), 400, 'query.notIndexed'],
    [
      'a status beside a filter that does not know it',
      () => `GET /v1/tasks?status=open&nothing=1`,
      () => ({}),
      400,
      'query.notIndexed',
    ],
    ['a state it is not in', () => `POST /v1/leads/${lead.id}/convert`, () => ({ body: {} }), 409, 'record.wrongState'],
    [
      'an address that somebody has',
      () => 'POST /v1/contacts',
      () => ({ body: { accountId: account.id, firstName: 'Jo', emails: [lead.email] } }),
      409,
      'record.duplicate',
    ],
    [
      'another version',
      () => `PATCH /v1/accounts/${account.id}`,
      () => ({ body: { name: 'y' }, headers: { 'if-match': '"99"' } }),
      412,
      'record.versionConflict',
    ],
    [
      'an id that leads nowhere',
      () => 'POST /v1/accounts',
      () => ({ body: { name: 'x', ownerId: nobody('usr') } }),
      422,
      'reference.unknown',
    ],
  ];
  it.each(cases)('of %s is a problem with a code', async (_, route, asked, status, code) => {
    const answer = await ask(route(), asked());
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, type: expect.any(String), title: expect.any(String) });
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .+:\d+:\d+|node_modules/);
  });

  it('names all faults of a body at once', async () => {
    const { body } = await ask('POST /v1/leads', { body: { email: 'no', budget: { amount: 1.5 }, color: 'red' } });
    const pointers = body.errors.map(({ pointer }: Json) => pointer).sort();
    expect(pointers).toEqual(expect.arrayContaining(['#/budget/amount', '#/budget/currency', '#/color', '#/email']));
  });

  it('says who has it already, and which methods an address knows', async () => {
    const taken = await ask('POST /v1/contacts', { body: { accountId: account.id, emails: [lead.email] } });
    expect(taken.body.existingId).toBe(lead.contactId);
    const { headers } = await ask(`PUT /v1/accounts/${account.id}`, { body: {} });
    expect(headers.get('allow')).toContain('PATCH');
  });
});

describe('an edit', () => {
  it.each<[resource: string, field: string, value: () => unknown]>([
    ['accounts', 'id', () => nobody('acc')],
    ['accounts', 'version', () => 9],
    ['accounts', 'createdAt', () => '2020-01-01T00:00:00.000Z'],
    ['accounts', 'createdBy', () => nobody('usr')],
    ['leads', 'accountId', () => account.id],
    ['leads', 'status', () => 'qualified'],
  ])('of %s leaves %s as it is', async (resource, field, value) => {
    const { id } = resource === 'leads' ? lead : account;
    const before = (await ask(`GET /v1/${resource}/${id}`)).body;
    const answer = await ask(`PATCH /v1/${resource}/${id}`, { body: { [field]: value() } });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'request.invalid' });
    expect((await ask(`GET /v1/${resource}/${id}`)).body[field]).toEqual(before[field]);
  });

  it('removes what is null, and keeps what it does not name', async () => {
    const made = await api.post('/v1/accounts', { name: unique('Acme '), industry: 'steel', size: 7 });
    const edited = await api.patch(`/v1/accounts/${made.id}`, { industry: null });
    expect(edited).toMatchObject({ name: made.name, size: made.size, version: 2 });
    expect(edited).not.toHaveProperty('industry');
    expect((await ask(`PATCH /v1/accounts/${made.id}`, { body: { name: null } })).status).toBe(400);
  });

  it('that is only to be checked leaves nothing', async () => {
    const name = unique('Checked ');
    const checked = await ask('POST /v1/accounts?validateOnly=true', { body: { name } });
    expect(checked.status).toBeLessThan(300);
    expect((await api.get(`/v1/accounts?name=${encodeURIComponent(name)}`)).data).toEqual([]);
    const would = await ask(`POST /v1/leads/${lead.id}/disqualify?validateOnly=true`, { body: { reason: 'noBudget' } });
    expect(would.body).toMatchObject({ status: 'disqualified' });
    expect((await api.get(`/v1/leads/${lead.id}`)).status).not.toBe('disqualified');
    const refused = await ask(`POST /v1/leads/${lead.id}/convert?validateOnly=true`, { body: {} });
    expect(refused.body.code).toBe('record.wrongState');
  });
});

describe('an Idempotency-Key', () => {
  const post = (key: string, body: object) => ask('POST /v1/accounts', { body, headers: { 'idempotency-key': key } });
  const count = async (name: string) =>
    (await api.get(`/v1/accounts?name=${encodeURIComponent(name)}`)).data.length as number;

  it('brings the first answer back', async () => {
    const [key, name] = [randomUUID(), unique('Once ')];
    const first = await post(key, { name });
    const again = await post(key, { name });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    expect(await count(name)).toBe(1);
  });

  it('brings it back where nothing is left to do, too', async () => {
    const { id } = await api.post('/v1/accounts', { name: unique('Acme ') });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await ask(`DELETE /v1/accounts/${id}`, { headers });
    await api.post(`/v1/accounts/${id}/restore`);
    await api.delete(`/v1/accounts/${id}`);
    const again = await ask(`DELETE /v1/accounts/${id}`, { headers });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('belongs to one body', async () => {
    const [key, name] = [randomUUID(), unique('Once ')];
    await post(key, { name });
    const other = await post(key, { name: `${name} other` });
    expect({ status: other.status, code: other.body.code }).toEqual({ status: 422, code: 'idempotency.mismatch' });
    expect(await count(`${name} other`)).toBe(0);
  });

  it('gives all who ask at once the same answer', async () => {
    const [key, name] = [randomUUID(), unique('Once ')];
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(key, { name })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => json(body))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(await count(name)).toBe(1);
  });
});

it('says first in which state a record is: there is nothing left to fulfil, issue, pay or give back', async () => {
  const usd = { amount: 5, currency: 'USD' };
  const line = { productId: (await product()).id, quantity: '2' };
  const order = await api.post('/v1/orders', { accountId: account.id, lines: [line] });
  await api.post(`/v1/orders/${order.id}/cancel`);
  const billed = await api.post('/v1/invoices', { accountId: account.id, lines: [{ ...line, description: 'Fan' }] });
  const draftId = (await api.post('/v1/invoices', { accountId: account.id, lines: [line] })).id;
  await api.post(`/v1/invoices/${billed.id}/issue`);
  const received = { accountId: account.id, amount: { amount: 500, currency: 'EUR' }, method: 'cash' };
  const payment = await api.post('/v1/payments', { ...received, reference: unique('CASH-') });
  await api.post(`/v1/payments/${payment.id}/refund`);
  const tooLate: [path: string, body: object][] = [
    [`orders/${order.id}/fulfilments`, { lines: [{ lineId: '1', quantity: '1' }] }],
    [`invoices/${billed.id}/issue`, {}],
    [`invoices/${draftId}/payments`, { amount: usd, method: 'cash', reference: unique('CASH-') }],
    [`invoices/${draftId}/credit-notes`, { amount: usd, reason: 'It hums' }],
    [`payments/${payment.id}/refund`, { amount: usd }],
    [`payments/${payment.id}/allocate`, { invoiceId: billed.id, amount: usd }],
  ];
  for (const [path, body] of tooLate)
    expect(await ask(`POST /v1/${path}`, { body }), path).toMatchObject({
      status: 409,
      body: { code: 'record.wrongState', detail: expect.stringMatching(/ that is \w+/) },
    });
});

describe('a person behind a key', () => {
  it('is who acts, and has their own list', async () => {
    const acting = { 'x-acting-user': agent.id };
    const made = await ask('POST /v1/accounts', { body: { name: unique('Acme ') }, headers: acting });
    expect(made.body.createdBy).toBe(agent.id);
    const { data } = await api.get(`/v1/accounts/${made.body.id}/timeline`);
    expect(data[0].actor).toMatchObject({ kind: 'user', id: agent.id, via: expect.stringMatching(/^key_/) });
    const task = await api.post('/v1/tasks', { title: 'Call', assigneeId: agent.id });
    const mine = await ask('GET /v1/my/tasks', { headers: acting });
    expect(mine.body.data.map(({ id }: Json) => id)).toContain(task.id);
    const forbidden = await ask('POST /v1/products', { body: {}, headers: acting });
    expect(forbidden.body.code).toBe('access.forbidden');
  });

  it('decides what takes a person', async () => {
    const quote = await draft(agent.id, '50');
    await person('manager');
    await api.as(agent.id).post(`/v1/quotes/${quote.id}/submit`);
    expect((await ask(`POST /v1/quotes/${quote.id}/approve`, { body: {} })).body.code).toBe('access.personNeeded');
    const own = await ask(`POST /v1/quotes/${quote.id}/approve`, { body: {}, headers: { 'x-acting-user': agent.id } });
    expect(own.status).toBe(403);
  });
});

describe('a list', () => {
  it('is cut to 200, and goes on where it stopped whatever came since', async () => {
    const ownerId = (await person('agent')).id;
    const make = (n: number) => api.post('/v1/accounts', { name: unique(`Acme ${n} `), ownerId });
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.push((await make(n)).id);
    const page = async (limit: number, cursor: string | null) =>
      (await ask(`GET /v1/accounts?ownerId=${ownerId}&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`)).body;
    await expect.poll(async () => (await page(200, null)).data.length).toBe(7);
    const read: string[] = [];
    let cursor: string | null = null;
    do {
      const { data, nextCursor }: Json = await page(3, cursor);
      read.push(...data.map(({ id }: Json) => id));
      if (cursor === null) await Promise.all([make(8), make(9)]);
      cursor = nextCursor;
    } while (cursor !== null);
    expect(read).toEqual(made.toReversed());
    const { status, body } = await ask('GET /v1/leads?limit=100000');
    expect(status).toBe(200);
    expect(body.data.length).toBeLessThanOrEqual(200);
    expect((await ask(`GET /v1/accounts?ownerId=${ownerId}&cursor=!`)).body.code).toBe('request.invalid');
  });

  it('goes on only with its own cursor', async () => {
    const { body } = await ask('GET /v1/policies?limit=1');
    const other = await ask(`GET /v1/accounts?cursor=${body.nextCursor}`);
    expect([other.status, other.body.errors[0].pointer]).toEqual([400, '#/cursor']);
  });

  it('of what is few is cut and goes on as any other', async () => {
    const all = await api.get('/v1/policies');
    const first = await api.get('/v1/policies?limit=2');
    expect(first.data).toEqual(all.data.slice(0, 2));
    const rest = await api.get(`/v1/policies?cursor=${first.nextCursor}`);
    expect(rest).toEqual({ data: all.data.slice(2), nextCursor: null });
  });

  it('shows a write at once to who sends its token', async () => {
    const ownerId = (await person('agent')).id;
    for (let n = 0; n < 5; n++) {
      const { headers, body } = await ask('POST /v1/accounts', { body: { name: unique('Acme '), ownerId } });
      const token = headers.get('x-consistency-token') ?? '';
      const { data } = (await ask(`GET /v1/accounts?ownerId=${ownerId}`, { headers: { 'x-consistency-token': token } }))
        .body;
      expect(data.map(({ id }: Json) => id)).toContain(body.id);
    }
  });
});

it.each(['q', 't', 'u', 'confirm', 's', 'f', 'c'])('a page below /%s names its request', async (letter) => {
  const answer = await fetch(`${access.apiUrl}/${letter}/nothing`, { redirect: 'manual' });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.headers.get('x-request-id')).toMatch(/\S/);
  await answer.text();
});

it('says that nothing changed to who has seen the version', async () => {
  const { headers, body } = await ask(`GET /v1/accounts/${account.id}`);
  const etag = headers.get('etag') ?? '';
  expect(etag).toBe(`"${body.version}"`);
  const again = await ask(`GET /v1/accounts/${account.id}`, { headers: { 'if-none-match': etag } });
  expect([again.status, again.body]).toEqual([304, undefined]);
  const edited = await ask(`PATCH /v1/accounts/${account.id}`, { body: { size: 5 }, headers: { 'if-match': etag } });
  expect(edited.headers.get('etag')).toBe(`"${body.version + 1}"`);
});

describe('the API document', () => {
  let document: Json;
  beforeAll(async () => {
    const response = await fetch(`${access.apiUrl}/v1/openapi.json`);
    document = await response.json();
  });

  /** A schema of the document, with the shared ones that it may point to; Zod reads no pattern in Unicode mode. */
  const schemaAt = (path: string, method: string, status: number) => {
    const { schema } = Object.values<Json>(document.paths[path][method].responses[status].content)[0];
    const local = json({ ...schema, $defs: document.components.schemas }).replaceAll(
      '#/components/schemas/',
      '#/$defs/',
    );
    return z.fromJSONSchema(
      JSON.parse(local, (key, value) => (key === 'pattern' && /\\p\{/.test(value) ? undefined : value)),
    );
  };

  it('is OpenAPI 3.1 in which every reference leads somewhere and every operation answers', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    for (const [, name] of json(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty([name ?? '']);
    for (const [path, operations] of Object.entries<Json>(document.paths))
      for (const [method, { responses, parameters }] of Object.entries<Json>(operations)) {
        expect(Object.keys(responses).some((status) => status.startsWith('2') || status.startsWith('3'))).toBe(true);
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
        const given = parameters.filter((one: Json) => one.in === 'path').map(({ name }: Json) => name);
        expect(given.sort(), `${method} ${path}`).toEqual(named);
      }
  });

  it('says how a form is sent, too', () => {
    const { responses, requestBody } = document.paths['/v1/intake/forms/{id}'].post;
    expect(Object.keys(requestBody.content)).toContain('application/x-www-form-urlencoded');
    expect(Object.keys(responses)).toEqual(['202', '400', '404', '410', '413', '415', '429']);
  });

  it.each<[path: string, method: string, status: number, asked: () => Asked & { id?: string }]>([
    ['/v1/accounts', 'post', 201, () => ({ body: { name: unique('Acme ') } })],
    ['/v1/accounts/{id}', 'get', 200, () => ({ id: account.id })],
    ['/v1/accounts/{id}/overview', 'get', 200, () => ({ id: lead.accountId })],
    ['/v1/accounts/{id}/timeline', 'get', 200, () => ({ id: lead.accountId })],
    ['/v1/leads/{id}', 'get', 200, () => ({ id: lead.id })],
    ['/v1/leads', 'get', 200, () => ({})],
    ['/v1/processes', 'get', 200, () => ({})],
    ['/v1/quotes', 'get', 200, () => ({})],
    ['/v1/policies/{name}', 'get', 200, () => ({ id: 'settings' })],
    ['/v1/accounts/{id}', 'get', 404, () => ({ id: nobody('acc') })],
    ['/v1/accounts', 'post', 400, () => ({ body: {} })],
  ])('describes what %s %s answers with %i', async (path, method, status, asked) => {
    const { id = '', ...request } = asked();
    const answer = await ask(`${method.toUpperCase()} ${path.replace(/\{\w+\}/, id)}`, request);
    expect(answer.status).toBe(status);
    const { error } = schemaAt(path, method, status).safeParse(answer.body);
    expect(error?.issues).toBeUndefined();
  });
});

describe('many at the same time', () => {
  it('capture one address once: one account, one contact, one lead', async () => {
    const company = unique('rush');
    const body = { source: 'form', email: `jo@${company}.example`, firstName: 'Jo', company };
    const leads: Json[] = await Promise.all(Array.from({ length: 20 }, () => api.post('/v1/leads', body)));
    for (const key of ['id', 'accountId', 'contactId']) expect(new Set(leads.map((one) => one[key])).size).toBe(1);
    const [{ accountId, contactId, id }] = leads as [Json];
    expect((await api.get(`/v1/accounts?name=${company}`)).data.map((one: Json) => one.id)).toEqual([accountId]);
    expect((await api.get(`/v1/contacts?accountId=${accountId}`)).data.map((one: Json) => one.id)).toEqual([contactId]);
    expect((await api.get(`/v1/leads?accountId=${accountId}`)).data.map((one: Json) => one.id)).toEqual([id]);
  });

  it('issue invoices whose numbers have no gap', async () => {
    const lines = [{ productId: (await product()).id, quantity: '1' }];
    const draftOne = () => api.post('/v1/invoices', { accountId: account.id, lines });
    const drafts: Json[] = await Promise.all(Array.from({ length: 16 }, draftOne));
    const issued: Json[] = await Promise.all(drafts.map(({ id }) => api.post(`/v1/invoices/${id}/issue`)));
    const numbers = issued.map(({ number }) => Number(/\d+$/.exec(number)?.[0])).sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n));
    expect(new Set(issued.map(({ status }) => status))).toEqual(new Set(['issued']));
  });
});
