import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Message, MessageStore } from './message-store.ts';
import { htmlPart, listPage, messagePage, paidPage, payPage } from './pages.ts';
import { bytesOf, parseMail } from './parse-mail.ts';
import { type Checkout, newSession, tellOfPayment } from './payment.ts';

export interface WebOptions {
  host: string;
  port: number;
  store: MessageStore;
  /** Who is told of payments, if anybody is. */
  paymentWebhook: () => { url: string; secret: string } | undefined;
}

export interface Web {
  port: number;
  stop: () => Promise<void>;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** An answer of application/problem+json (RFC 9457), thrown. */
class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  constructor(status: number, code: string, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/**
 * Serves the pages and the JSON of the mailbox, and the payment stand-in, on the loopback interface. Rejects
 * where the port is taken.
 */
export async function startWeb({ host, port, store, paymentWebhook }: WebOptions): Promise<Web> {
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    answer(request, store, paymentWebhook())
      .catch(problem)
      .then(({ status, headers, body }) => {
        response.writeHead(status, {
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          // Not `no-referrer`: with it a browser calls the origin of a form `null`.
          'referrer-policy': 'same-origin',
          'content-length': Buffer.byteLength(body),
          ...headers,
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      })
      .catch(() => response.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

type Webhook = ReturnType<WebOptions['paymentWebhook']>;

async function answer(request: IncomingMessage, store: MessageStore, webhook: Webhook): Promise<Answer> {
  refuseStrangers(request);
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const url = URL.canParse(request.url ?? '', 'http://localhost') && new URL(request.url ?? '', 'http://localhost');
  if (!url) throw new Problem(400, 'request.invalid', 'The address cannot be read');
  const [place = '', name = '', part = '', n = '', ...more] = url.pathname.slice(1).split('/').map(decoded);
  const query = url.searchParams;
  const only = (...methods: string[]) => {
    if (methods.includes(method)) return;
    throw new Problem(405, 'method.notAllowed', `Use ${methods.join(' or ')}`, { allow: methods.join(', ') });
  };

  if (place === '' && name === '') {
    only('GET');
    const to = query.get('to') ?? undefined;
    return pageOf(listPage(matching(store.messages, { to }), { to, before: query.get('before') ?? undefined }));
  }
  if (place === 'messages' && name === '') {
    only('GET', 'DELETE');
    if (method === 'GET') return json(list(store, query));
    await store.clear();
    return { status: 204, headers: {}, body: '' };
  }
  if (place === 'messages' && more.length === 0) {
    only('GET');
    const message = store.find(name);
    if (!message) throw new Problem(404, 'record.notFound', 'There is no such mail (any more)');
    if (part === '') return wantsPage(request) ? pageOf(messagePage(message)) : json(message);
    if (part === 'raw' && n === '') return text(await rawOf(store, message));
    if (part === 'html' && n === '') return framed(message, store);
    if (part === 'attachments') return attachment(message, n, store);
  }
  if (place === 'pay' && name !== '' && part === '') {
    only('GET', 'POST');
    if (method === 'GET') return pageOf(payPage(checkoutOf(name, query, newSession()), Boolean(webhook)));
    return pay(request, name, query, webhook);
  }
  throw new Problem(404, 'route.notFound', 'There is nothing at this address');
}

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * A page of some other site reaches us through the browser of whoever works here: by a name that leads to the
 * loopback address, or by a form. The first has another Host, the second another Origin.
 */
function refuseStrangers({ headers, method }: IncomingMessage): void {
  const { host = '', origin } = headers;
  if (!loopback.test(host)) throw new Problem(403, 'access.forbidden', 'This answers only to its loopback address');
  const changes = method !== 'GET' && method !== 'HEAD';
  if (changes && origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    throw new Problem(403, 'access.forbidden', 'Pages of other sites may not change anything here');
}

const most = 200;

function list(store: MessageStore, query: URLSearchParams): object {
  const known = ['to', 'subject', 'after', 'limit'];
  const unknown = [...query.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Problem(400, 'query.notIndexed', `Filter by ${known.join(', ')}`);
  const asked = query.get('limit') ?? '50';
  if (!/^[1-9]\d{0,8}$/.test(asked)) throw new Problem(400, 'request.invalid', 'limit is a number from 1');
  const limit = Math.min(Number(asked), most);
  const found = matching(store.messages, {
    to: query.get('to') ?? undefined,
    subject: query.get('subject') ?? undefined,
    after: query.get('after') ?? undefined,
  });
  const data = found.slice(0, limit);
  return { data, nextCursor: found.length > limit ? (data.at(-1)?.id ?? null) : null };
}

/**
 * Oldest first: `to` is one of the recipients, `subject` a part of it, both in any case; `after` an id. Empty
 * ones do not filter.
 */
function matching(
  messages: readonly Message[],
  asked: { to?: string | undefined; subject?: string | undefined; after?: string | undefined },
): Message[] {
  const to = asked.to?.toLowerCase();
  const subject = asked.subject?.toLowerCase();
  return messages.filter(
    (message) =>
      (!asked.after || message.id > asked.after) &&
      (!to || message.to.some((address) => address.toLowerCase() === to)) &&
      (!subject || message.subject.toLowerCase().includes(subject)),
  );
}

async function rawOf(store: MessageStore, message: Message): Promise<Buffer> {
  const raw = await store.raw(message.id);
  if (!raw) throw new Problem(404, 'record.notFound', 'The mail is gone');
  return raw;
}

async function framed(message: Message, store: MessageStore): Promise<Answer> {
  const { attachments } = await parseMail(await rawOf(store, message));
  const body = htmlPart(
    message,
    attachments.map(({ contentId }) => contentId),
  );
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', ...policy(frame) }, body };
}

async function attachment(message: Message, n: string, store: MessageStore): Promise<Answer> {
  const listed = /^\d{1,4}$/.test(n) ? message.attachments[Number(n)] : undefined;
  const found = listed && (await parseMail(await rawOf(store, message))).attachments[Number(n)];
  if (!found) throw new Problem(404, 'record.notFound', 'The mail has no such attachment');
  const { filename, mimeType } = listed;
  return {
    status: 200,
    headers: {
      'content-type': /^[\w.+-]+\/[\w.+-]+$/.test(mimeType) ? mimeType : 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${inHeader(filename)}`,
      ...policy(`default-src 'none'; sandbox`),
    },
    body: bytesOf(found),
  };
}

/** As RFC 8187 has it. */
const inHeader = (filename: string): string => encodeURIComponent(filename.toWellFormed()).replaceAll(/['()*]/g, '_');

function checkoutOf(reference: string, query: URLSearchParams, session: string): Checkout {
  const amount = query.get('amount') ?? '';
  const currency = (query.get('currency') ?? '').toUpperCase();
  if (!/^[1-9]\d{0,14}$/.test(amount)) throw new Problem(400, 'request.invalid', 'amount is a number of minor units');
  if (!/^[A-Z]{3}$/.test(currency)) throw new Problem(400, 'request.invalid', 'currency is an ISO 4217 code');
  return { reference, amount: Number(amount), currency, invoice: query.get('invoice') || undefined, session };
}

async function pay(
  request: IncomingMessage,
  reference: string,
  query: URLSearchParams,
  webhook: Webhook,
): Promise<Answer> {
  const session = new URLSearchParams(await bodyOf(request)).get('session') ?? '';
  const checkout = checkoutOf(reference, query, /^cs_test_[0-9a-f]{48}$/.test(session) ? session : newSession());
  if (!webhook) throw new Problem(409, 'payment.notConnected', 'No payment webhook is connected');
  const told = await tellOfPayment(webhook, checkout, new Date());
  const status = told.status >= 200 && told.status < 300 ? 200 : 502;
  if (!wantsPage(request)) return { ...json({ session: checkout.session, webhook: told }), status };
  const back = query.get('return') ?? '';
  return { ...pageOf(paidPage(checkout, told, /^https?:\/\//i.test(back) ? back : undefined)), status };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > 64 * 1024)
      throw new Problem(413, 'record.tooLarge', 'A form has at most 64 kB', { connection: 'close' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const wantsPage = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/html') ?? false;

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, 'request.invalid', 'The address cannot be read');
  }
}

const policy = (directives: string) => ({ 'content-security-policy': directives });
const shut = `default-src 'none'; base-uri 'none'; style-src 'unsafe-inline'; img-src 'self' data:`;
const framing = `${shut}; frame-src 'self'; form-action 'self'; frame-ancestors 'none'`;
const sandboxed = 'sandbox allow-popups allow-popups-to-escape-sandbox';
/** Nothing runs in a mail, and nothing is fetched for it from anywhere else. */
const frame = `${shut}; form-action 'none'; frame-ancestors 'self'; ${sandboxed}`;

const pageOf = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8', ...policy(framing) },
  body,
});
const json = (value: object): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
const text = (body: Uint8Array): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...policy(`default-src 'none'; sandbox`) },
  body,
});

function problem(error: unknown): Answer {
  const known = error instanceof Problem ? error : new Problem(500, 'server.fault', 'Something went wrong here');
  if (known !== error) console.error('mailbox:', error);
  const { status, code, message: detail, headers } = known;
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title: code, status, detail, code }),
  };
}
