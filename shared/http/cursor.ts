import { createHash } from 'node:crypto';
import { badCursor } from '../store/list.ts';
import type { Endpoint } from './endpoint.ts';

type Asked = Record<string, unknown>;
const isList = ({ query }: Endpoint): boolean => query !== undefined && 'cursor' in query.shape;

/** Which list a page is of: its address and its filters. How long a page is, and what it must show, makes no other list of it. */
function listOf({ route }: Endpoint, { limit: _, cursor: __, shows: ___, ...asked }: Asked): string {
  const filters = Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([route, filters]))
    .digest('base64url')
    .slice(0, 8);
}

/**
 * What a list is asked for, its cursor as a position in it. A cursor names its list: that of another one would be a position between
 * things that it never saw, and the page a wrong answer instead of none. It holds no secret and gives access to nothing, so nobody signs it.
 */
export function withPosition<A extends Asked>(endpoint: Endpoint, asked: A): A {
  const { cursor } = asked;
  if (typeof cursor !== 'string' || !isList(endpoint)) return asked;
  const [list, position] = cursor.split('.');
  if (list !== listOf(endpoint, asked)) throw badCursor();
  return { ...asked, cursor: position ?? '' };
}

/** The page of a list, as it is answered. */
export function withCursor(endpoint: Endpoint, asked: Asked, page: unknown): unknown {
  if (!isList(endpoint)) return page;
  const { nextCursor } = page as { nextCursor: string | null };
  return nextCursor ? { ...(page as object), nextCursor: `${listOf(endpoint, asked)}.${nextCursor}` } : page;
}
