import { addDuration } from '../core/duration.ts';
import { Refusal } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import type { Fact } from '../events/event.ts';
import { objectIn } from '../http/body.ts';
import type { Mail } from '../mail/mail.ts';
import { openTask } from '../platform/task.ts';
import { captureLeadFor } from '../sales/capture-lead.ts';
import type { Lead, LeadDetails } from '../sales/lead.ts';
import { ActivityDone } from '../service/activity.ts';
import type { Command, Crm } from '../store/command.ts';
import { takeToken } from '../store/rate-limit.ts';
import { type Answers, answersIn } from './answers.ts';
import { Campaign } from './campaign.ts';
import { confirmationMail } from './confirm-mail.ts';
import { type Consent, type ConsentDetails, consentFacts, consentsOf } from './consent.ts';
import { type Asked, Form, providerKey } from './form.ts';
import { FormIntake } from './form-policies.ts';
import { type Mapped, mapSubmission } from './map-submission.ts';
import { answersTo } from './providers/provider.ts';
import { providers } from './providers/providers.ts';
import { moveSubmission, Submission } from './submission.ts';

/**
 * Reads a submission by its form, and captures the lead, what was said and what was agreed to. Nobody has verified it: it makes what is
 * missing, fills what is empty in an open lead, and changes no contact or account; consent from it is pending. What cannot be read is
 * parked with a task for a person. `raw`: its bytes; undefined where they are gone.
 */
export const processSubmission: Command<{ id: string; raw: Uint8Array | undefined }, Submission> = async (
  crm,
  { id, raw },
) => {
  const submission = await crm.load(Submission, id);
  if (submission.status !== 'received') return submission;
  if (!raw) return park(crm, submission, undefined, ['raw.gone: what was sent is no longer kept']);
  const form = await formOf(crm, submission, raw);
  if (!form) return park(crm, submission, undefined, ['form.unknown: no form of ours is for it']);
  if (form.status === 'closed' && submission.provider)
    return park(crm, submission, form, ['form.closed: the form is closed']);
  const answers = await readAs(submission, form, raw);
  if (!answers) return park(crm, submission, form, ['body.unreadable: it is not what its provider sends']);
  if (isOutdated(answers, submission))
    return park(crm, submission, form, ['form.versionUnknown: it was filled in on another version of the form']);
  const mapped = mapSubmission(form, answers, await crm.policy(Settings), submission);
  if (mapped.faults.length)
    return park(
      crm,
      submission,
      form,
      mapped.faults.map(({ code, detail }) => `${code}: ${detail}`),
    );
  return capture(crm, submission, form, mapped);
};

/** Its own form, or the one that takes what its provider sends. */
async function formOf(crm: Crm, { formId, provider }: Submission, raw: Uint8Array): Promise<Form | undefined> {
  if (formId) return crm.store.find(Form, formId);
  const body = bodyIn(raw);
  const adapter = providers.get(provider ?? '');
  if (!(body && adapter)) return undefined;
  const keys = [...adapter.forms(body), '*'].map((name) => providerKey(provider!, name));
  const holders = await crm.store.holdersOf(keys);
  const found = keys.map((key) => holders.get(key)).find(Boolean);
  return found ? crm.store.find(Form, found) : undefined;
}

async function readAs(
  { provider, contentType }: Submission,
  form: Form,
  raw: Uint8Array,
): Promise<Answers | undefined> {
  if (!provider) return answersIn(raw, contentType);
  const body = bodyIn(raw);
  const adapter = providers.get(provider);
  return body && adapter && answersTo(form, adapter.answers(body));
}

function bodyIn(raw: Uint8Array): Record<string, unknown> | undefined {
  try {
    return objectIn(Buffer.from(raw).toString());
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** A client may say which version of the form it showed: the texts of another one were not read. */
function isOutdated(answers: Answers, { formVersion }: Submission): boolean {
  const [shown] = answers.get('_version') ?? [];
  return shown !== undefined && shown !== String(formVersion);
}

async function park(crm: Crm, submission: Submission, form: Form | undefined, why: string[]): Promise<Submission> {
  const { lookWithin } = await crm.policy(FormIntake);
  const reason = why.join('; ').slice(0, 1_000).toWellFormed();
  const { ownerId, queue = 'forms' } = form?.assignment ?? {};
  const task = openTask(crm, {
    title: `Look at what was sent to “${form?.name ?? submission.provider ?? 'a form'}”: ${reason}`
      .slice(0, 300)
      .toWellFormed(),
    recordId: submission.id,
    ...(ownerId ? { assigneeId: ownerId } : { queue }),
    dueAt: addDuration(crm.now, lookWithin).toISOString(),
    actions: [
      { key: 'retry', label: 'Try again' },
      { key: 'discard', label: 'Discard' },
    ],
  });
  const changed = { reason, openTaskId: task.after.id, ...(form && { formId: form.id }) };
  return crm.commit([moveSubmission(submission, 'park', changed, { reasons: why }), task]);
}

/** Nobody verified what a form says: a campaign that is not there is left out, and the rest is taken. */
async function ofKnownCampaign(crm: Crm, lead: LeadDetails): Promise<LeadDetails> {
  const { campaignId, ...rest } = lead;
  return !campaignId || (await crm.store.find(Campaign, campaignId)) ? lead : rest;
}

async function capture(crm: Crm, submission: Submission, form: Form, mapped: Mapped): Promise<Submission> {
  const { ownerId, queue } = form.assignment ?? {};
  const said = await ofKnownCampaign(crm, mapped.lead);
  const { facts: captured, also } = await crm.stage(captureLeadFor({ ownerId, queue }), said);
  const lead = captured[0]!.after as Lead;
  const words = mapped.consents.map((asked) => pendingWord(asked, submission, form, mapped.lead.email));
  const known = lead.contactId && words.length ? await consentsOf(crm.store, lead.contactId) : [];
  const open = words.filter((word) => !isAgreed(word, known));
  const changed = {
    formId: form.id,
    accountId: lead.accountId,
    contactId: lead.contactId,
    leadId: lead.id,
    asked: open.length ? open : undefined,
    reason: undefined,
    openTaskId: undefined,
  };
  return crm.commit(
    [
      moveSubmission(submission, 'process', changed),
      ...captured,
      ...(lead.contactId
        ? await consentFacts(
            crm,
            lead.contactId,
            open.filter((word) => !isWithdrawn(word, known)),
          )
        : []),
      ActivityDone(undefined, {
        id: crm.newId('act', lead.accountId),
        accountId: lead.accountId,
        recordId: lead.id,
        kind: 'note',
        direction: 'inbound',
        subject: `Form: ${form.name}`,
        ...(mapped.transcript && { body: mapped.transcript }),
        occurredAt: submission.createdAt,
        ...(lead.contactId && { participants: [lead.contactId] }),
        status: 'done',
      }),
      ...(form.doubleOptIn && lead.contactId && mapped.lead.email && open.length
        ? await askToConfirm(crm, submission, lead, mapped.lead.email, open)
        : []),
    ],
    also,
  );
}

/** What was agreed to, with what shows it. It is pending: anybody could have sent it. */
const pendingWord = (
  { topic, channel, text, textHash, textVersion }: Asked,
  submission: Submission,
  form: Form,
  email: string | undefined,
): ConsentDetails => ({
  topic,
  channel,
  text,
  textHash,
  textVersion,
  status: 'pending',
  source: 'form',
  basis: 'consent',
  ...(email && { email }),
  at: submission.createdAt,
  proof: {
    submission: submission.id,
    form: form.id,
    formVersion: String(submission.formVersion ?? form.version),
    ...(submission.from && { from: submission.from }),
  },
});

const same = (word: ConsentDetails) => (consent: Consent) =>
  consent.topic.toLowerCase() === word.topic.toLowerCase() && consent.channel === word.channel;
/** Whoever agreed to this very text need not be asked again. */
const isAgreed = (word: ConsentDetails, known: readonly Consent[]): boolean =>
  known.some((one) => same(word)(one) && one.status === 'granted' && one.textHash === word.textHash);
/** A withdrawal stands until the person themselves takes it back: by the link in the mail. */
const isWithdrawn = (word: ConsentDetails, known: readonly Consent[]): boolean =>
  known.some((one) => same(word)(one) && one.status === 'withdrawn');

/** The mail that asks; none to somebody who was asked too often already: a form must not be a way to pester others. */
async function askToConfirm(
  crm: Crm,
  { id }: Submission,
  lead: Lead,
  email: string,
  words: readonly ConsentDetails[],
): Promise<Fact<Mail>[]> {
  const { confirmationMails } = await crm.policy(FormIntake);
  const wait = await takeToken(crm.store, `confirm#${lead.contactId}`, confirmationMails, crm.now);
  return wait ? [] : [confirmationMail(crm, id, lead, email, words)];
}
