import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MailEventMessage {
  eventType: string;
  // biome-ignore lint/suspicious/noExplicitAny: what SES publishes is asserted by shape
  [detail: string]: any;
}

export interface AwsStandIn {
  endpoint: string;
  /** Objects by `/bucket/key`. */
  objects: Map<string, string>;
  /** Published messages in their order. */
  published: MailEventMessage[];
  /** What was posted to `/webhook`: its signature header and body. */
  webhooks: { signature: string; body: string }[];
  /** So many of the next requests are answered 503. */
  failNext(count: number): void;
  /** What `/webhook` answers. */
  webhookStatus: number;
  stop(): Promise<void>;
}

/** S3's PutObject, SNS's Publish and a webhook, in memory. */
export async function startAwsStandIn(): Promise<AwsStandIn> {
  let failures = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      if (failures > 0) {
        failures--;
        response.writeHead(503).end();
      } else if (request.url === '/webhook') {
        stand.webhooks.push({ signature: String(request.headers['stripe-signature']), body });
        response.writeHead(stand.webhookStatus).end('{"note":"<b>noted</b>"}');
      } else if (request.method === 'PUT') {
        stand.objects.set(request.url?.split('?')[0] ?? '', withoutChunks(body, request.headers));
        response.writeHead(200).end();
      } else {
        stand.published.push(JSON.parse(new URLSearchParams(body).get('Message') ?? '') as MailEventMessage);
        response
          .writeHead(200, { 'content-type': 'text/xml' })
          .end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stand: AwsStandIn = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    published: [],
    webhooks: [],
    webhookStatus: 200,
    failNext: (count) => {
      failures = count;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return stand;
}

/** A body with a trailing checksum comes in chunks of `aws-chunked`. */
function withoutChunks(body: string, headers: Record<string, unknown>): string {
  if (!String(headers['content-encoding'] ?? '').includes('aws-chunked')) return body;
  const size = Number.parseInt(body, 16);
  return Buffer.from(body)
    .subarray(body.indexOf('\r\n') + 2)
    .subarray(0, size)
    .toString();
}
