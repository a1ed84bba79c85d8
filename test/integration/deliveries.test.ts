import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { queueMail } from '../../shared/mail/mail.ts';
import { consentFacts, consentsOf } from '../../shared/marketing/consent.ts';
import { type Command, run } from '../../shared/store/command.ts';
import { publish, told } from '../support/delivery-events.ts';
import { eventually } from '../support/eventually.ts';
import { became, desk, write } from '../support/mail.ts';
import { access, api, around, mailsTo, unique } from '../support/stack.ts';

const command = async <I, A>(does: Command<I, A>, input: I): Promise<A> => {
  const { store, policies, now } = around();
  const on = { now: now(), actor: { kind: 'key' as const, id: 'key_test' }, correlationId: 'test' };
  return (await run(store, policies, on, does, input)).answer;
};

let account: Json;
beforeAll(async () => {
  account = await api.post('/v1/accounts', { name: unique('Acme ') });
});

/** A mail of ours, as it is queued. */
const mailTo = (email: string): Promise<Json> =>
  command(
    (crm) =>
      crm.commit([
        queueMail(crm, {
          accountId: account.id,
          recordId: account.id,
          step: unique('step'),
          to: { email },
          template: 'task-assigned',
          data: { title: 'Call' },
        }),
      ]),
    {},
  );
const is = ({ id }: Json, status: string): Promise<Json> =>
  eventually(async () => {
    const mail = await api.get(`/v1/mails/${id}`);
    if (mail.status !== status) throw new Error(`It is ${mail.status}, not ${status}: ${mail.fault}`);
    return mail;
  });
const suppressionOf = async (email: string): Promise<Json> =>
  (await api.get(`/v1/suppressions?email=${encodeURIComponent(email)}`)).data[0];
const suppressed = (email: string): Promise<Json> =>
  eventually(async () => {
    const found = await suppressionOf(email);
    if (found?.status !== 'active') throw new Error(`${email} is ${found?.status}`);
    return found;
  });
const simulated = (name: string) => `${name}+${unique('x')}@simulator.amazonses.com`;

const bounce = (mail: Json, bounceType: string, timestamp = new Date().toISOString()) =>
  told(mail, 'Bounce', {
    bounceType,
    bounceSubType: 'General',
    timestamp,
    bouncedRecipients: [{ emailAddress: mail.to.email, status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 unknown' }],
  });

describe('a mail', () => {
  it('that bounces for good suppresses its address: the next one is not sent, and says why', async () => {
    const email = simulated('bounce');
    const mail = await is(await mailTo(email), 'bounced');
    expect(mail).toMatchObject({ bounce: { permanent: true }, fault: expect.stringContaining('5.1.1') as string });
    expect(await suppressed(email)).toMatchObject({ reason: 'bounce' });
    expect(await is(await mailTo(email), 'skipped')).toMatchObject({ fault: 'suppressed' });
    expect(await mailsTo(email)).toHaveLength(1);
    const { data } = await api.get(`/v1/mails?recordId=${account.id}`);
    expect(data.map(({ id }: Json) => id)).toContain(mail.id);
  });

  it('that is complained of suppresses its address, and withdraws what its contact agreed to', async () => {
    const email = simulated('complaint');
    const { id } = await api.post('/v1/contacts', { accountId: account.id, emails: [email] });
    const word = { topic: 'newsletter', channel: 'email', status: 'granted', source: 'api', basis: 'consent' } as const;
    await command(async (crm) => crm.commit((await consentFacts(crm, id, [word])) as never), {});
    await is(await mailTo(email), 'complained');
    expect(await suppressed(email)).toMatchObject({ reason: 'complaint' });
    const [consent] = await consentsOf(around().store, id);
    expect(consent).toMatchObject({ status: 'withdrawn', source: 'complaint' });
  });

  it('stays what is worst of what is told, in any order and however often', async () => {
    const mail = await is(await mailTo(`${unique('jo')}@acme.example`), 'delivered');
    await bounce(mail, 'Permanent', '2026-01-05T09:00:00.000Z');
    const { version } = await is(mail, 'bounced');
    await bounce(mail, 'Permanent', '2026-01-05T09:00:00.000Z');
    await told(mail, 'Delivery', { timestamp: new Date().toISOString(), recipients: [mail.to.email] });
    await told(mail, 'Complaint', { timestamp: new Date().toISOString(), complainedRecipients: [] });
    expect((await is(mail, 'complained')).version).toBe(version + 1);
  });

  it('is sent once it is told of, though our own note of it was lost', async () => {
    const { id, to } = await command((crm) => {
      const queued = queueMail(crm, {
        accountId: account.id,
        recordId: account.id,
        step: unique('step'),
        to: { email: `${unique('jo')}@acme.example` },
        template: 'task-assigned',
        data: { title: 'Call' },
      });
      return crm.commit([{ ...queued, type: 'mail.test', after: { ...queued.after, status: 'sending', attempts: 1 } }]);
    }, {});
    await told({ id, to }, 'Delivery', { timestamp: new Date().toISOString(), recipients: [to.email] });
    expect(await is({ id }, 'delivered')).toMatchObject({ messageId: `0107-${id}` });
  });

  it('notes who opened it, and whether it was a person', async () => {
    const mail = await is(await mailTo(`${unique('jo')}@acme.example`), 'delivered');
    const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15';
    const opened = async (at: number, userAgent: string, count: number) => {
      await told(mail, 'Open', { timestamp: new Date(Date.parse(mail.deliveredAt) + at).toISOString(), userAgent });
      return eventually(async () => {
        const { opened } = await api.get(`/v1/mails/${mail.id}`);
        expect(opened?.count).toBe(count);
        return opened;
      });
    };
    expect(await opened(500, iphone, 1)).toMatchObject({ byPerson: false });
    expect(await opened(60_000, 'Proofpoint', 2)).toMatchObject({ byPerson: false });
    expect(await opened(90_000, iphone, 3)).toMatchObject({ byPerson: true });
  });
});

describe('an address', () => {
  it('that bounces for a while is watched, and suppressed at the fifth time; one event counts once', async () => {
    const email = `${unique('jo')}@acme.example`;
    for (let n = 1; n <= 5; n++) {
      const mail = await is(await mailTo(email), 'delivered');
      await bounce(mail, 'Transient', `2026-01-0${n}T09:00:00.000Z`);
      await bounce(mail, 'Transient', `2026-01-0${n}T09:00:00.000Z`);
      await is(mail, 'bounced');
      expect((await suppressionOf(email)).softBounces).toHaveLength(n);
      expect((await suppressionOf(email)).status).toBe(n < 5 ? 'watched' : 'active');
    }
  });

  it('is suppressed by a person, and lifted for a reason', async () => {
    const email = `${unique('jo')}@acme.example`;
    const { id } = await api.post('/v1/suppressions', { email, detail: 'Asked by telephone' });
    expect(await api.post('/v1/suppressions', { email })).toMatchObject({ id, status: 'active', reason: 'manual' });
    await is(await mailTo(email), 'skipped');
    const lift = (reason: string) =>
      fetch(`${access.apiUrl}/v1/suppressions/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${access.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason }),
      });
    expect((await lift('')).status).toBe(400);
    expect(await (await lift('Asked again')).json()).toMatchObject({ status: 'lifted' });
    await is(await mailTo(email), 'delivered');
  });
});

describe('a report that comes as a mail', () => {
  const reportOn = (messageId: string, email: string) =>
    write({
      envelope: { from: '', to: desk('crm') },
      from: 'postmaster@mx.example',
      to: desk('crm'),
      subject: 'Undeliverable',
      text: `Delivery has failed to these recipients:\n\n${email}\n550 5.1.1 user unknown\n\nMessage-ID: ${messageId}\n`,
    });

  it('does what an event of SES does, for the mail that it names and the address that that went to', async () => {
    const mail = await is(await mailTo(`${unique('jo')}@acme.example`), 'delivered');
    const [sent] = await mailsTo(mail.to.email);
    const messageId = sent.headers['message-id'];
    expect(await became(await reportOn(messageId, 'boss@acme.example'))).toMatchObject({ status: 'bounce' });
    expect((await api.get(`/v1/mails/${mail.id}`)).status).toBe('delivered');
    expect(await became(await reportOn(messageId, mail.to.email))).toMatchObject({
      status: 'bounce',
      recordId: mail.id,
    });
    await is(mail, 'bounced');
    await suppressed(mail.to.email);
  });

  it('that a mail is late is no bounce', async () => {
    const mail = await is(await mailTo(`${unique('jo')}@acme.example`), 'delivered');
    const [sent] = await mailsTo(mail.to.email);
    const text = `The address to which it has not yet been delivered is:\n\n  ${mail.to.email}\n\nMessage-ID: ${sent.headers['message-id']}\n`;
    const report = await became(
      await write({
        ...{ envelope: { from: '', to: desk('crm') }, from: 'mailer-daemon@mx.example', to: desk('crm') },
        ...{ subject: 'Warning: message 1abc delayed 24 hours', text },
      }),
    );
    expect(report).toMatchObject({ status: 'bounce', recordId: mail.id });
    expect((await api.get(`/v1/mails/${mail.id}`)).status).toBe('delivered');
    expect(await suppressionOf(mail.to.email)).toBeUndefined();
  });

  it('that names no mail of ours changes nothing', async () => {
    const email = `${unique('victim')}@acme.example`;
    const report = await became(await reportOn('<010701-guessed-000000@eu-central-1.amazonses.com>', email));
    expect(report.reasons.join()).toContain('changes nothing');
    expect(await suppressionOf(email)).toBeUndefined();
  });
});

const data = join(import.meta.dirname, '../../../shared/data/ses-events');
it.skipIf(!existsSync(data))(
  "Amazon's own examples (skipped where ../shared/data is not there) are taken, of either format",
  async () => {
    const files = globSync('{event-publishing-*,notification-examples}/*.json', { cwd: data });
    for (const file of files) await publish(JSON.parse(readFileSync(join(data, file), 'utf8')) as object);
    // One is told of a permanent bounce, the other of a complaint.
    await suppressed('jane@example.com');
    await suppressed('richard@example.com');
  },
);
