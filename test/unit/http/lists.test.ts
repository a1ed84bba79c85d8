import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints as opportunities } from '../../../functions/http/opportunities.ts';
import { endpoints as people } from '../../../functions/http/people.ts';
import { endpoints as platform } from '../../../functions/http/platform.ts';
import type { Json } from '../../../infra/local/client.ts';
import { http } from '../../../shared/http/http.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

let clock: number;
let table: TableInMemory;
beforeEach(() => {
  clock = Date.parse('2026-11-26T08:00:00Z');
  table = new TableInMemory();
});
const endpoints = [...opportunities, ...people, ...platform];
const may = new Set(endpoints.map((one) => one.may));
const serve = http(
  endpoints,
  async () => ({ actor: { kind: 'user', id: 'usr_x' }, may }),
  () => table.around(() => new Date(clock)),
);

/** What a request is answered with. */
async function ask(asked: string, body?: object): Promise<{ status: number; body: Json; pointers: string[] }> {
  const [method = '', address = ''] = asked.split(' ');
  const { pathname, searchParams } = new URL(address, 'https://api.example');
  clock += 1_000;
  const event = {
    rawPath: pathname,
    headers: { 'content-type': 'application/json' },
    ...(searchParams.size && { queryStringParameters: Object.fromEntries(searchParams) }),
    ...(body && { body: JSON.stringify(body) }),
    requestContext: { requestId: 'r', routeKey: '', timeEpoch: 0, http: { method, path: pathname } },
    version: '2.0',
    routeKey: '$default',
  } as unknown as APIGatewayProxyEventV2;
  const answer = (await serve(event, {} as Context)) as APIGatewayProxyStructuredResultV2;
  const said = JSON.parse(answer.body ?? 'null');
  return { status: answer.statusCode ?? 0, body: said, pointers: (said?.errors ?? []).map((one: Json) => one.pointer) };
}

describe('a cursor', () => {
  it('goes on with its own list, and with no other', async () => {
    for (const name of ['a', 'b', 'c']) await ask('POST /v1/teams', { name });
    for (const name of ['a', 'b', 'c']) await ask('POST /v1/api-keys', { name, role: 'viewer' });
    const first = await ask('GET /v1/teams?limit=1');
    const { nextCursor: cursor } = first.body;
    const next = await ask(`GET /v1/teams?limit=2&cursor=${cursor}`);
    expect([...first.body.data, ...next.body.data].map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(next.body.nextCursor).toBeNull();
    for (const other of ['users', 'api-keys', 'policies', 'pipelines', 'users?email=a@b.example']) {
      const answer = await ask(`GET /v1/${other}${other.includes('?') ? '&' : '?'}cursor=${cursor}`);
      expect([other, answer.status, answer.body.code, answer.pointers]).toEqual([
        other,
        400,
        'request.invalid',
        ['#/cursor'],
      ]);
    }
  });
  it('of what was asked otherwise is refused', async () => {
    const { nextCursor } = (await ask('GET /v1/policies?limit=1')).body;
    expect((await ask(`GET /v1/policies?limit=3&cursor=${nextCursor}`)).status).toBe(200);
    expect((await ask(`GET /v1/processes?state=failed&cursor=${nextCursor}`)).pointers).toEqual(['#/cursor']);
  });
  it.each(['', '!', 'WzEsImEiXQ', '.', 'x.WzEsIlx1ZDgwMCJd'])('that is none of ours is refused: %j', async (cursor) =>
    expect((await ask(`GET /v1/teams?cursor=${cursor}`)).pointers).toEqual(['#/cursor']),
  );
});

describe('a directory', () => {
  it.each(['api-keys', 'teams'])('of %s is newest first', async (name) => {
    const made: string[] = [];
    for (let n = 0; n < 3; n++)
      made.push(
        (await ask(`POST /v1/${name}`, { name: `n${n}`, ...(name === 'api-keys' && { role: 'viewer' }) })).body.id,
      );
    expect((await ask(`GET /v1/${name}`)).body.data.map(({ id }: Json) => id)).toEqual(made.toReversed());
  });
  it('of pipelines is newest first, the one that was always there last', async () => {
    const stages = [
      { key: 'new', name: 'New', kind: 'open' },
      { key: 'won', name: 'Won', kind: 'won' },
      { key: 'lost', name: 'Lost', kind: 'lost' },
    ];
    for (const [n, isDefault] of [false, true, false].entries())
      await ask('POST /v1/pipelines', { name: `n${n}`, stages, isDefault });
    expect((await ask('GET /v1/pipelines')).body.data.map(({ name }: Json) => name)).toEqual([
      'n2',
      'n1',
      'n0',
      'sales',
    ]);
  });
});

describe('a policy that is none', () => {
  it.each([
    ['PUT /v1/policies/settings', { body: { bogus: 1 } }, ['#/body/bogus']],
    ['POST /v1/policies/settings/dry-run', { body: { bogus: 1 } }, ['#/body/bogus']],
    ['PUT /v1/policies/settings', { body: { seller: { name: '' } }, bogus: 1 }, ['#/bogus']],
    ['PUT /v1/policies/settings', { body: { seller: {} } }, ['#/body/seller/name', '#/body/seller/address']],
  ])('%s %j', async (route, body, pointers) => expect((await ask(route, body)).pointers).toEqual(pointers));
});
