import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Handler, Wrap } from './wrap-bundles.ts';

interface Message {
  body?: string;
  messageId?: string;
  eventID?: string;
}
interface Request {
  headers?: Record<string, string>;
  rawPath?: string;
  rawQueryString?: string;
  requestContext?: { http?: { method?: string } };
}
interface Batch {
  batchItemFailures?: { itemIdentifier: string }[];
}

class Injected extends Error {
  override readonly name = 'Injected';
}

/**
 * Makes a function fail at whatever it is asked: once before it does anything, and once after it did it, so that its answer is lost. What
 * was asked is told apart by what stays the same when it is asked again. A message of a queue fails alone, as its neighbours may be other.
 */
export const wrap: Wrap = async (load, { name, notes }) => {
  const { handler } = await load();
  /** Whether this is the first time: across all processes of the function, by a file that only one of them can make. */
  const first = (asked: string, when: 'before' | 'after'): boolean => {
    const hash = createHash('sha256').update(asked).digest('hex').slice(0, 32);
    try {
      writeFileSync(join(notes, `${name}-${hash}-${when}`), asked, { flag: 'wx' });
      return true;
    } catch {
      return false;
    }
  };
  return (event, context) => {
    const { Records } = event as { Records?: Message[] };
    return Records?.[0]?.body !== undefined
      ? eachMessage(handler, first, Records, context)
      : whole(handler, first, Records, event, context);
  };
};

type First = (asked: string, when: 'before' | 'after') => boolean;

async function eachMessage(handler: Handler, first: First, records: Message[], context: unknown): Promise<Batch> {
  const asked = ({ body = '' }: Message) => (JSON.parse(body) as { id?: string }).id ?? body;
  const refused = records.filter((record) => first(asked(record), 'before'));
  const taken = records.filter((record) => !refused.includes(record));
  const answer = taken.length ? ((await handler({ Records: taken }, context)) as Batch | undefined) : undefined;
  const lost = taken.filter((record) => first(asked(record), 'after'));
  const failed = [...refused, ...lost].map(({ messageId = '' }) => messageId);
  const reported = answer?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? [];
  return { batchItemFailures: [...new Set([...failed, ...reported])].map((itemIdentifier) => ({ itemIdentifier })) };
}

async function whole(
  handler: Handler,
  first: First,
  records: Message[] | undefined,
  event: unknown,
  context: unknown,
): Promise<unknown> {
  const asked = records ? records.map(({ eventID = '' }) => eventID) : [askedBy(event as Request)];
  if (asked.filter((one) => first(one, 'before')).length) throw new Injected('Before it was done');
  const answer = await handler(event, context);
  if (asked.filter((one) => first(one, 'after')).length) throw new Injected('After it was done');
  return answer;
}

/** A request by its Idempotency-Key, or by what it reads; a task by all that it is given. */
function askedBy(event: Request): string {
  if (!event.requestContext) return JSON.stringify(event);
  const { headers = {}, rawPath = '', rawQueryString = '', requestContext } = event;
  return [requestContext.http?.method, rawPath, rawQueryString, headers['idempotency-key']].join(' ');
}
