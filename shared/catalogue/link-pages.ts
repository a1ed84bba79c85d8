import { Acceptance, acceptQuote } from '../commerce/accept-quote.ts';
import { Quote } from '../commerce/quote.ts';
import { quotePage } from '../commerce/quote-page.ts';
import { Decline, declineQuote } from '../commerce/send-quote.ts';
import { Refusal } from '../core/refusal.ts';
import { validated } from '../core/validation.ts';
import type { Actor } from '../events/event.ts';
import { type Html, html } from '../http/page.ts';
import {
  type Confirmation,
  confirmationPage,
  confirmConsents,
  readConfirmation,
} from '../marketing/confirm-consent.ts';
import { withdrawConsent } from '../marketing/unsubscribe.ts';
import { User } from '../people/user.ts';
import type { Link, PagePurpose } from '../platform/links.ts';
import { Task } from '../platform/task.ts';
import { completeTask } from '../platform/task-commands.ts';
import { taskDonePage, taskPage } from '../platform/task-page.ts';
import { Case } from '../service/case.ts';
import { rateCase } from '../service/rate-case.ts';
import { Answer, surveyPage, surveyThanks } from '../service/survey-page.ts';
import { type Command, run } from '../store/command.ts';
import type { Surroundings } from '../store/surroundings.ts';
import { taskActions } from './task-actions.ts';

export interface LinkRequest {
  around: Surroundings;
  link: Link;
  correlationId: string;
}
interface Shown {
  title: string;
  body: Html;
}
/** What is behind one kind of link. */
export interface LinkPage {
  shows(request: LinkRequest): Promise<Shown>;
  acts(request: LinkRequest, form: Readonly<Record<string, string>>): Promise<Shown>;
}

/** Runs a command for somebody who came by a link. */
async function by<I, A>(
  { around, correlationId }: LinkRequest,
  actor: Actor,
  command: Command<I, A>,
  input: I,
): Promise<A> {
  const on = { now: around.now(), actor, correlationId };
  return (await run(around.store, around.policies, on, command, input)).answer;
}

/** A person's step: the link acts as the task's assignee, as long as the task is theirs. */
const task: LinkPage = {
  async shows(request) {
    const [found, action] = await theirs(request);
    if (found.status !== 'open') return { title: found.title, body: taskDonePage(found) };
    return { title: found.title, body: taskPage(found, action) };
  },
  async acts(request, { note }) {
    const [found, action] = await theirs(request);
    if (found.status !== 'open') return { title: found.title, body: taskDonePage(found) };
    const actor = { kind: 'user' as const, id: found.assigneeId!, via: 'link' };
    const input = { id: found.id, action, ...(note?.trim() && { note: note.trim().slice(0, 2_000).toWellFormed() }) };
    const done = await by(request, actor, completeTask(taskActions), input);
    return { title: done.title, body: taskDonePage(done) };
  },
};

async function theirs({ around: { store }, link }: LinkRequest): Promise<[Task, string]> {
  const found = await store.find(Task, link.id);
  const user = link.assigneeId ? await store.find(User, link.assigneeId) : undefined;
  if (!found || !link.action || found.assigneeId !== link.assigneeId || user?.status !== 'active' || user.archivedAt)
    throw new Refusal('link.expired', 'This step is somebody else’s now');
  return [found, link.action];
}

/** A customer's page of a quote. An acceptance that came a second time shows what it did the first. */
const quote: LinkPage = {
  async shows({ around: { store, now }, link }) {
    const found = await store.load(Quote, link.id);
    return { title: `Quote ${found.number}`, body: quotePage(found, now()) };
  },
  async acts(request, { action, name, reason }) {
    const { link, around } = request;
    const actor = { kind: 'customer' as const, id: link.id, via: 'link' };
    const { status } = await around.store.load(Quote, link.id);
    const open = status !== 'accepted' && status !== 'declined';
    if (open && action === 'accept')
      await by(request, actor, acceptQuote, { id: link.id, ...validated(Acceptance, { name }) });
    if (open && action === 'decline')
      await by(request, actor, declineQuote, { id: link.id, ...validated(Decline, { reason }) });
    return quote.shows(request);
  },
};

/** The way out of a topic: one POST, by a person or by their mail client (RFC 8058), as often as they like. */
const unsubscribe: LinkPage = {
  async shows({ link }) {
    const body = html`<p>You get mails on <strong>${topicOf(link)}</strong> from us.</p>
<form method="post"><button>Unsubscribe</button></form>`;
    return { title: 'Unsubscribe', body };
  },
  async acts(request) {
    const { id: contactId, about } = request.link;
    const topic = topicOf(request.link);
    const actor = { kind: 'customer' as const, id: contactId, via: 'link' };
    await by(request, actor, withdrawConsent, { contactId, topic, ...(about && { about }) });
    return { title: 'Unsubscribed', body: html`<p>You get no more mails on <strong>${topic}</strong> from us.</p>` };
  },
};

/** A token that is for the subject of a mail says no topic: it is no page's. */
function topicOf({ action }: Link): string {
  if (action) return action;
  throw new Refusal('link.expired', 'This link is not valid, or not any more');
}

/** Whoever has an address confirms what was agreed to in its name. */
const consent: LinkPage = {
  async shows(request) {
    return confirmation(await by(request, owner(request), readConfirmation, { id: request.link.id }));
  },
  async acts(request) {
    return confirmation(await by(request, owner(request), confirmConsents, { id: request.link.id }));
  },
};
const owner = ({ link }: LinkRequest): Actor => ({ kind: 'customer', id: link.id, via: 'link' });
const confirmation = (found: Confirmation): Shown => ({
  title: found.confirmed ? 'Thank you' : 'Please confirm',
  body: confirmationPage(found),
});

/** How it went: a click on a figure in the mail chooses it, the form says it. */
const survey: LinkPage = {
  async shows({ around: { store }, link }) {
    const found = await store.load(Case, link.id);
    return { title: 'How did we do?', body: surveyPage(found, link.action ? Number(link.action) : undefined) };
  },
  async acts(request, form) {
    const rated = await by(request, owner(request), rateCase, { id: request.link.id, ...validated(Answer, form) });
    return { title: 'Thank you', body: surveyThanks(rated) };
  },
};

export const linkPages: Readonly<Record<PagePurpose, LinkPage>> = { task, quote, unsubscribe, consent, survey };
