import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** What SES v2 takes at most, in bytes. */
export const largestMail = 40 * 1024 * 1024;
const mostRecipients = 100;

/** A mail as it comes in by SMTP. */
export interface Delivery {
  /** Empty for an automatic answer. */
  mailFrom: string;
  recipients: readonly string[];
  helo: string;
  raw: Buffer;
}

/** A refusal with an SMTP code of its own. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

export interface Smtp {
  port: number;
  stop: () => Promise<void>;
}

/**
 * Listens for mail on the loopback interface, without TLS and sign-in. A mail is confirmed once `accept` resolves;
 * where it rejects, the sender is told to try again. Rejects where the port is taken.
 */
export async function startSmtp(
  host: string,
  port: number,
  accept: (delivery: Delivery) => Promise<unknown>,
): Promise<Smtp> {
  const server = new SMTPServer({
    name: 'localhost',
    banner: 'Stepwise local mailbox',
    size: largestMail,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    socketTimeout: 60_000,
    closeTimeout: 1_000,
    onRcptTo(_, { envelope }, done) {
      done(envelope.rcptTo.length < mostRecipients ? null : new Refusal(452, 'Too many recipients'));
    },
    onData(stream, { envelope, hostNameAppearsAs: helo }, done) {
      const mailFrom = envelope.mailFrom ? envelope.mailFrom.address : '';
      const recipients = [...new Set(envelope.rcptTo.map(({ address }) => address))];
      receive(stream)
        .then((raw) => accept({ mailFrom, recipients, helo: String(helo), raw }))
        .then(
          () => done(null, 'Message accepted'),
          (error: Error) => done(error instanceof Refusal ? error : new Refusal(451, 'Could not keep the message')),
        );
    },
  });
  // Connections break; each is its own client's business.
  server.on('error', () => {});
  const listening = server.listen(port, host);
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Reads to the end in any case, as SMTP wants it; beyond the limit without keeping it. */
async function receive(stream: SMTPServerDataStream): Promise<Buffer> {
  let chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (stream.sizeExceeded) chunks = [];
    else chunks.push(chunk);
  }
  if (stream.sizeExceeded) throw new Refusal(552, `Message exceeds ${largestMail} bytes`);
  return Buffer.concat(chunks);
}
