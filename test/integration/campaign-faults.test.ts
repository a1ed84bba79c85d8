import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { newId } from '../../shared/core/ids.ts';
import { sendRawEmail } from '../../shared/mail/ses.ts';
import { advanceCampaign } from '../../shared/marketing/advance-campaign.ts';
import { Campaign, CampaignCreated, CampaignDetails } from '../../shared/marketing/campaign.ts';
import { answerOf } from '../../shared/marketing/mail-outcome.ts';
import { countsOf, totalOf } from '../../shared/marketing/recipient.ts';
import type { Postman } from '../../shared/marketing/send-batch.ts';
import { run } from '../../shared/store/command.ts';
import { quietly, readers } from '../support/audience.ts';
import { eventually } from '../support/eventually.ts';
import { access, api, around, unique } from '../support/stack.ts';

const { store, policies } = around();
const count = 200;
/** Of the mails: as many as make every run of this test see each of them. */
const chance = { death: 0.02, loss: 0.04, throttling: 0.06 };

/** The death of a function in the midst of its work: nothing of it happens any more. */
class Death extends Error {}

/**
 * SES behind a function that dies at random, before SES is called or when it has taken the mail; whose answer gets lost, before or after SES
 * took the mail; and that is throttled.
 */
function unlucky(): Postman {
  let dead = false;
  const death = (): never => {
    dead = true;
    throw new Death();
  };
  const throttled = Object.assign(new Error('Maximum sending rate exceeded.'), { name: 'Throttling', status: 400 });
  return {
    from: `crm@${access.mailDomain}`,
    mailDomain: access.mailDomain,
    baseUrl: access.apiUrl,
    secrets: async () => ['a secret of this test'],
    async post({ raw, to }) {
      if (dead) return new Promise<never>(() => {});
      const fate = Math.random();
      if (fate < chance.death / 2) return death();
      if (fate > 1 - chance.throttling) return answerOf(throttled);
      if (fate > 1 - chance.throttling - chance.loss / 2) return { lost: 'TimeoutError', holds: 'PT10S' };
      const took = await sendRawEmail(raw, to);
      if (fate < chance.death) return death();
      return fate < chance.death + chance.loss / 2 ? { lost: 'TimeoutError', holds: 'PT10S' } : { took };
    },
  };
}

test('whatever dies, gets lost or runs twice: everybody gets exactly one mail', { timeout: 180_000 }, async () => {
  const tag = unique('tag').toLowerCase();
  const emails = Array.from({ length: count }, (_, n) => `${tag}-${n}@readers.example`);
  await readers(store, { emails, topic: tag, tag });
  const segment = await api.post('/v1/segments', { name: tag, rule: { all: [{ fact: 'contact.tags', has: tag }] } });
  const template = await api.post('/v1/templates', { name: tag, subject: 'Hello', body: '<p>Hello</p>', topic: tag });
  // Without its events no process begins: this test is its process.
  const id = newId('cmp', new Date());
  const details = CampaignDetails.parse({ name: tag, topic: tag, segmentIds: [segment.id], templateId: template.id });
  await quietly(store, [CampaignCreated(undefined, { ...details, id, status: 'sending' })]);

  const seen = { deaths: 0, turns: 0 };
  /** Minutes that have passed for the campaign, and not for this test. */
  let later = 0;
  const turn = async () => {
    const on = {
      now: new Date(Date.now() + later * 60_000),
      actor: { kind: 'process' as const, id: 'test' },
      correlationId: tag,
    };
    seen.turns++;
    await run(store, policies, on, advanceCampaign(unlucky), { id, seen: 0, processId: 'test' }).catch(
      (error: Error) => {
        if (!(error instanceof Death)) throw error;
        seen.deaths++;
      },
    );
  };
  const untilSent = async () => {
    for (;;) {
      await turn();
      const { status } = await store.load(Campaign, id);
      const counts = await countsOf(store, id);
      if (status === 'sent') return;
      if (totalOf(counts, 'queued') > 0) continue;
      // Nothing is left but what nobody knows: SES tells of what it took, and then the time passes that it is given.
      await eventually(async () => {
        const now = await countsOf(store, id);
        expect(totalOf(now, 'accepted')).toBe(totalOf(now, 'sent'));
      }, 60_000);
      await pause(3_000);
      later += 6;
    }
  };
  // Two executions at once, as after one that was stopped while its function still ran.
  await Promise.all([untilSent(), untilSent()]);

  const counts = await countsOf(store, id);
  expect(totalOf(counts, 'sent')).toBe(count);
  const mails = new Map<string, number>();
  await eventually(async () => {
    mails.clear();
    for (let after = ''; ; ) {
      const url = `${access.mailboxUrl}/messages?limit=200${after && `&after=${after}`}`;
      const { data, nextCursor } = (await (await fetch(url)).json()) as {
        data: { id: string; to: string[] }[];
        nextCursor: string | null;
      };
      for (const { to } of data)
        for (const one of to) if (one.startsWith(tag)) mails.set(one, (mails.get(one) ?? 0) + 1);
      if (!nextCursor) break;
      after = data.at(-1)!.id;
    }
    expect(mails.size).toBe(count);
  });
  expect([...mails.values()].filter((n) => n !== 1)).toEqual([]);
  expect(seen.deaths).toBeGreaterThan(0);
});
