import type { APIGatewayProxyStructuredResultV2 as Answer, APIGatewayProxyEventV2 } from 'aws-lambda';
import { isId } from '../../shared/core/ids.ts';
import { log } from '../../shared/core/log.ts';
import { faults, Refusal } from '../../shared/core/refusal.ts';
import { Settings } from '../../shared/core/settings.ts';
import { html, page, withRequestId } from '../../shared/http/page.ts';
import { noteClick } from '../../shared/marketing/click.ts';
import { isPeek } from '../../shared/marketing/human.ts';
import { namedBy } from '../../shared/marketing/recipient.ts';
import { noteSequenceClick } from '../../shared/marketing/sequence-click.ts';
import { type Link, linkIn, type Secrets, secretsIn } from '../../shared/platform/links.ts';
import { run } from '../../shared/store/command.ts';
import { given, type Surroundings, surroundings } from '../../shared/store/surroundings.ts';

let secrets: Secrets | undefined;

/**
 * The links of campaigns and sequences: `/c/<token>` leads on to the address that was signed with it, and to no other. Whoever clicks gets
 * there even if the click cannot be noted.
 */
export const handler = async (event: APIGatewayProxyEventV2): Promise<Answer> =>
  withRequestId(event.requestContext.requestId, await ledOn(event));

async function ledOn(event: APIGatewayProxyEventV2): Promise<Answer> {
  const around = surroundings();
  const { requestId, http } = event.requestContext;
  secrets ??= secretsIn(given('LINK_SECRET_ARN'));
  try {
    const link = await linkIn(http.path.split('/')[2] ?? '', 'click', secrets, around.now());
    if (!isPeek(http.method, event.headers))
      await note(link, event, around).catch((error: unknown) =>
        log.error('click not noted', { requestId, error: error as Error }),
      );
    return {
      statusCode: 302,
      headers: { location: link.to ?? '', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    };
  } catch (error) {
    const { seller } = await around.policies.inForce(Settings, around.now());
    if (!(error instanceof Refusal)) log.error('fault', { requestId, error: error as Error });
    const [status, title] = error instanceof Refusal ? faults[error.code] : [500, 'Something went wrong on our side'];
    return page(status, title, html`<p>This link leads nowhere.</p>`, seller.name);
  }
}

async function note(
  { id, about = '', to = '' }: Link,
  { requestContext }: APIGatewayProxyEventV2,
  around: Surroundings,
) {
  const { requestId, http } = requestContext;
  const { userAgent } = http;
  const on = { now: around.now(), actor: { kind: 'customer' as const, id, via: 'link' }, correlationId: requestId };
  const { store, policies } = around;
  if (isId('msg', id)) await run(store, policies, on, noteSequenceClick, { mailId: id, to, userAgent });
  else await run(store, policies, on, noteClick, { ...namedBy(about), to, userAgent });
}
