import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { Prose } from '../core/text.ts';
import type { Fact } from '../events/event.ts';
import { User } from '../people/user.ts';
import { openTask } from '../platform/task.ts';
import { Contact } from '../sales/contact.ts';
import { Opportunity } from '../sales/opportunity.ts';
import type { Command, Crm } from '../store/command.ts';
import { moveQuote, Quote } from './quote.ts';
import { answerToOwner, mailToCustomer } from './quote-mails.ts';
import { supersedeEarlier } from './supersede-quotes.ts';

/** What the customer sees, as one hash: an acceptance is of exactly this. */
export const contentHash = ({ number, revision, lines, totals, validUntilOn, terms, currency }: Quote): string =>
  createHash('sha256')
    .update(JSON.stringify([number, revision, currency, lines, totals, validUntilOn, terms]))
    .digest('hex');

/**
 * Sends an approved quote to its contact: from now on it never changes, and the revisions before it are superseded. Without an address its
 * owner gets the task to hand it over. 409 `quote.expired`, and `record.wrongState` once the opportunity is closed.
 */
export const sendQuote: Command<{ id: string }, Quote> = async (crm, { id }) => {
  const quote = await crm.load(Quote, id);
  const sent = moveQuote(quote, 'send', { contentHash: contentHash(quote), sentAt: crm.now.toISOString() });
  if (Date.parse(quote.expiresAt) <= crm.now.getTime())
    throw new Refusal('quote.expired', `It was valid until ${quote.validUntilOn}: revise it`);
  const opportunity = await crm.store.load(Opportunity, quote.opportunityId);
  if (opportunity.status !== 'open') throw new Refusal('record.wrongState', `The opportunity is ${opportunity.status}`);
  const contact = quote.contactId ? await crm.store.find(Contact, quote.contactId) : undefined;
  const handed = contact?.emails[0] ? mailToCustomer(crm, quote, contact) : handOver(crm, quote, opportunity.ownerId);
  return crm.commit([sent, ...(await supersedeEarlier(crm, quote)), handed]);
};

const handOver = (crm: Crm, { id, accountId, number, expiresAt }: Quote, ownerId: string | undefined): Fact =>
  openTask(crm, {
    title: `Hand quote ${number} to the customer: no e-mail address is known`,
    accountId,
    recordId: id,
    dueAt: expiresAt,
    ...(ownerId ? { assigneeId: ownerId } : { queue: 'quotes' }),
  });

export const Decline = z.strictObject({ reason: Prose.trim().min(1).max(2_000) });

/** The customer says no, and why. */
export const declineQuote: Command<{ id: string; reason: string }, Quote> = async (crm, { id, reason }) => {
  const quote = await crm.load(Quote, id);
  const declined = moveQuote(quote, 'decline', { declineReason: reason }, { reasons: [reason] });
  const { ownerId } = await crm.store.load(Opportunity, quote.opportunityId);
  return crm.commit([declined, ...(await toldTo(crm, quote, ownerId, 'declined', reason))]);
};

/** The owner is told what the customer answered by themselves; an answer that a colleague notes is known. */
export async function toldTo(
  crm: Crm,
  quote: Quote,
  ownerId: string | undefined,
  answer: 'accepted' | 'declined',
  said: string,
): Promise<Fact[]> {
  const owner = ownerId && crm.on.actor.kind === 'customer' ? await crm.store.find(User, ownerId) : undefined;
  return owner ? [answerToOwner(crm, quote, owner, answer, said)] : [];
}

/** The last day of a sent quote is over: noted once. */
export const expireQuote: Command<{ id: string }, Quote> = async (crm, { id }) => {
  const quote = await crm.load(Quote, id);
  const due = quote.status === 'sent' && Date.parse(quote.expiresAt) <= crm.now.getTime();
  return due ? crm.commit([moveQuote(quote, 'expire')]) : quote;
};
