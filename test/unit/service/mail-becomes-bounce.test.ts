import { describe, expect, it } from 'vitest';
import { accountOf, newId } from '../../../shared/core/ids.ts';
import type { Bounce } from '../../../shared/mail/bounce.ts';
import { changeRecipients, countsOf, findRecipient, recipientKey } from '../../../shared/marketing/recipient.ts';
import type { Suppression } from '../../../shared/marketing/suppression.ts';
import type { Arrived } from '../../../shared/service/arrived-mail.ts';
import { bounced } from '../../../shared/service/mail-becomes-bounce.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const now = new Date('2026-03-02T10:00:00.000Z');
const jo = 'jo@acme.example';
const al = 'al@acme.example';
const idOf = (email: string) => `0107-${email.slice(0, 2)}-0123456789-000000`;

/** A campaign whose mails Jo and Al got, each with a Message-ID of its own. */
async function campaign() {
  const table = new TableInMemory();
  const { store, policies } = table.around(() => now);
  const on = { now, actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  const does = async <I, A>(command: Command<I, A>, input: I) =>
    (await run(store, policies, on, command, input)).answer;
  const campaignId = newId('cmp', now);
  const contactId = newId('con', now, newId('acc', now));
  for (const email of [jo, al])
    await does(
      (crm) =>
        changeRecipients(crm, [
          {
            after: {
              ...{ campaignId, key: recipientKey(campaignId, email), contactId, email, arm: 'main', state: 'sent' },
              ...{ since: now.toISOString(), attempts: 1, messageId: idOf(email), signs: {} },
            },
          },
        ]),
      {},
    );
  const told = (report: Bounce) =>
    does(async (crm) => {
      const { as, facts, also } = await bounced(crm, {} as Arrived, report);
      await crm.commitAs(() => undefined, facts, also);
      return as;
    }, {});
  return {
    ...{ campaignId, contactId, told },
    bounces: async () => (await countsOf(store, campaignId)).get('main')?.get('bounced') ?? 0,
    complaints: async () => (await countsOf(store, campaignId)).get('main')?.get('complained') ?? 0,
    signsOf: async (email: string) =>
      (await findRecipient(store, campaignId, recipientKey(campaignId, email)))?.signs ?? {},
    suppressed: () => table.of<Suppression>('sup').map(({ email, reason, status }) => ({ email, reason, status })),
  };
}

const report = (about: string, messageIdOf = about, more: Partial<Bounce> = {}, effect = 'permanent'): Bounce => ({
  kind: 'delivery',
  recipients: [{ email: about, effect, status: '5.1.1', detail: '550 5.1.1 user unknown' }] as Bounce['recipients'],
  messageIds: [`${idOf(messageIdOf)}@eu-central-1.amazonses.com`],
  ...more,
});

describe("a report on a campaign's mail", () => {
  it('suppresses the address, is noted on its recipient and counts, once', async () => {
    const { campaignId, contactId, told, ...then } = await campaign();
    const as = { status: 'bounce', accountId: accountOf(contactId), threadId: campaignId, recordId: contactId };
    for (const _ of [1, 2]) expect(await told(report(jo))).toMatchObject(as);
    expect(then.suppressed()).toEqual([{ email: jo, reason: 'bounce', status: 'active' }]);
    expect(await then.signsOf(jo)).toHaveProperty('bounced');
    expect(await then.bounces()).toBe(1);
    expect(await then.signsOf(al)).toEqual({});
  });

  it('of a complaint does what a complaint does', async () => {
    const { told, ...then } = await campaign();
    await told(report(jo, jo, { kind: 'complaint' }));
    expect(then.suppressed()).toEqual([{ email: jo, reason: 'complaint', status: 'active' }]);
    expect([await then.bounces(), await then.complaints()]).toEqual([0, 1]);
  });

  it('that it comes back for a while is watched, and that it is late is no bounce', async () => {
    const { told, ...then } = await campaign();
    await told(report(jo, jo, {}, 'delayed'));
    expect(then.suppressed()).toEqual([]);
    await told(report(jo, jo, {}, 'transient'));
    expect(then.suppressed()).toEqual([{ email: jo, reason: 'bounce', status: 'watched' }]);
    expect(await then.bounces()).toBe(0);
  });

  it.each([
    ["by who knows another recipient's mail only", report(jo, al)],
    ['on an address that got none', report('boss@acme.example', jo)],
    ['with a guessed Message-ID', report(jo, jo, { messageIds: ['0107-guessed-000000@eu-central-1.amazonses.com'] })],
  ])('%s changes nothing', async (_, forged) => {
    const { told, ...then } = await campaign();
    const as = await told(forged);
    expect(as).toMatchObject({ status: 'bounce', reasons: [expect.stringContaining('changes nothing')] });
    expect(then.suppressed()).toEqual([]);
    expect(await then.bounces()).toBe(0);
  });
});
