import type { APIGatewayProxyStructuredResultV2 as Answer, APIGatewayProxyEventV2 } from 'aws-lambda';
import { newId } from '../../shared/core/ids.ts';
import { log } from '../../shared/core/log.ts';
import { Refusal } from '../../shared/core/refusal.ts';
import { isSigned } from '../../shared/core/signature.ts';
import { bytesOf, objectIn } from '../../shared/http/body.ts';
import { problem } from '../../shared/http/problem.ts';
import { providers } from '../../shared/marketing/providers/providers.ts';
import { type Keep, onceForEvent, receiveSubmission, type Taken } from '../../shared/marketing/receive-submission.ts';
import { type ProviderSecrets, providerSecretsIn } from '../../shared/platform/provider-secrets.ts';
import { putObject } from '../../shared/store/bucket.ts';
import { given, type Surroundings, surroundings } from '../../shared/store/surroundings.ts';

const mostBytes = 262_144;

/** What the services whose forms come here send: `/v1/intake/webhooks/{provider}`. */
export const webhooks =
  (around: () => Surroundings, secrets: () => ProviderSecrets, keep: Keep) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const { requestId, routeKey, http, timeEpoch } = event.requestContext;
    const answer = await taken(event, around, secrets, keep).then(
      (body): Answer => ({
        statusCode: 202,
        headers: { 'content-type': 'application/json', 'x-request-id': requestId, 'cache-control': 'no-store' },
        body: JSON.stringify(body),
      }),
      (error: unknown) => problem(error, requestId),
    );
    const milliseconds = Date.now() - timeEpoch;
    log.info('request', { requestId, route: routeKey, method: http.method, status: answer.statusCode, milliseconds });
    return answer;
  };

/** Whose it is, how large, and whether it is signed: nothing is read or kept before. Nobody is told why a signature is none. */
async function taken(
  event: APIGatewayProxyEventV2,
  around: () => Surroundings,
  secrets: () => ProviderSecrets,
  keep: Keep,
): Promise<Taken> {
  const { requestId, http } = event.requestContext;
  const [, , , , name = '', ...more] = http.path.split('/');
  const provider = more.length ? undefined : providers.get(name);
  if (!provider) throw new Refusal('route.notFound', 'There is no such provider');
  if (http.method !== 'POST') throw new Refusal('route.methodNotAllowed', 'A webhook is a POST', { allow: 'POST' });
  const bytes = bytesOf(event, mostBytes);
  const here = around();
  const now = here.now();
  if (!isSigned(provider.scheme, { headers: event.headers, body: bytes }, await secrets()(name), now))
    throw new Refusal('access.unauthenticated', 'This is not signed by who you say you are');
  const on = {
    now,
    actor: { kind: 'system' as const, id: name },
    correlationId: requestId,
    once: onceForEvent(name, provider.event(bodyIn(bytes)), bytes),
  };
  return receiveSubmission(here, keep, on, {
    id: newId('sub', now),
    provider: name,
    contentType: (event.headers['content-type'] ?? 'application/json').slice(0, 100),
    bytes,
  });
}

/** What is signed and no JSON is kept too: a person looks at it. */
function bodyIn(bytes: Buffer): Record<string, unknown> {
  try {
    return objectIn(bytes.toString());
  } catch {
    return {};
  }
}

let known: ProviderSecrets | undefined;
const own = () => {
  known ??= providerSecretsIn(given('INTAKE_SECRET_ARN'));
  return known;
};

export const handler = webhooks(surroundings, own, (key, bytes, contentType) =>
  putObject(given('INTAKE_BUCKET'), key, bytes, { contentType }),
);
