import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { arrived, became, desk, write } from '../support/mail.ts';
import { access, api, mailsTo, processOf, unique } from '../support/stack.ts';

const address = (name: string) => `${unique(name)}@${unique('acme')}.example`;
const about = (from: string, subject: string, more: object = {}) =>
  write({ from, to: desk('support'), subject, ...more });
/** A case that a mail opened, and the address that answers it by mail. */
async function caseBy(from: string): Promise<{ opened: Json; replyTo: string; mail: Json }> {
  const { recordId } = await became(await about(from, 'It hums'));
  const [mail] = await mailsTo(from);
  return { opened: await api.get(`/v1/cases/${recordId}`), replyTo: addressIn(mail.headers['reply-to']), mail };
}
const addressIn = (header: string): string => /<([^>]+)>/.exec(header)?.[1] ?? header;
const threadOf = async (recordId: string): Promise<Json[]> =>
  (await api.get(`/v1/activities?recordId=${recordId}`)).data;
const caseOf = (id: string): Promise<Json> => api.get(`/v1/cases/${id}`);

let agent: Json;
beforeAll(async () => {
  agent = await api.post('/v1/users', { name: 'Mo Agent', email: address('mo'), role: 'agent' });
});

describe('a mail to support', () => {
  it('opens a case for a stranger, who gets its number, and whose answer goes on with it', async () => {
    const jo = address('jo');
    const { opened, replyTo, mail } = await caseBy(jo);
    expect(opened).toMatchObject({ subject: 'It hums', channel: 'email', description: 'Hello' });
    const contact = await api.get(`/v1/contacts/${opened.contactId}`);
    expect(contact).toMatchObject({ emails: [jo], accountId: opened.accountId });
    expect(replyTo.split('@')[0]?.length).toBeLessThanOrEqual(64);
    expect(mail.subject).toContain(`[#${opened.number}]`);
    expect(mail.headers['auto-submitted']).toBe('auto-generated');

    const asAgent = api.as(agent.id);
    await asAgent.post(`/v1/cases/${opened.id}/reply`, { body: 'Which model?', public: true });
    await asAgent.post(`/v1/cases/${opened.id}/wait`, { for: 'customer' });
    const [, answer] = await mailsTo(jo, 2);
    expect(answer.headers['in-reply-to']).toBe(mail.headers['message-id']);
    const answered = await became(
      await write({
        from: jo,
        to: addressIn(answer.headers['reply-to']).toUpperCase(),
        subject: `Re: ${answer.subject}`,
        inReplyTo: answer.headers['message-id'],
        text: 'The GTX.\n\nOn Mon, Jan 5, 2026 at 9:00 AM, Us <us@ours.example> wrote:\n> Which model?\n',
      }),
    );
    expect(answered).toMatchObject({ status: 'activity', threadId: opened.id, accountId: opened.accountId });
    expect(await caseOf(opened.id)).toMatchObject({ status: 'open' });
    const [activity] = await threadOf(opened.id);
    expect(activity).toMatchObject({ body: 'The GTX.', direction: 'inbound', mail: { from: jo, authenticated: true } });
    await processOf(opened.id, 'case-resolution', 'waiting');
  });

  it('reopens a resolved case for its own customer, by its number alone', async () => {
    const jo = address('jo');
    const { opened } = await caseBy(jo);
    await api.as(agent.id).post(`/v1/cases/${opened.id}/resolve`, { summary: 'Fan replaced' });
    const again = await became(await about(jo, `Re: [#${opened.number}] It hums`, { text: 'It hums again' }));
    expect(again).toMatchObject({ status: 'activity', threadId: opened.id });
    expect(await caseOf(opened.id)).toMatchObject({ status: 'open', reopened: 1 });
  });

  it('from somebody else never reaches a case by its number: forged, or honest', async () => {
    const jo = address('jo');
    const { opened } = await caseBy(jo);
    const forged = { envelope: { from: 'mallory@evil.example', to: desk('support') } };
    for (const mail of [
      about(jo, `Re: [#${opened.number}] It hums`, forged),
      about(address('stranger'), `Re: [#${opened.number}] It hums`),
    ]) {
      const { status, recordId } = await became(await mail);
      expect(status).toBe('case');
      expect(recordId).not.toBe(opened.id);
    }
    expect(await threadOf(opened.id)).toHaveLength(1);
    expect((await caseOf(opened.id)).version).toBeLessThanOrEqual(3);
  });

  it.each<[string, string, (jo: string) => string]>([
    [
      'what SES is made to say',
      'case',
      (jo) => `Authentication-Results: amazonses.com; dmarc=pass header.from=acme;\nFrom: ${jo}`,
    ],
    ['a second From', 'parked', (jo) => `From: mallory@evil.example\nFrom: ${jo}`],
    ['two authors', 'parked', (jo) => `From: mallory@evil.example, ${jo}`],
    ['one address before another', 'parked', (jo) => `From: <${jo}> <mallory@evil.example>`],
    ['a name that is an address', 'case', (jo) => `From: "${jo}" <mallory@evil.example>`],
    [
      'encoded words',
      'case',
      (jo) => `From: =?utf-8?B?${Buffer.from(`<${jo}>`).toString('base64')}?= <mallory@evil.example>`,
    ],
    ['a group', 'parked', (jo) => `From: ${jo.replace('@', ' at ')}:;\nReply-To: ${jo}`],
    ['a line break in the subject', 'case', (jo) => `From: mallory@evil.example\nX: =?utf-8?Q?=0D=0AFrom:_${jo}?=`],
  ])('from somebody else never reaches a case by its number: %s', async (_, status, from) => {
    const jo = address('jo');
    const { opened } = await caseBy(jo);
    const messageId = `<${unique('forged')}@evil.example>`;
    const headers = `${from(jo)}\nTo: ${desk('support')}\nMessage-ID: ${messageId}\nSubject: Re: [#${opened.number}] It hums`;
    const raw = `${headers}\n\nPay here\n`.replaceAll('\n', '\r\n');
    await write({ raw, messageId, envelope: { from: 'mallory@evil.example', to: desk('support') } });
    const mail = await became(messageId.slice(1, -1));
    expect(mail.status).toBe(status);
    expect(mail.threadId).not.toBe(opened.id);
    expect(await threadOf(opened.id)).toHaveLength(1);
  });

  it('without a Message-ID is one of its own, even where it says nothing', async () => {
    const [jo, al] = [address('jo'), address('al')];
    for (const from of [jo, al, jo]) {
      const raw = `From: ${from}\r\nTo: ${desk('support')}\r\nSubject: Call me\r\n\r\n`;
      await write({ raw, envelope: { from, to: desk('support') } });
    }
    const mails = await arrived(({ from }) => from === jo || from === al, 2);
    expect(mails.map(({ status, from }) => [status, from]).sort()).toEqual(
      [
        ['case', al],
        ['case', jo],
      ].sort(),
    );
  });

  it('that hands on a report is a case, and no report', async () => {
    const id = await about(address('jo'), 'What is this?', {
      text: 'I got this. Please help.',
      attachments: [
        {
          content:
            'Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; al@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\n',
          contentType: 'message/delivery-status',
          contentDisposition: 'inline',
        },
      ],
    });
    expect((await became(id)).status).toBe('case');
  });

  it('with a reply address is put aside where its author is not who it says, or nobody signed the address', async () => {
    const jo = address('jo');
    const { opened, replyTo, mail } = await caseBy(jo);
    const forged = await became(
      await write({ from: jo, to: replyTo, subject: 'Pay here', envelope: { from: 'm@evil.example', to: replyTo } }),
    );
    expect(forged).toMatchObject({ status: 'parked', threadId: opened.id, accountId: opened.accountId });
    expect((await api.get(`/v1/tasks/${forged.openTaskId}`)).recordId).toBe(forged.id);
    const known = { inReplyTo: mail.headers['message-id'], envelope: { from: 'm@evil.example', to: desk('crm') } };
    expect(await became(await write({ from: jo, to: desk('crm'), subject: 'Re', ...known }))).toMatchObject({
      status: 'parked',
    });
    const [local = ''] = replyTo.split('@');
    const guessed = desk(`${local.slice(0, -1)}${local.endsWith('a') ? 'b' : 'a'}`);
    const spoofed = await became(await write({ from: jo, to: guessed, subject: 'Hello' }));
    expect(spoofed.status).toBe('parked');
    expect(spoofed.threadId).toBeUndefined();
    expect(await threadOf(opened.id)).toHaveLength(1);
  });

  it('that comes twice is one; another one under its Message-ID is put aside', async () => {
    const jo = address('jo');
    const messageId = `<${unique('once')}@world.example>`;
    const sent = { from: jo, to: desk('support'), subject: 'Once', messageId, text: 'Once', date: new Date(0) };
    const first = await became(await write(sent));
    await write(sent);
    await write({ ...sent, text: 'Something else' });
    const all = await arrived((mail) => mail.messageId === messageId.slice(1, -1), 2);
    expect(all.map(({ status }) => status).sort()).toEqual(['case', 'parked']);
    const { data } = await api.get(`/v1/cases?accountId=${first.accountId}`);
    expect(data).toHaveLength(1);
  });

  it('twice at once from somebody new makes one contact and two cases', async () => {
    const jo = address('jo');
    const ids = await Promise.all([about(jo, 'One'), about(jo, 'Two')]);
    const [one, two] = await Promise.all(ids.map(became));
    expect([one.status, two.status]).toEqual(['case', 'case']);
    expect(one.accountId).toBe(two.accountId);
    expect((await api.get(`/v1/contacts?email=${jo}`)).data).toHaveLength(1);
  });

  it('keeps its files, but no programs, and gives them only to be saved', async () => {
    const files = [
      { filename: 'fan.txt', content: 'It hums' },
      { filename: 'invoice.pdf.exe', content: 'MZ' },
      { filename: 'macro.vbs.txt', content: 'x' },
    ];
    const { activityId } = await became(await about(address('jo'), 'Files', { attachments: files }));
    const activity = await api.get(`/v1/activities/${activityId}`);
    expect(activity.files).toEqual([`attachments/${activityId}/0-fan.txt`]);
    expect(activity.mail.dropped.map(({ name }: Json) => name)).toEqual(['invoice.pdf.exe', 'macro.vbs.txt']);
    const headers = { authorization: `Bearer ${access.apiKey}` };
    const location = await eventually(async () => {
      const answer = await fetch(`${access.apiUrl}/v1/activities/${activityId}/files/0`, {
        headers,
        redirect: 'manual',
      });
      expect(answer.status).toBe(302);
      return answer.headers.get('location') ?? '';
    });
    const file = await fetch(location);
    expect(await file.text()).toBe('It hums');
    expect(file.headers.get('content-disposition')).toContain('attachment');
    const none = await fetch(`${access.apiUrl}/v1/activities/${activityId}/files/1`, { headers, redirect: 'manual' });
    expect(none.status).toBe(404);
  });

  it('keeps a long text whole in the bucket, and its beginning in the activity', async () => {
    const text = `${'Wort für Wort. '.repeat(5_000)}End`;
    const { activityId } = await became(await about(address('jo'), 'Long', { text }));
    const activity = await api.get(`/v1/activities/${activityId}`);
    expect(activity.mail.whole).toBe(true);
    expect(text.startsWith(activity.body)).toBe(true);
    expect(activity.files.at(-1)).toMatch(/message\.txt$/);
  });
});

describe('a mail of a machine', () => {
  it.each([
    ['an automatic answer', { headers: { 'Auto-Submitted': 'auto-replied' } }],
    ['a newsletter', { headers: { Precedence: 'bulk' } }],
    ['a mailing list', { headers: { 'List-Id': '<news.acme.example>' } }],
  ])('opens nothing: %s', async (_, more) => {
    const mail = await became(await about(address('robot'), 'News', more));
    expect(mail).toMatchObject({ status: 'parked', automatic: true });
    expect(mail.openTaskId).toBeUndefined();
  });

  it('in a thread is noted, and wakes nobody', async () => {
    const jo = address('jo');
    const { opened, replyTo } = await caseBy(jo);
    const asAgent = api.as(agent.id);
    await asAgent.post(`/v1/cases/${opened.id}/reply`, { body: 'Which model?', public: true });
    const waiting = await asAgent.post(`/v1/cases/${opened.id}/wait`, { for: 'customer' });
    const away = { headers: { 'Auto-Submitted': 'auto-replied' } };
    await became(await write({ from: jo, to: replyTo, subject: 'Out of office', ...away }));
    expect(await caseOf(opened.id)).toMatchObject({ status: 'waiting', version: waiting.version });
    expect((await threadOf(opened.id))[0].mail.automatic).toBe(true);
  });

  it('that answers whatever we send, unmarked, is answered once', async () => {
    const robot = address('robot');
    const { accountId } = await became(await about(robot, 'Hello'));
    for (let turn = 0; turn < 10; turn++) {
      const [mail] = await mailsTo(robot);
      const to = turn % 2 ? desk('support') : addressIn(mail.headers['reply-to']);
      await became(await write({ from: robot, to, subject: `Re: ${mail.subject}` }));
    }
    const { data } = await api.get(`/v1/mails?accountId=${accountId}`);
    expect(data.filter(({ to }: Json) => to.email === robot)).toHaveLength(1);
  });
});

describe('a mail that was put aside', () => {
  /** What a mail is after a person has said what they want of it. */
  const madeOf = (id: string): Promise<Json> =>
    eventually(async () => {
      const mail = await api.get(`/v1/inbound-mails/${id}`);
      expect(['case', 'lead']).toContain(mail.status);
      return mail;
    });

  it('is a case as soon as a person wants it: as if it had come to support', async () => {
    const jo = address('jo');
    const subject = unique('Hello ');
    const attachments = [{ filename: 'plan.txt', content: 'The plan' }];
    const parked = await became(await write({ from: jo, to: desk('hello'), subject, text: 'It hums', attachments }));
    expect(parked).toMatchObject({
      status: 'parked',
      reasons: ['It answers nothing that we know, and came to no desk'],
    });
    const task = await api.get(`/v1/tasks/${parked.openTaskId}`);
    expect(task).toMatchObject({ queue: 'mail', title: `Look at a mail: ${subject}`, recordId: parked.id });
    expect(task.actions.map(({ key }: Json) => key)).toEqual(['openCase', 'captureLead', 'ignore']);

    await api.as(agent.id).post(`/v1/tasks/${task.id}/complete`, { action: 'openCase' });
    const mail = await madeOf(parked.id);
    expect(mail).toMatchObject({
      status: 'case',
      wanted: 'case',
      reasons: ['A person wants it as a case', ...parked.reasons],
    });
    expect(mail.openTaskId).toBeUndefined();
    expect(await caseOf(mail.recordId)).toMatchObject({ subject, description: 'It hums', channel: 'email' });
    const [activity] = await threadOf(mail.recordId);
    expect(activity).toMatchObject({ id: mail.activityId, body: 'It hums', mail: { from: jo, authenticated: true } });
    await eventually(async () => {
      const file = await fetch(`${access.apiUrl}/v1/activities/${activity.id}/files/0`, {
        headers: { authorization: `Bearer ${access.apiKey}` },
      });
      expect([file.status, await file.text()]).toEqual([200, 'The plan']);
    });
    expect((await mailsTo(jo))[0].subject).toContain((await caseOf(mail.recordId)).number);
    const why = await api.post(`/v1/inbound-mails/${parked.id}/explain`);
    expect(why).toMatchObject({ complete: true, fields: { wanted: { type: 'mail.accepted', value: 'case' } } });
    expect(why.events.map(({ type }: Json) => type)).toEqual(['mail.received', 'mail.accepted', 'mail.received']);
    const again = api.post(`/v1/inbound-mails/${parked.id}/open-case`, {});
    await expect(again).rejects.toMatchObject({ status: 409, body: { code: 'record.wrongState' } });
  });

  it('quietly is a lead as soon as a person wants it, and gets no answer of a machine', async () => {
    const jo = address('jo');
    const list = { headers: { 'List-Id': '<friends.acme.example>' } };
    const parked = await became(
      await write({ from: `Jo Ruiz <${jo}>`, to: desk('sales'), subject: 'Chairs', ...list }),
    );
    expect(parked.openTaskId).toBeUndefined();
    await api.post(`/v1/inbound-mails/${parked.id}/capture-lead`, {});
    const mail = await madeOf(parked.id);
    expect(await api.get(`/v1/leads/${mail.recordId}`)).toMatchObject({ source: 'email', email: jo, lastName: 'Ruiz' });
    const { data } = await api.get(`/v1/mails?accountId=${mail.accountId}`);
    expect(data.filter(({ to }: Json) => to.email === jo)).toEqual([]);
  });

  it('stays there if a person says so', async () => {
    const parked = await became(await write({ from: address('jo'), to: desk('hello'), subject: 'Hello' }));
    expect(await api.post(`/v1/inbound-mails/${parked.id}/ignore`, {})).toMatchObject({ status: 'parked' });
    expect(await api.get(`/v1/tasks/${parked.openTaskId}`)).toMatchObject({ status: 'done' });
    const again = api.post(`/v1/inbound-mails/${parked.id}/ignore`, {});
    await expect(again).rejects.toMatchObject({ status: 409, body: { code: 'record.wrongState' } });
  });
});

describe('a mail to sales', () => {
  it('captures a lead with what it says; the next one of the same person is the same lead', async () => {
    const jo = address('jo');
    const to = desk('sales');
    const text = 'We need 20 units.\n\n-- \nJo';
    const { recordId } = await became(await write({ from: `"Ruiz, Jo" <${jo}>`, to, subject: 'Units', text }));
    const lead = await api.get(`/v1/leads/${recordId}`);
    expect(lead).toMatchObject({
      source: 'email',
      email: jo,
      firstName: 'Jo',
      lastName: 'Ruiz',
      message: 'We need 20 units.',
    });
    const again = await became(await write({ from: jo, to, subject: 'Units', text: 'And 5 more' }));
    expect(again.recordId).toBe(recordId);
    expect(await threadOf(recordId)).toHaveLength(2);
    expect(await processOf(recordId, 'lead-qualification', 'waiting')).toBeDefined();
  });
});

describe('what answers a mail about a record', () => {
  it('is an activity of a lead, told as `lead.replied`, with a task', async () => {
    const jo = address('jo');
    const { recordId, accountId } = await became(await write({ from: jo, to: desk('sales'), subject: 'Units' }));
    const { ownerId } = await eventually(async () => {
      const lead = await api.get(`/v1/leads/${recordId}`);
      expect(lead.ownerId).toBeDefined();
      return lead;
    });
    const owner = await api.get(`/v1/users/${ownerId}`);
    const mail = await eventually(async () => {
      const found = (await mailsTo(owner.email)).find(({ text }) => text.includes(jo));
      if (!found) throw new Error('The owner has no mail about the lead');
      return found;
    });
    const to = addressIn(mail.headers['reply-to']);
    const answer = await became(await write({ from: address('partner'), to, subject: 'Re: units' }));
    expect(answer).toMatchObject({ status: 'activity', accountId, threadId: recordId });
    expect((await api.get(`/v1/leads/${recordId}`)).repliedAt).toBeDefined();
    const { data } = await api.get(`/v1/tasks?recordId=${recordId}`);
    expect(data.map(({ title }: Json) => title)).toContain('Answer: Re: units');
  });
});

const data = join(import.meta.dirname, '../../../shared/data');
describe.skipIf(!existsSync(data))("other people's mails (skipped where ../shared/data is not there)", () => {
  it('become exactly one thing each', { timeout: 300_000 }, async () => {
    const files = globSync('{inbound-email,bounces}/**/*.eml', { cwd: data });
    const mark = unique('sample');
    const before = new Set((await api.get('/v1/inbound-mails?limit=200')).data.map(({ id }: Json) => id));
    await Promise.all(
      files.map((file, n) =>
        write({
          raw: readFileSync(join(data, file)),
          envelope: { from: file.startsWith('bounces') ? '' : `${mark}${n}@world.example`, to: desk('support') },
        }),
      ),
    );
    const found = await arrived(({ id }) => !before.has(id), files.length);
    expect(found).toHaveLength(files.length);
    const counts = Object.groupBy(found, ({ status }) => status as string);
    expect(counts['bounce']).toHaveLength(globSync('bounces/*.eml', { cwd: data }).length);
    expect(counts['parked']?.every(({ reasons }) => reasons.length > 0)).toBe(true);
    expect(counts['case']?.length).toBeGreaterThan(15);
  });
});
