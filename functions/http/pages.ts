import type { APIGatewayProxyStructuredResultV2 as Answer, APIGatewayProxyEventV2 } from 'aws-lambda';
import { log } from '../../shared/core/log.ts';
import { faults, Refusal } from '../../shared/core/refusal.ts';
import { Settings } from '../../shared/core/settings.ts';
import { html, page } from '../../shared/http/page.ts';
import { linkPages } from '../../shared/platform/link-pages.ts';
import { linkIn, type PagePurpose, type Secrets, secretsIn } from '../../shared/platform/links.ts';
import { given, type Surroundings, surroundings } from '../../shared/store/surroundings.ts';

let secrets: Secrets | undefined;
const purposes: Readonly<Record<string, PagePurpose>> = { t: 'task', q: 'quote', u: 'unsubscribe' };

/** The pages behind the links in our mails: a GET shows, a POST acts. Bodies are form fields of at most 64 kB. */
export async function handler(event: APIGatewayProxyEventV2): Promise<Answer> {
  const around = surroundings();
  const { seller } = await around.policies.inForce(Settings, around.now());
  try {
    const { title, body } = await answer(event, around);
    return page(200, title, body, seller.name);
  } catch (error) {
    if (!(error instanceof Refusal))
      log.error('fault', { requestId: event.requestContext.requestId, error: error as Error });
    const [status, title] = error instanceof Refusal ? faults[error.code] : [500, 'Something went wrong on our side'];
    const said = error instanceof Refusal ? error.message : 'Please try again in a moment.';
    return page(status, title, html`<p>${said}</p>`, seller.name);
  }
}

async function answer(event: APIGatewayProxyEventV2, around: Surroundings) {
  secrets ??= secretsIn(given('LINK_SECRET_ARN'));
  const [, letter = '', token = ''] = event.requestContext.http.path.split('/');
  const purpose = purposes[letter];
  const { method } = event.requestContext.http;
  if (!purpose) throw new Refusal('route.notFound', 'There is no such page');
  if (method !== 'GET' && method !== 'POST') throw new Refusal('route.methodNotAllowed', 'A page is shown or acted on');
  const link = await linkIn(token, purpose, secrets, around.now());
  const at = linkPages[purpose];
  const request = { around, link, correlationId: event.requestContext.requestId };
  return method === 'GET' ? at.shows(request) : at.acts(request, formOf(event));
}

const mostBytes = 65_536;

function formOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): Record<string, string> {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  if (Buffer.byteLength(text) > mostBytes) throw new Refusal('record.tooLarge', 'A form may have 64 kB');
  return Object.fromEntries(new URLSearchParams(text));
}
