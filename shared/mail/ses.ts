import { signerFor } from '../store/signer.ts';
import { given } from '../store/surroundings.ts';

/** SES did not take a mail, and said so: `name` is its own code (`MessageRejected`, `Throttling`), `status` the HTTP status. */
export class SesFault extends Error {
  readonly status: number;
  constructor(status: number, code: string, said: string) {
    super(said);
    this.name = code;
    this.status = status;
  }
}

const answerWithinMilliseconds = 15_000;

/**
 * Hands a raw message to SES for one recipient, and answers its message id. Exactly one signed request, never repeated: a second one could be
 * a second mail. (Its client repeats by itself, and would be 90 kB of a bundle.)
 * @throws SesFault where SES answers that it did not take the mail; what `fetch` throws where no answer came.
 */
export async function sendRawEmail(raw: Uint8Array, to: string): Promise<string> {
  const url = new URL(process.env['AWS_ENDPOINT_URL'] ?? `https://email.${given('AWS_REGION')}.amazonaws.com`);
  const body = new URLSearchParams({
    Action: 'SendRawEmail',
    Version: '2010-12-01',
    'Destinations.member.1': to,
    'RawMessage.Data': Buffer.from(raw).toString('base64'),
  }).toString();
  const { headers } = await signerFor('ses').sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: '/',
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  const signal = AbortSignal.timeout(answerWithinMilliseconds);
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal });
  const said = await answer.text();
  const within = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(said)?.[1];
  const messageId = within('MessageId');
  if (answer.ok && messageId) return messageId;
  throw new SesFault(answer.status, within('Code') ?? 'SesFault', within('Message') ?? '');
}
