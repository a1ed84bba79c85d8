import { addDuration } from '../core/duration.ts';
import { Refusal } from '../core/refusal.ts';
import { type Html, html } from '../http/page.ts';
import { Contact } from '../sales/contact.ts';
import { whoIsNow } from '../sales/move-contact.ts';
import type { Command, Crm } from '../store/command.ts';
import { type Consent, type ConsentDetails, consentFacts, consentsOf } from './consent.ts';
import { FormIntake } from './form-policies.ts';
import { Submission } from './submission.ts';

/** What a link to confirm leads to: the words of its submission, and whether they are confirmed. */
export interface Confirmation {
  words: readonly ConsentDetails[];
  confirmed: boolean;
}

/** Where the confirmation of a submission stands. 410 `link.expired` after the policy's time, or where it was withdrawn since. */
export const readConfirmation: Command<{ id: string }, Confirmation> = async (crm, { id }) => {
  const { words, open } = await confirmation(crm, id);
  return { words, confirmed: !open.length };
};

/**
 * Whoever has the address agrees: what a submission asked is granted, with the link as its proof. A second time changes nothing. 410
 * `link.expired` as above.
 */
export const confirmConsents: Command<{ id: string }, Confirmation> = async (crm, { id }) => {
  const { words, open, contactId } = await confirmation(crm, id);
  const granted = open.map((word) => ({
    ...word,
    status: 'granted' as const,
    at: crm.now.toISOString(),
    proof: { ...word.proof, confirmedBy: 'link', confirmation: crm.on.correlationId },
  }));
  const facts = await consentFacts(crm, contactId, granted);
  const answer = { words, confirmed: true };
  return facts.length ? crm.commitAs(() => answer, facts) : answer;
};

async function confirmation(crm: Crm, id: string) {
  const submission = await crm.store.load(Submission, id);
  const { asked: words = [], createdAt } = submission;
  const sender = submission.contactId ? await crm.store.find(Contact, submission.contactId) : undefined;
  const contactId = (await whoIsNow(crm.store, sender))?.id;
  const { confirmWithin } = await crm.policy(FormIntake);
  if (!contactId || !words.length || addDuration(new Date(createdAt), confirmWithin) <= crm.now)
    throw new Refusal('link.expired', 'This link is no longer good: please fill the form in once more');
  const known = await consentsOf(crm.store, contactId);
  const lastOf = ({ topic, channel }: ConsentDetails): Consent | undefined =>
    known.find((one) => one.topic.toLowerCase() === topic.toLowerCase() && one.channel === channel);
  // Who withdrew after the form was sent has the last word.
  const standing = words.filter((word) => {
    const last = lastOf(word);
    return last?.status !== 'withdrawn' || last.at < createdAt;
  });
  if (!standing.length)
    throw new Refusal('link.expired', 'This was withdrawn since: please fill the form in once more');
  const isGranted = (word: ConsentDetails) => {
    const last = lastOf(word);
    return last?.status === 'granted' && last.textHash === word.textHash;
  };
  return { words: standing, open: standing.filter((word) => !isGranted(word)), contactId };
}

/** The page behind the link in the mail. */
export const confirmationPage = ({ words, confirmed }: Confirmation): Html =>
  html`${words.map(({ text = '' }) => html`<blockquote>${text}</blockquote>`)}
${
  confirmed
    ? html`<p>Confirmed. Thank you; you can close this page, and take it back at any time.</p>`
    : html`<p>Do you agree?</p><form method="post"><button>Yes, I agree</button></form>`
}`;
