import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faults } from '../shared/core/refusal.ts';
import type { Endpoint } from '../shared/http/endpoint.ts';
import { allEndpoints } from './openapi.ts';

export const errorsPath = join(fileURLToPath(new URL('../docs', import.meta.url)), 'errors.md');

/** `docs/errors.md`: every code that the API answers, from the one table in the code, with the endpoints that declare it. */
export function errorsPage(endpoints: readonly Endpoint[]): string {
  const rows = Object.entries(faults).map(([code, [status, title]]) => {
    const routes = endpoints.filter(({ refuses }) => refuses.some((one) => one === code)).map(({ route }) => route);
    return `| \`${code}\` | ${status} | ${title} | ${declaredBy(routes)} |`;
  });
  return `${[opening, '| code | status | title | declared by |\n| --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}

const mostNamed = 6;
const declaredBy = (routes: readonly string[]): string =>
  routes.length > mostNamed ? `${routes.length} endpoints` : routes.map((route) => `\`${route}\``).join('<br>');

const opening = `# Errors

Made from \`shared/core/refusal.ts\` and the endpoints by \`node infra/error-codes.ts\`; a test sees to it that it is
current.

A refusal is \`application/problem+json\`:

\`\`\`json
{ "type": "/problems/reference.unknown", "title": "A reference leads nowhere", "status": 422, "detail": "...",
  "code": "reference.unknown", "requestId": "...",
  "errors": [{ "pointer": "#/productId", "code": "reference.unknown", "detail": "..." }] }
\`\`\`

\`code\` is the contract: branch on it. \`detail\` is for people and may change. \`errors\` names all faults of a body at
once. \`existingId\` comes with \`record.duplicate\`. \`Retry-After\` (seconds) comes with \`record.busy\` and
\`request.running\`: send the same request again. A 5xx is worth a retry with the same Idempotency-Key. No answer holds
a stack trace; \`requestId\` leads to the log.

A code without an endpoint in the last column may be answered by any of them, or by a page. Where it says a number, the
OpenAPI document (\`GET /v1/openapi.json\`) names them. Beside these: \`server.fault\` (500, ours), and API Gateway's own
429 and 5xx, whose body has only a \`message\`.
`;

export const currentErrors = (): string => readFileSync(errorsPath, 'utf8');

if (import.meta.main) writeFileSync(errorsPath, errorsPage(await allEndpoints()));
