import { SESClient, SendRawEmailCommand, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { expect, it } from 'vitest';
import { access } from '../../support/stack.ts';
import { unique, until } from './aws.ts';

it('a raw mail is sent under the id that SES answers, at the domain of the region, whatever Message-ID it brings', async () => {
  const ses = new SESClient({});
  await ses.send(new VerifyDomainIdentityCommand({ Domain: 'ours.example' }));
  const to = `${unique('jo')}@acme.example`;
  const raw = [
    'From: crm@ours.example',
    `To: ${to}`,
    'Message-ID: <mine@ours.example>',
    'Subject: Hello',
    '',
    'Text',
    '',
  ].join('\r\n');
  const { MessageId = '' } = await ses.send(
    new SendRawEmailCommand({ RawMessage: { Data: Buffer.from(raw) }, Destinations: [to] }),
  );
  expect(MessageId).toMatch(/^[\w-]{40,}$/);
  const mail = await until('the mail', async () => {
    const { data } = (await (await fetch(`${access.mailboxUrl}/messages?to=${encodeURIComponent(to)}`)).json()) as {
      data: { headers: Record<string, string> }[];
    };
    return data[0];
  });
  const domain = access.region === 'us-east-1' ? 'email' : access.region;
  expect(mail.headers['message-id']).toBe(`<${MessageId}@${domain}.amazonses.com>`);
});
