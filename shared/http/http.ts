import { createHash } from 'node:crypto';
import middy from '@middy/core';
import router, { type Route } from '@middy/http-router';
import type { APIGatewayProxyStructuredResultV2 as Answer, APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { isAnyId } from '../core/ids.ts';
import { log } from '../core/log.ts';
import { Refusal } from '../core/refusal.ts';
import { faultsOf } from '../core/validation.ts';
import type { Actor } from '../events/event.ts';
import { run, type Written } from '../store/command.ts';
import type { Occasion } from '../store/occasion.ts';
import { type Surroundings, surroundings } from '../store/surroundings.ts';
import { bodyOf, bytesOf } from './body.ts';
import { withCursor, withPosition } from './cursor.ts';
import type { Endpoint } from './endpoint.ts';
import { problem } from './problem.ts';
import { storable } from './storable.ts';

/** Who asks, and what they may. */
export interface Caller {
  actor: Actor;
  may: ReadonlySet<string>;
}
/** Tells who asks from the headers of a request. 401 for nobody we know. */
export type WhoAsks = (around: Surroundings, headers: APIGatewayProxyEventV2['headers']) => Promise<Caller>;

const nobody: Caller = { actor: { kind: 'customer', id: 'public' }, may: new Set() };

/** A Lambda handler from a list of endpoints: everything that is the same for all of them happens here. */
export function http(endpoints: readonly Endpoint[], whoAsks: WhoAsks, around: () => Surroundings = surroundings) {
  const routes = endpoints.map((endpoint): Route<APIGatewayProxyEventV2, Answer> => {
    const [method, path] = endpoint.route.split(' ') as [Route<never, never>['method'], string];
    const handler = (event: APIGatewayProxyEventV2) => answer(endpoint, event, whoAsks, around());
    return { method, path, handler: handler as Route<APIGatewayProxyEventV2, Answer>['handler'] };
  });
  const notFoundResponse = ({ path }: { path: string }) => {
    throw noRoute(endpoints, path);
  };
  return middy(router<APIGatewayProxyEventV2, Answer>({ routes, notFoundResponse }))
    .after(({ event, response }) => told(event, response as Answer))
    .onError((request) => {
      const { event, error } = request;
      request.response = problem(error, event.requestContext.requestId);
      told(event, request.response as Answer);
    });
}

async function answer(
  endpoint: Endpoint,
  event: APIGatewayProxyEventV2,
  whoAsks: WhoAsks,
  around: Surroundings,
): Promise<Answer> {
  const { store, policies, now } = around;
  const caller = endpoint.may === 'public' ? nobody : await whoAsks(around, event.headers);
  permitted(endpoint, caller);
  const input = inputOf(endpoint, event);
  const on = occasionOf(event, caller, input, now());
  const { answer: body, replayed, written } = await run(store, policies, on, endpoint.does, input as never);
  const said = withCursor(endpoint, input, body);
  return respond(endpoint, event, said, { replayed, written, requestId: on.correlationId });
}

function permitted({ may, person }: Endpoint, caller: Caller): void {
  if (may === 'public') return;
  if (person && caller.actor.kind !== 'user')
    throw new Refusal('access.personNeeded', 'Act as a person: X-Acting-User');
  if (!caller.may.has(may)) throw new Refusal('access.forbidden', `It takes ${may}`);
}

/** An endpoint that takes no body, or no query: fields of one are unknown fields. */
const nothing = z.strictObject({});
const ValidateOnly = z.enum(['true', 'false']).optional();

/** Params, query and body as one input, parsed: params last, so that a body cannot name another record. */
function inputOf(endpoint: Endpoint, event: APIGatewayProxyEventV2): Record<string, unknown> {
  const params = paramsOf(endpoint, event);
  const { validateOnly, ...query } = event.queryStringParameters ?? {};
  parse(z.object({ validateOnly: ValidateOnly }), { validateOnly });
  if (endpoint.params && !endpoint.params.safeParse(params).success)
    throw new Refusal('record.notFound', 'There is no record of this kind by that id');
  if (endpoint.signed)
    return { ...params, request: { headers: event.headers, body: bytesOf(event, endpoint.signed.mostBytes) } };
  const asked = endpoint.route.startsWith('GET ') ? {} : bodyOf(event);
  const body = endpoint.patch ? { patch: asked } : parse(endpoint.body ?? nothing, asked);
  const shows = writtenIn(event.headers['x-consistency-token']);
  const asks = { ...parse(endpoint.query ?? nothing, storable(query), endpoint), ...body, ...params };
  return { ...withPosition(endpoint, asks), ...(endpoint.filters && { shows }) };
}

/** The parameters that the route names: API Gateway adds one of its own for what it routes by. */
function paramsOf({ route }: Endpoint, { pathParameters = {} }: APIGatewayProxyEventV2): Record<string, string> {
  const named = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return Object.fromEntries(named.map((name) => [name, pathParameters[name] ?? '']));
}

function occasionOf(
  event: APIGatewayProxyEventV2,
  caller: Caller,
  input: Record<string, unknown>,
  now: Date,
): Occasion {
  const { headers, rawPath, requestContext } = event;
  const key = headers['idempotency-key'];
  const seen = headers['if-match'];
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key))
    throw new Refusal('request.invalid', 'An Idempotency-Key has 1 to 255 printable characters');
  const asked = requestContext.http.method !== 'GET';
  return {
    now,
    actor: caller.actor,
    correlationId: requestContext.requestId,
    validateOnly: event.queryStringParameters?.['validateOnly'] === 'true',
    ...(asked &&
      key && {
        once: { key: digest(caller.actor.id, requestContext.http.method, rawPath, key), fingerprint: digest(input) },
      }),
    ...(asked &&
      seen &&
      seen !== '*' && { seen: { id: String(input['id']), version: Number(seen.replaceAll(/W\/|"/g, '')) } }),
  };
}

interface Sent {
  replayed: boolean;
  written: readonly Written[];
  requestId: string;
}

function respond(
  endpoint: Endpoint,
  event: APIGatewayProxyEventV2,
  body: unknown,
  { replayed, written, requestId }: Sent,
): Answer {
  const status = typeof endpoint.status === 'number' ? endpoint.status : endpoint.status(body as never);
  const { version } = (body ?? {}) as { version?: number };
  const etag = version === undefined ? undefined : `"${version}"`;
  const headers = {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    ...(etag && { etag }),
    ...(replayed && { 'idempotent-replayed': 'true' }),
    ...(written.length && { 'x-consistency-token': tokenOf(written) }),
  };
  if (endpoint.location)
    return { statusCode: status, headers: { ...headers, location: endpoint.location(body as never) } };
  if (etag && event.headers['if-none-match'] === etag) return { statusCode: 304, headers };
  return {
    statusCode: status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** What a write wrote: a list that gets it shows these records as they are now. */
const tokenOf = (written: readonly Written[]): string =>
  Buffer.from(JSON.stringify(written.slice(0, 20).map(({ id, version }) => [id, version]))).toString('base64url');

function writtenIn(token: string | undefined): Written[] {
  if (!token) return [];
  try {
    const pairs = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, number][];
    const ids = new Map(pairs.slice(0, 20).map(([id, version]) => [String(id), Number(version)]));
    return [...ids].filter(([id]) => isAnyId(id)).map(([id, version]) => ({ id, version }));
  } catch {
    return [];
  }
}

/** Zod's faults of a request, all at once. A fault in a stored record stays a ZodError, and so a 500. */
function parse(schema: z.ZodObject, value: unknown, list?: Endpoint): Record<string, unknown> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  if (list?.filters && error.issues.some(({ code }) => code === 'unrecognized_keys'))
    throw new Refusal('query.notIndexed', `This list knows ${Object.keys(schema.shape).join(', ')}`);
  throw faultsOf(error);
}

function noRoute(endpoints: readonly Endpoint[], path: string): Refusal {
  const matches = (route: string) => new RegExp(`^${route.replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`).test(path);
  const methods = endpoints
    .map(({ route }) => route.split(' ') as [string, string])
    .filter(([, route]) => matches(route));
  const allow = methods.map(([method]) => method).join(', ');
  return allow
    ? new Refusal('route.methodNotAllowed', `${path} knows ${allow}`, { allow })
    : new Refusal('route.notFound', path);
}

/** One line a request: ids, never bodies. */
function told({ requestContext }: APIGatewayProxyEventV2, { statusCode }: Answer): void {
  const { routeKey, requestId, http: asked, timeEpoch } = requestContext;
  const milliseconds = Date.now() - timeEpoch;
  log.info('request', { requestId, route: routeKey, method: asked.method, status: statusCode, milliseconds });
}

const digest = (...parts: unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
