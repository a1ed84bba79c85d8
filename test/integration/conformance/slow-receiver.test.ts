import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SESClient, SendRawEmailCommand, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cloud, localEnvironment, startCloud } from '../../../infra/local/cloud.ts';

/** A receiver that is too busy to greet anybody for longer than the emulator's own relay waits. */
const busyMilliseconds = 11_000;
const pointers = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'] as const;
const before = Object.fromEntries(pointers.map((name) => [name, process.env[name]]));
const received: string[] = [];
const receiver = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  onConnect: (_, done) => void setTimeout(busyMilliseconds).then(() => done()),
  onData: (stream, { envelope }, done) => {
    received.push(...envelope.rcptTo.map(({ address }) => address));
    stream.resume().on('end', () => done());
  },
});
let folder: string;
let cloud: Cloud;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepwise-receiver-'));
  for (const name of pointers) delete process.env[name];
  const server = receiver.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const smtp = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  cloud = await startCloud({ smtp, logFile: join(folder, 'cloud.log') });
});
afterAll(async () => {
  await cloud.stop();
  await new Promise<void>((resolve) => receiver.close(resolve));
  await rm(folder, { recursive: true, force: true });
  for (const name of pointers)
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
});

it('a mail that SES has taken arrives, however slow its receiver is', async () => {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = localEnvironment(cloud.endpoint);
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const ses = new SESClient({ endpoint: cloud.endpoint, region: AWS_REGION, credentials });
  await ses.send(new VerifyDomainIdentityCommand({ Domain: 'ours.example' }));
  const Data = Buffer.from('From: crm@ours.example\r\nTo: jo@acme.example\r\nSubject: Hello\r\n\r\nText\r\n');
  await ses.send(new SendRawEmailCommand({ RawMessage: { Data }, Destinations: ['jo@acme.example'] }));
  await expect.poll(() => received, { timeout: busyMilliseconds + 30_000 }).toEqual(['jo@acme.example']);
});
