import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

/** A problem+json answer, thrown. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly body: Record<string, unknown>;
  constructor(request: string, status: number, body: Record<string, unknown>) {
    super(
      `${request}: ${status} ${String(body['code'] ?? '')} ${String(body['detail'] ?? '')} ${JSON.stringify(body['errors'] ?? '')}`,
    );
    this.status = status;
    this.body = body;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a client sees JSON; what it is, the contract says
export type Json = any;

export interface Client {
  get(path: string): Promise<Json>;
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Json>;
  patch(path: string, body: object, headers?: Record<string, string>): Promise<Json>;
  put(path: string, body: object): Promise<Json>;
  delete(path: string): Promise<Json>;
  /** The same key, acting as a person. */
  as(userId: string): Client;
}

/** The API as an integrator's client uses it: an Idempotency-Key on every write, and a retry where the answer says so. */
export function client(apiUrl: string, apiKey: string, acting?: string): Client {
  const send = async (
    method: string,
    path: string,
    body?: object,
    more: Record<string, string> = {},
  ): Promise<Json> => {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...(acting && { 'x-acting-user': acting }),
      ...(body && { 'content-type': 'application/json' }),
      ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
      ...more,
    };
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(`${apiUrl}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      const json = (await answer.json()) as Record<string, unknown>;
      if (answer.ok) return json;
      const again = answer.status >= 500 || answer.headers.has('retry-after');
      if (!again || attempt === 6) throw new Problem(`${method} ${path}`, answer.status, json);
      await setTimeout(100 * 2 ** attempt);
    }
  };
  return {
    get: (path) => send('GET', path),
    post: (path, body = {}, headers) => send('POST', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    put: (path, body) => send('PUT', path, body),
    delete: (path) => send('DELETE', path),
    as: (userId) => client(apiUrl, apiKey, userId),
  };
}
