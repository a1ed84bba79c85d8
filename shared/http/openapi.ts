import * as z from 'zod';
import { type Fault, faults } from '../core/refusal.ts';
import { Envelope } from '../events/event.ts';
import type { Endpoint } from './endpoint.ts';

type Json = Record<string, unknown>;

const always: Fault[] = ['access.unauthenticated', 'access.forbidden', 'request.invalid'];
const onWrite: Fault[] = ['idempotency.mismatch', 'record.busy', 'record.tooLarge', 'request.unsupportedMediaType'];
const onRecord: Fault[] = ['record.notFound', 'record.versionConflict'];

const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
    existingId: z.string().optional(),
  })
  .meta({ id: 'Problem' });

/** The OpenAPI 3.1 document of some endpoints: nothing is said twice. Schemas with an id are shared components. */
export function openApi(endpoints: readonly Endpoint[]) {
  const components: Record<string, Json> = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const {
      $schema: _,
      $defs = {},
      ...rest
    } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json & {
      $defs?: Record<string, Json>;
    };
    for (const [name, shared] of Object.entries($defs)) components[named(name, io)] = pointing(shared, io);
    return pointing(rest, io);
  };
  const paths: Record<string, Json> = {};
  for (const one of endpoints) {
    const [method = '', path = ''] = one.route.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(one, schemaOf) };
  }
  schemaOf(z.object({ problem: Problem, event: Envelope }), 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stepwise',
      version: '1',
      description: 'A workflow-driven CRM. Every change is one transaction with one event a record.',
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: components, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}

/** A schema that is read differs from one that is written (defaults): the latter has a name of its own. */
const named = (name: string, io: 'input' | 'output'): string => (io === 'input' ? `${name}Input` : name);
const pointing = (schema: Json, io: 'input' | 'output'): Json =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string'
      ? value.replace(/^#\/\$defs\/(.+)$/, (_, name: string) => `#/components/schemas/${named(name, io)}`)
      : value,
  ) as Json;

function operation(one: Endpoint, schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { route, may, summary, params, query, body, patch, status, answer, person, location } = one;
  const effects = !route.startsWith('GET ');
  const parameter = (place: string, schemas: z.ZodObject | undefined) =>
    Object.entries(schemas?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: place,
      required: place === 'path' || !(schema as z.ZodType).safeParse(undefined).success,
      schema: schemaOf(schema as z.ZodType, 'input'),
    }));
  const named = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).filter((name) => !params?.shape[name]);
  const content = body
    ? { 'application/json': { schema: schemaOf(body, 'input') } }
    : patch && { 'application/merge-patch+json': { schema: schemaOf(patch.partial(), 'input') } };
  const done = location
    ? { description: 'Leads there', headers: { location: { schema: { type: 'string' } } } }
    : { description: 'Done', content: { 'application/json': { schema: schemaOf(answer, 'output') } } };
  const codes = typeof status === 'number' ? [status] : [200, 201];
  return {
    summary,
    'x-permission': may,
    ...(person && { 'x-person': true }),
    security: may === 'public' ? [] : [{ bearer: [] }],
    parameters: [
      ...parameter('path', params),
      ...named.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...parameter('query', query),
      ...(effects ? writing : []),
    ],
    ...(content && { requestBody: { required: true, content } }),
    responses: { ...Object.fromEntries(codes.map((code) => [code, done])), ...refusalsOf(one, effects) },
  };
}

const writing = [
  { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } },
  { name: 'If-Match', in: 'header', schema: { type: 'string' } },
  { name: 'validateOnly', in: 'query', schema: { type: 'boolean' } },
];

const refusalsOf = ({ may, params, person, refuses }: Endpoint, effects: boolean): Json =>
  refusals([
    ...(may === 'public' ? [] : always),
    ...(person ? (['access.personNeeded'] as const) : []),
    ...(params ? onRecord : []),
    ...(effects ? onWrite : []),
    ...refuses,
  ]);

/** The responses of faults, by status. */
export function refusals(codes: readonly Fault[]): Json {
  const byStatus = Object.groupBy([...new Set(codes)], (code) => faults[code][0]);
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const described = (of: Fault[] = []) => of.map((code) => `\`${code}\`: ${faults[code][1]}`).join('; ');
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, of]) => [status, { description: described(of), content }]),
  );
}
