import type { APIGatewayProxyStructuredResultV2 as Answer } from 'aws-lambda';
import { log } from '../core/log.ts';
import { faults, Refusal } from '../core/refusal.ts';

/** The problem+json answer of an error. What is not a refusal is our fault: logged whole, told without a word of it. */
export function problem(error: unknown, requestId: string): Answer {
  const refusal = error instanceof Refusal ? error : undefined;
  if (!refusal) log.error('fault', { requestId, error: error as Error });
  const code = refusal?.code ?? 'server.fault';
  const [status, title] = refusal ? faults[refusal.code] : [500, 'Something went wrong on our side'];
  const { retryAfter, allow, ...more } = refusal?.more ?? {};
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-request-id': requestId,
      ...(retryAfter && { 'retry-after': String(retryAfter) }),
      ...(allow && { allow }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: JSON.stringify({
      type: `/problems/${code}`,
      title,
      status,
      detail: refusal?.message,
      code,
      requestId,
      ...more,
    }),
  };
}
