import { appendFileSync } from 'node:fs';
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import type { Wrap } from '../../infra/build/wrap-bundles.ts';

/** One invocation of a function. */
export interface Invoked {
  kind: 'invoked';
  name: string;
  milliseconds: number;
  cold: boolean;
  /** Messages or stream records of the batch; 1 where it is no batch. */
  records: number;
  /** Transactions that it committed: a refused one consumes, and changes nothing. */
  committed: number;
}
/** One call of a function to AWS. */
export interface Called {
  kind: 'called';
  name: string;
  service: string;
  operation: string;
  /** Read and write units of DynamoDB. */
  reads: number;
  writes: number;
  /** Events put, or actions of a transaction; else 1. */
  entries: number;
}
export type Note = Invoked | Called;

/**
 * Counts around a function: its invocations, and its calls as they leave the process. DynamoDB is asked what each call consumed, by the
 * parameter that every operation has; reads are computed from what came back, by the rules of DynamoDB.
 */
export const wrap: Wrap = async (load, { name, notes }) => {
  const write = (note: Note) =>
    appendFileSync(join(notes, `${name}-${process.pid}.jsonl`), `${JSON.stringify(note)}\n`);
  let committed = 0;
  listen((call) => {
    if (call.operation === 'TransactWriteItems' && call.writes > 0) committed++;
    write({ kind: 'called', name, ...call });
  });
  const { handler } = await load();
  let cold = true;
  return async (event, context) => {
    const startedAt = performance.now();
    committed = 0;
    const { Records = [] } = event as { Records?: unknown[] };
    try {
      return await handler(event, context);
    } finally {
      const milliseconds = performance.now() - startedAt;
      write({ kind: 'invoked', name, milliseconds, cold, records: Records.length || 1, committed });
      cold = false;
    }
  };
};

type Call = Omit<Called, 'kind' | 'name'>;
type Json = Record<string, unknown>;

/** The bytes by which a JSON body is asked for more. */
const asksForConsumption = '"ReturnConsumedCapacity":"TOTAL",';

function listen(tell: (call: Call) => void): void {
  const request = http.request;
  http.request = ((options: RequestOptions, onAnswer: (answer: IncomingMessage) => void): ClientRequest => {
    const headers = { ...(options.headers as Record<string, string | number>) };
    const [service = '', operation = ''] = targetOf(options, headers);
    const dynamo = service === 'DynamoDB';
    if (dynamo) headers['content-length'] = Number(headers['content-length']) + asksForConsumption.length;
    const sent: string[] = [];
    const made = request({ ...options, headers }, onAnswer);
    const end = made.end.bind(made);
    made.end = ((body?: Uint8Array | string) => {
      const text = body === undefined ? '' : Buffer.from(body as Uint8Array).toString();
      if (text) sent.push(text);
      return dynamo ? end(`{${asksForConsumption}${text.slice(1)}`) : body === undefined ? end() : end(body);
    }) as typeof made.end;
    made.prependListener('response', (answer) => {
      const got: Buffer[] = [];
      const push = answer.push.bind(answer);
      answer.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
        if (chunk) got.push(chunk);
        else tell(callOf(service, operation, sent.join(''), Buffer.concat(got).toString()));
        return encoding ? push(chunk, encoding) : push(chunk);
      };
    });
    return made;
  }) as typeof http.request;
  syncBuiltinESMExports();

  // Documents are read by one signed GET.
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    tell({ service: 's3', operation: init?.method ?? 'GET', reads: 0, writes: 0, entries: 1 });
    return fetch(input, init);
  };
}

function targetOf({ method, path = '' }: RequestOptions, headers: Record<string, string | number>): string[] {
  const target = String(headers['x-amz-target'] ?? '');
  const [api = '', operation = ''] = target.split('.');
  if (api.startsWith('DynamoDB')) return ['DynamoDB', operation];
  if (target) return [api, operation];
  const scope = /\/([a-z0-9-]+)\/aws4_request/.exec(
    `${String(headers['authorization'] ?? '')}${decodeURIComponent(path ?? '')}`,
  );
  return [scope?.[1] ?? 'other', method ?? ''];
}

function callOf(service: string, operation: string, sent: string, got: string): Call {
  const call = { service, operation, reads: 0, writes: 0, entries: 1 };
  if (service !== 'DynamoDB') {
    const entries = service === 'AWSEvents' ? (JSON.parse(sent) as { Entries: unknown[] }).Entries.length : 1;
    return { ...call, entries };
  }
  const asked = JSON.parse(sent) as Json;
  const answer = (got ? JSON.parse(got) : {}) as Json;
  const entries = (asked['TransactItems'] as unknown[] | undefined)?.length ?? 1;
  if (['GetItem', 'BatchGetItem', 'Query', 'Scan'].includes(operation))
    return { ...call, reads: readUnits(operation, asked, answer) };
  return { ...call, entries, writes: consumedIn(answer['ConsumedCapacity']) };
}

const consumedIn = (consumed: unknown): number =>
  [consumed ?? []].flat().reduce((sum: number, one) => sum + Number((one as Json)['CapacityUnits'] ?? 0), 0);

/** Every 4 kB of an item got, or of all items of a query together; half of it where it need not be consistent. */
export function readUnits(operation: string, asked: Json, answer: Json): number {
  if (operation === 'BatchGetItem') {
    const tables = Object.entries((answer['Responses'] ?? {}) as Record<string, Json[]>);
    const wanted = asked['RequestItems'] as Record<string, { Keys: unknown[]; ConsistentRead?: boolean }>;
    return tables.reduce((sum, [table, items]) => {
      const missing = (wanted[table]?.Keys.length ?? 0) - items.length;
      const units = items.reduce((units, item) => units + fourKb(sizeOf(item)), Math.max(0, missing));
      return sum + units * (wanted[table]?.ConsistentRead ? 1 : 0.5);
    }, 0);
  }
  const found = [answer['Item'] ?? answer['Items'] ?? []].flat() as Json[];
  return fourKb(found.reduce((sum, item) => sum + sizeOf(item), 0)) * (asked['ConsistentRead'] ? 1 : 0.5);
}

const fourKb = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4_096));

/** Bytes of an item as DynamoDB counts them: names and values; 3 more and 1 an entry for a list or map. */
function sizeOf(item: Json): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0);
}

function sizeOfValue(typed: unknown): number {
  const [[type, value] = ['NULL', true]] = Object.entries(typed as Json);
  if (type === 'S') return Buffer.byteLength(value as string);
  if (type === 'N') return Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  if (type === 'M') return 3 + Object.keys(value as Json).length + sizeOf(value as Json);
  if (type === 'L') return 3 + (value as unknown[]).reduce<number>((sum, one) => sum + 1 + sizeOfValue(one), 0);
  if (type === 'SS') return (value as string[]).reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  return 1;
}
