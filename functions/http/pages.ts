import type { APIGatewayProxyStructuredResultV2 as Answer, APIGatewayProxyEventV2 } from 'aws-lambda';
import { linkPages } from '../../shared/catalogue/link-pages.ts';
import { Refusal } from '../../shared/core/refusal.ts';
import { Settings } from '../../shared/core/settings.ts';
import { bytesOf } from '../../shared/http/body.ts';
import { errorPage } from '../../shared/http/error-page.ts';
import { page, withRequestId } from '../../shared/http/page.ts';
import { linkIn, type PagePurpose, type Secrets, secretsIn } from '../../shared/platform/links.ts';
import { given, type Surroundings, surroundings } from '../../shared/store/surroundings.ts';

let secrets: Secrets | undefined;
const purposes: Readonly<Record<string, PagePurpose>> = {
  t: 'task',
  q: 'quote',
  u: 'unsubscribe',
  confirm: 'consent',
  s: 'survey',
};

/** The pages behind the links in our mails: a GET shows, a POST acts. Bodies are form fields of at most 64 kB. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<Answer> =>
  withRequestId(event.requestContext.requestId, await shown(event));

async function shown(event: APIGatewayProxyEventV2): Promise<Answer> {
  const around = surroundings();
  const { seller } = await around.policies.inForce(Settings, around.now());
  try {
    const { title, body } = await answer(event, around);
    return page(200, title, body, seller.name);
  } catch (error) {
    return errorPage(error, event.requestContext.requestId, seller.name);
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

const formOf = (event: APIGatewayProxyEventV2): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(bytesOf(event, mostBytes).toString()));
