import { setTimeout as pause } from 'node:timers/promises';
import type { Duration } from '../core/duration.ts';
import { Settings } from '../core/settings.ts';
import { type Crm, untilCommitted } from '../store/command.ts';
import { Campaign } from './campaign.ts';
import { campaignMail, type Envelope } from './campaign-mail.ts';
import { CampaignSending, type Sending } from './campaign-policies.ts';
import { stillAt } from './campaign-steps.ts';
import { eligibleNow, marketed } from './eligibility.ts';
import { type Answer, refusedFor, settledBy } from './mail-outcome.ts';
import { Marketing, type MarketingPolicy } from './marketing-policy.ts';
import { MessageTemplate } from './message-template.ts';
import { type Change, changeRecipients, findRecipient, type Recipient, recipientsIn, shards } from './recipient.ts';

/** How a campaign's mails leave the house: what is the same in all of them, and the one call to SES. Never repeated by itself. */
export interface Postman extends Pick<Envelope, 'from' | 'mailDomain' | 'configurationSet' | 'baseUrl' | 'secrets'> {
  post(mail: { raw: Uint8Array; to: string }): Promise<Answer>;
}

/** Mails that are claimed, sent and settled together: what a death in between leaves unknown, at most. */
const atOnce = 10;
/** A batch begins nothing after that, so that its function ends in time. */
const batchMilliseconds = 25_000;

/** Everything that the mails of one batch need. */
interface Round {
  campaign: Campaign;
  policy: Sending;
  marketing: MarketingPolicy;
  envelope: Envelope;
  templates: ReadonlyMap<string, MessageTemplate>;
  postman: Postman;
}

/** What came of a batch: how many recipients were dealt with (none: nobody's turn has come), and how long SES wants to be left alone. */
export interface Batch {
  dealtWith: number;
  holds?: Duration | undefined;
}

/** Sends the next mails of a campaign, within the rate and one batch at most, partition by partition. */
export async function sendBatch(crm: Crm, campaign: Campaign, postman: Postman): Promise<Batch> {
  const round = await prepared(crm, campaign, postman);
  const together = Math.max(1, Math.min(atOnce, Math.floor(round.policy.mailsPerSecond)));
  const startedAt = performance.now();
  let dealtWith = 0;
  for (const shard of shards)
    while (dealtWith < round.policy.batch) {
      if (performance.now() - startedAt > batchMilliseconds) return { dealtWith };
      const limit = Math.min(together, round.policy.batch - dealtWith);
      const claimed = await untilCommitted(() => claim(crm, round, shard, limit));
      if (!claimed) return { dealtWith };
      if (!claimed.dealtWith) break;
      dealtWith += claimed.dealtWith;
      const slowly = pause((claimed.letters.length / round.policy.mailsPerSecond) * 1_000);
      const [answers] = await Promise.all([send(crm, round, claimed.letters), slowly]);
      const holds = heldBy(answers);
      if (holds) return { dealtWith, holds };
    }
  return { dealtWith };
}

/** How long SES wants to be left alone: where it says so for all, or took none of some mails at all. */
function heldBy(answers: readonly Answer[]): Duration | undefined {
  const held = answers.flatMap((answer) => ('holds' in answer ? [answer] : []));
  return held.length && (held.length === answers.length || held.some(({ all }) => all)) ? held[0]!.holds : undefined;
}

async function prepared(crm: Crm, campaign: Campaign, postman: Postman): Promise<Round> {
  const templateIds = [...new Set([campaign.templateId, ...campaign.arms.map(({ templateId }) => templateId)])];
  const [policy, marketing, settings, ...templates] = await Promise.all([
    crm.policy(CampaignSending),
    crm.policy(Marketing),
    crm.policy(Settings),
    ...templateIds.map((id) => (id ? crm.store.load(MessageTemplate, id) : undefined)),
  ]);
  // Without them no mail can be written: that is nobody's fault but ours, and no reason to give a recipient up.
  await postman.secrets();
  return {
    campaign,
    policy,
    marketing,
    envelope: { ...postman, campaign, settings },
    templates: new Map(templates.flatMap((template) => (template ? [[template.id, template] as const] : []))),
    postman,
  };
}

/** A mail that is claimed: written whole before, so that nothing but the call to SES comes after. */
interface Letter {
  recipient: Recipient;
  raw: Uint8Array;
  to: string;
}

/**
 * Takes the next recipients of a partition whose turn it is: who may still be written to is claimed, who may not is skipped or put off. One
 * transaction: it holds only while the campaign is being sent, and for each as long as nobody else has touched them. So whoever runs at
 * the same time, or comes again, claims others. Undefined where the campaign is sent no longer.
 */
async function claim(
  crm: Crm,
  round: Round,
  shard: (typeof shards)[number],
  limit: number,
): Promise<{ dealtWith: number; letters: Letter[] } | undefined> {
  const { store, now } = crm;
  const campaign = await store.load(Campaign, round.campaign.id);
  if (campaign.status !== 'sending') return undefined;
  const due = await recipientsIn(store, campaign.id, 'queued', shard, { limit, until: `${now.toISOString()}~` });
  if (!due.length) return { dealtWith: 0, letters: [] };
  const decided = await Promise.all((await standing(crm, round, due)).map((one) => decide(round, one, now)));
  const letters = decided.flatMap(({ letter }) => letter ?? []);
  const firstTime = letters.filter(({ recipient }) => recipient.attempts === 1);
  await changeRecipients(
    crm,
    decided.map(({ change }) => change),
    [
      stillAt(store, campaign),
      // Whose mail is tried again holds the mark of the first time.
      ...firstTime.map(({ recipient }) => marketed(store, recipient.contactId, now, round.marketing)),
    ],
  );
  return { dealtWith: due.length, letters };
}

type Standing = { recipient: Recipient } & NonNullable<
  Awaited<ReturnType<typeof eligibleNow>> extends Map<string, infer S> ? S : never
>;

/** How each stands now. The frequency cap does not count the mail itself that is tried again. */
async function standing(crm: Crm, { campaign, marketing }: Round, due: readonly Recipient[]): Promise<Standing[]> {
  const ask = (recipients: readonly Recipient[], policy: MarketingPolicy) =>
    eligibleNow(
      crm.store,
      recipients.map(({ contactId }) => contactId),
      { topic: campaign.topic, now: crm.now, policy },
    );
  const [fresh, again] = await Promise.all([
    ask(
      due.filter(({ attempts }) => attempts === 0),
      marketing,
    ),
    ask(
      due.filter(({ attempts }) => attempts > 0),
      { ...marketing, frequencyCap: null },
    ),
  ]);
  return due.map((recipient) => ({
    recipient,
    ...(fresh.get(recipient.contactId) ?? again.get(recipient.contactId)!),
  }));
}

async function decide(
  { campaign, envelope, templates }: Round,
  { recipient, member, eligible }: Standing,
  now: Date,
): Promise<{ change: Change; letter?: Letter }> {
  const since = now.toISOString();
  const becomes = (what: Partial<Recipient>) => ({
    change: { before: recipient, after: { ...recipient, since, ...what } },
  });
  if (!eligible.ok) {
    const { reason, until } = eligible;
    if (reason === 'quietHours' && until) return becomes({ since: until.toISOString() });
    return becomes({ state: 'skipped', reason });
  }
  // Who has another address by now is another recipient.
  if (!member?.email || member.email !== recipient.email)
    return becomes({ state: 'skipped', reason: 'addressChanged' });
  const arm = campaign.arms.find(({ key }) => key === recipient.arm);
  const template = templates.get(arm?.templateId ?? campaign.templateId ?? '');
  if (!template) return becomes({ state: 'failed', reason: 'template.missing' });
  try {
    const raw = await campaignMail(envelope, template, { ...recipient, email: member.email }, member, now);
    const claimed = becomes({ state: 'sending', attempts: recipient.attempts + 1 });
    const written: Recipient = { ...claimed.change.after, writes: recipient.writes + 1 };
    return { ...claimed, letter: { recipient: written, raw, to: member.email } };
  } catch (error) {
    // Whatever is wrong with one mail is wrong with that one: nobody else waits for it.
    return becomes({ state: 'failed', reason: refusedFor(error as Error) });
  }
}

/** Sends what is claimed, all at once, and notes what SES said of each. */
async function send(crm: Crm, { postman }: Round, letters: readonly Letter[]): Promise<Answer[]> {
  const answers = await Promise.all(
    letters.map(async ({ recipient, raw, to }) => ({ recipient, answer: await postman.post({ raw, to }) })),
  );
  const settle = (recipient: Recipient, answer: Answer): Change => ({
    before: recipient,
    after: settledBy(recipient, answer, crm.now),
  });
  try {
    await changeRecipients(
      crm,
      answers.map(({ recipient, answer }) => settle(recipient, answer)),
    );
  } catch {
    // SES's own event was faster for one of them: each by itself, as it is now.
    for (const { recipient, answer } of answers)
      await untilCommitted(async () => {
        const now = await findRecipient(crm.store, recipient.campaignId, recipient.key);
        if (now?.state === 'sending' && now.attempts === recipient.attempts)
          await changeRecipients(crm, [settle(now, answer)]);
      });
  }
  return answers.map(({ answer }) => answer);
}
