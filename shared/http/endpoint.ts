import * as z from 'zod';
import type { Fault } from '../core/refusal.ts';
import type { SignedRequest } from '../core/signature.ts';
import type { Command, Crm, Written } from '../store/command.ts';

/** `{ id: string }` of `'POST /v1/leads/{id}/qualify'`. */
type Params<R extends string> = R extends `${string}{${infer P}}${infer Rest}`
  ? { [K in P | keyof Params<Rest>]: string }
  : {};
export type Permission = `${string}:${'read' | 'write' | 'approve'}`;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Endpoint {
  readonly route: `${Method} /v1/${string}`;
  /** What the caller must be allowed to do; `public` where nobody asks. */
  readonly may: Permission | 'public';
  /** Only a person may do this: a key has to act as one. */
  readonly person: boolean;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** The fields that a merge patch may change, instead of a body: the command gets `{ patch }`. */
  readonly patch?: z.ZodObject;
  /** It takes the bytes of the body as they came, at most so many, for a signature to be verified: the command gets `{ request }`. */
  readonly signed?: { mostBytes: number };
  /** The answer: its status and its schema. */
  readonly status: number | ((answer: never) => number);
  readonly answer: z.ZodType;
  /** Where a redirecting answer leads. */
  readonly location?: (answer: never) => string;
  /** Which faults it may answer beside those that every endpoint has. */
  readonly refuses: readonly Fault[];
  /** How its filters are served: what the table of access patterns says of it. */
  readonly filters?: readonly FilterNote[];
  readonly does: Command<never, unknown>;
}

/** One line of the table of access patterns. */
export interface FilterNote {
  filter: string;
  key: string;
  consistency: 'strong' | 'within a second';
}

type Of<S> = S extends z.ZodType ? z.infer<S> : {};
type Patched<S> = S extends z.ZodType ? { patch: Record<string, unknown> } : {};
type Signed<S> = S extends object ? { request: SignedRequest } : {};

/** Declares an endpoint. What it does gets params, query and body as one input, parsed. */
export function endpoint<
  const R extends Endpoint['route'],
  A extends z.ZodType,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodObject | undefined = undefined,
  P extends z.ZodObject | undefined = undefined,
  S extends Endpoint['signed'] = undefined,
>(
  route: R,
  spec: {
    may: Endpoint['may'];
    person?: boolean;
    summary: string;
    params?: z.ZodObject;
    query?: Q;
    body?: B;
    patch?: P;
    signed?: S;
    status?: number | ((answer: z.infer<A>) => number);
    answer: A;
    location?: (answer: z.infer<A>) => string;
    refuses?: Fault[];
    filters?: FilterNote[];
    does: (crm: Crm, input: Params<R> & Of<Q> & Of<B> & Patched<P> & Signed<S>) => Promise<z.infer<A>>;
  },
): Endpoint {
  const { query, body, patch, status = 200, person = false, refuses = [], ...rest } = spec;
  return {
    route,
    person,
    refuses,
    ...rest,
    status: status as Endpoint['status'],
    ...(query && { query }),
    ...(body && { body }),
    ...(patch && { patch }),
  } as Endpoint;
}

/** The schema of a page of a list. */
export const pageOf = <S extends z.ZodType>(of: S) =>
  z.object({ data: z.array(of), nextCursor: z.string().nullable() });

/** What every list takes: more than 200 is cut to 200. */
export const Paging = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .default(50)
    .transform((limit) => Math.min(limit, 200)),
  cursor: z.string().max(400).optional(),
});

/** What a list is told beside its filters: page and the records it must show. */
export interface Paged {
  limit: number;
  cursor?: string | undefined;
  shows?: readonly Written[] | undefined;
}
