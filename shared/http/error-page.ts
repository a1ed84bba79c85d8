import type { APIGatewayProxyStructuredResultV2 as Answer } from 'aws-lambda';
import { log } from '../core/log.ts';
import { faults, Refusal } from '../core/refusal.ts';
import { html, page } from './page.ts';

/** What a person sees of an error. What is not a refusal is our fault: logged whole, told without a word of it. */
export function errorPage(error: unknown, requestId: string, company: string): Answer {
  const refusal = error instanceof Refusal ? error : undefined;
  if (!refusal) log.error('fault', { requestId, error: error as Error });
  const [status, title] = refusal ? faults[refusal.code] : [500, 'Something went wrong on our side'];
  const said = refusal?.message ?? 'Please try again in a moment.';
  return page(status, title, html`<p>${said}</p>`, company, { headers: retryAfter(refusal) });
}

/** The header that says when it is worth another try. */
export const retryAfter = (error: unknown): Record<string, string> => {
  const seconds = error instanceof Refusal ? error.more.retryAfter : undefined;
  return seconds ? { 'retry-after': String(seconds) } : {};
};
