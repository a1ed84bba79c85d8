import { stripeHeaders } from './signatures.ts';
import { access } from './stack.ts';

/** Sends what a provider would, signed by its stand-in's secret unless other headers are given. */
export async function send(provider: string, event: object, headers?: Record<string, string>) {
  const body = JSON.stringify(event);
  const signed = headers ?? stripeHeaders(body, access.intakeSecrets.stripe[0]);
  const answer = await fetch(`${access.apiUrl}/v1/intake/payments/${provider}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
