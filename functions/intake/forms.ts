import { createHmac } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 as Answer, APIGatewayProxyEventV2 } from 'aws-lambda';
import { isId, newId } from '../../shared/core/ids.ts';
import { log } from '../../shared/core/log.ts';
import { faults, Refusal } from '../../shared/core/refusal.ts';
import { Settings } from '../../shared/core/settings.ts';
import { bytesOf } from '../../shared/http/body.ts';
import { errorPage, retryAfter } from '../../shared/http/error-page.ts';
import { page, withRequestId } from '../../shared/http/page.ts';
import { problem } from '../../shared/http/problem.ts';
import { type Answers, agreedIn, answersIn, missingIn } from '../../shared/marketing/answers.ts';
import { Form } from '../../shared/marketing/form.ts';
import { formPage, thanksPage } from '../../shared/marketing/form-page.ts';
import { FormIntake } from '../../shared/marketing/form-policies.ts';
import { mapSubmission, utmIn } from '../../shared/marketing/map-submission.ts';
import { onceForAnswers, receiveSubmission, type Taken } from '../../shared/marketing/receive-submission.ts';
import { renderToken, secondsTooFast } from '../../shared/marketing/render-token.ts';
import { type Secrets, secretsIn } from '../../shared/platform/links.ts';
import { putObject } from '../../shared/store/bucket.ts';
import { run } from '../../shared/store/command.ts';
import { takeToken } from '../../shared/store/rate-limit.ts';
import { given, type Surroundings, surroundings } from '../../shared/store/surroundings.ts';

let secrets: Secrets | undefined;
const mostBytes = 65_536;

/**
 * What people send by forms: `/v1/intake/forms/{form}` for scripts and other services, `/f/{form}` for people. Nobody is known here; the
 * one thing that is trusted of a request beside what we signed is the address from which it reached us.
 */
export async function handler(event: APIGatewayProxyEventV2): Promise<Answer> {
  secrets ??= secretsIn(given('LINK_SECRET_ARN'));
  const request = { event, around: surroundings(), secrets };
  const { path, method } = event.requestContext.http;
  const { requestId, routeKey, timeEpoch } = event.requestContext;
  const answer = withRequestId(requestId, await (path.startsWith('/f/') ? asPage(request) : asApi(request)));
  log.info('request', {
    requestId,
    route: routeKey,
    method,
    status: answer.statusCode,
    milliseconds: Date.now() - timeEpoch,
  });
  return answer;
}

interface Request {
  event: APIGatewayProxyEventV2;
  around: Surroundings;
  secrets: Secrets;
}

/** The form for scripts: JSON or as forms are sent, from the sites that the form allows. */
async function asApi(request: Request): Promise<Answer> {
  const { event, around } = request;
  const { method } = event.requestContext.http;
  const id = event.requestContext.http.path.split('/')[4] ?? '';
  let known: Form | undefined;
  try {
    known = await formNamed(around, id);
    if (method === 'OPTIONS' && known) return { statusCode: 204, headers: corsFor(known, event) };
    await notTooMuch(request, id);
    const form = open(known);
    if (method !== 'POST')
      throw new Refusal('route.methodNotAllowed', 'A form is sent by POST', { allow: 'POST, OPTIONS' });
    const sent = await sentIn(event);
    await asPerson(request, form, sent.answers);
    const errors = missingIn(form, sent.answers);
    if (errors.length && !trapped(form, sent.answers))
      throw new Refusal('request.invalid', errors.map(({ detail }) => detail).join('; '), { errors });
    const taken = await take(request, form, sent);
    const headers = { ...corsFor(form, event), ...plain, 'content-type': 'application/json' };
    return { statusCode: 202, headers, body: JSON.stringify(taken) };
  } catch (error) {
    const refused = problem(error, event.requestContext.requestId);
    // A script must be able to read why: also that the form is closed, or that it should wait.
    return { ...refused, headers: { ...refused.headers, ...(known && corsFor(known, event)) } };
  }
}

/** The form for people: a GET shows it, a POST sends it, and shows it again with what is wrong beside each field. */
async function asPage(request: Request): Promise<Answer> {
  const { event, around } = request;
  const { method, path } = event.requestContext.http;
  const [, , id = '', more] = path.split('/');
  const { seller } = await around.policies.inForce(Settings, around.now());
  try {
    const form = open(await formNamed(around, id));
    const show = { ...request, form, company: seller.name };
    if (more === 'thanks') return thanks(show);
    if (more) throw new Refusal('route.notFound', 'There is no such page');
    if (method === 'GET') return await shown(show, 200, { answers: prefilled(form, event) });
    if (method === 'POST') return await sentByPage(show);
    throw new Refusal('route.methodNotAllowed', 'A page is shown or sent', { allow: 'GET, POST' });
  } catch (error) {
    return errorPage(error, event.requestContext.requestId, seller.name);
  }
}

interface Page extends Request {
  form: Form;
  company: string;
}

async function shown(
  { form, company, secrets, around }: Page,
  status: number,
  more: Partial<Parameters<typeof formPage>[0]> & { headers?: Record<string, string> },
): Promise<Answer> {
  const { headers, ...rest } = more;
  const token = rest.token ?? (await renderToken(form, secrets, around.now()));
  const { thankYou, language } = form;
  const leadsTo = 'redirect' in thankYou ? [new URL(thankYou.redirect).origin] : [];
  return page(status, form.name, formPage({ form, ...rest, token }), company, {
    language,
    leadsTo,
    ...(headers && { headers }),
  });
}

const thanks = ({ form, company }: Page): Answer =>
  page(200, form.name, thanksPage(form), company, { language: form.language });

async function sentByPage(show: Page): Promise<Answer> {
  const { form, event, around } = show;
  const sent = await sentIn(event);
  const { answers } = sent;
  try {
    await notTooMuch(show, form.id);
    await asPerson(show, form, answers);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Nothing of what was typed is lost; a page that was sent too fast is still the same page.
    const [token] = error.code === 'form.tooFast' ? (answers.get('_token') ?? []) : [];
    const notice = `${error.message}.`;
    return shown(show, faults[error.code][0], { answers, notice, headers: retryAfter(error), ...(token && { token }) });
  }
  const [version = String(form.version)] = answers.get('_version') ?? [];
  if (version !== String(form.version))
    return shown(show, 409, {
      answers,
      notice: 'The form has changed meanwhile. Please look it over and send it again.',
    });
  const { faults: wrong } = mapSubmission(form, answers, await around.policies.inForce(Settings, around.now()));
  if (wrong.length && !trapped(form, answers)) return shown(show, 400, { answers, faults: wrong });
  await take(show, form, sent);
  // Relative, as our pages may stand under a path of somebody else's.
  const below = event.requestContext.http.path.endsWith('/') ? '' : `${form.id}/`;
  const location = 'redirect' in form.thankYou ? form.thankYou.redirect : `${below}thanks`;
  return { statusCode: 303, headers: { location, ...plain } };
}

/** A form that people may know of. */
async function formNamed({ store }: Surroundings, id: string): Promise<Form | undefined> {
  const form = isId('frm', id) ? await store.find(Form, id) : undefined;
  return form?.archivedAt || form?.status === 'draft' ? undefined : form;
}

/** A form that takes answers: 404 where there is none, 410 where it is closed. */
function open(form: Form | undefined): Form {
  if (!form) throw new Refusal('record.notFound', 'There is no form at this address');
  if (form.status === 'closed') throw new Refusal('form.closed', 'Nothing more is taken by this form');
  return form;
}

interface Sent {
  bytes: Buffer;
  contentType: string;
  answers: Answers;
}
async function sentIn(event: APIGatewayProxyEventV2): Promise<Sent> {
  const bytes = bytesOf(event, mostBytes);
  const contentType = event.headers['content-type'] ?? 'application/json';
  return { bytes, contentType, answers: await answersIn(bytes, contentType) };
}

/** What the address of the page says: where somebody came from, and answers to fill in. */
const asked = ({ queryStringParameters: query = {} }: APIGatewayProxyEventV2): Answers =>
  new Map(Object.entries(query).flatMap(([name, value]) => (value ? [[name, [value]]] : [])));

/** The answers that the address fills in. No consent is among them: a box that was ticked before is no word of anybody. */
function prefilled({ fields }: Form, event: APIGatewayProxyEventV2): Answers {
  const names = new Set(fields.filter(({ mapsTo }) => mapsTo !== 'consent').map(({ key }) => key));
  return new Map([...asked(event)].filter(([name]) => names.has(name)));
}

/** 429 where more comes from one address, or for one form, than the policy lets through. */
async function notTooMuch({ event, around, secrets }: Request, formId: string): Promise<void> {
  const now = around.now();
  const { perAddress, perForm } = await around.policies.inForce(FormIntake, now);
  const from = await addressOf(event, secrets);
  const waits = await Promise.all([
    takeToken(around.store, `address#${from}`, perAddress, now),
    isId('frm', formId) ? takeToken(around.store, `form#${formId}`, perForm, now) : 0,
  ]);
  const wait = Math.max(...waits);
  if (wait) throw new Refusal('request.tooMany', 'Too much is sent at once: try again later', { retryAfter: wait });
}

/** 429 where a page that we drew comes back before a person can have read it, 400 where its token is not ours or too old. */
async function asPerson({ around, secrets }: Request, form: Form, answers: Answers): Promise<void> {
  const [token] = answers.get('_token') ?? [];
  const wait = token === undefined ? 0 : await secondsTooFast(token, form, secrets, around.now());
  if (wait)
    throw new Refusal('form.tooFast', 'That was quick: please look it over and send it once more', {
      retryAfter: wait,
    });
}

const trapped = ({ honeypot }: Form, answers: Answers): boolean =>
  (answers.get(honeypot) ?? []).some((value) => value.trim());

async function take({ event, around, secrets }: Request, form: Form, sent: Sent): Promise<Taken> {
  const now = around.now();
  const utm = utmIn(asked(event));
  const on = {
    now,
    actor: { kind: 'customer' as const, id: 'public' },
    correlationId: event.requestContext.requestId,
    once: await onceForAnswers(around, form.id, sent.answers, now),
    validateOnly: event.queryStringParameters?.['validateOnly'] === 'true',
  };
  const came = {
    id: newId('sub', now),
    formId: form.id,
    formVersion: form.version,
    contentType: sent.contentType.slice(0, 200),
    ...(Object.keys(utm).length && { utm }),
    agreed: agreedIn(form, sent.answers),
    from: await addressOf(event, secrets),
    bytes: sent.bytes,
    spam: trapped(form, sent.answers) ? 'honeypot' : undefined,
  };
  return (await run(around.store, around.policies, on, receiveSubmission(keep), came)).answer;
}

const keep = (key: string, bytes: Uint8Array, contentType: string) =>
  putObject(given('INTAKE_BUCKET'), key, bytes, { contentType });

/** The network address as nobody can read it back: keyed, so that it is not found by trying all there are. */
async function addressOf({ requestContext }: APIGatewayProxyEventV2, secrets: Secrets): Promise<string> {
  const [secret = ''] = await secrets();
  const { sourceIp } = requestContext.http;
  return createHmac('sha256', secret).update(`stepwise address ${sourceIp}`).digest('base64url').slice(0, 22);
}

const plain = { 'cache-control': 'no-store' };

/** A site's scripts may send and read answers where the form names the site. Source: https://fetch.spec.whatwg.org/#http-cors-protocol */
function corsFor({ allowedOrigins }: Form, { headers }: APIGatewayProxyEventV2): Record<string, string> {
  const origin = headers['origin']?.toLowerCase();
  const allowed = origin && (allowedOrigins.includes('*') || allowedOrigins.includes(origin));
  return {
    vary: 'origin',
    ...(allowed && {
      'access-control-allow-origin': headers['origin'] ?? '',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, idempotency-key',
      'access-control-expose-headers': 'retry-after, x-request-id',
      'access-control-max-age': '600',
    }),
  };
}
