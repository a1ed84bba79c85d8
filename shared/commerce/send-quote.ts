import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';
import { Contact } from '../sales/contact.ts';
import type { Command } from '../store/command.ts';
import { moveQuote, Quote } from './quote.ts';
import { mailToCustomer } from './quote-mails.ts';

/** What the customer sees, as one hash: an acceptance is of exactly this. */
export const contentHash = ({ number, revision, lines, totals, validUntilOn, terms, currency }: Quote): string =>
  createHash('sha256')
    .update(JSON.stringify([number, revision, currency, lines, totals, validUntilOn, terms]))
    .digest('hex');

/** Sends an approved quote to its contact: from now on it never changes. The revision before is superseded in the same moment. */
export const sendQuote: Command<{ id: string }, Quote> = async (crm, { id }) => {
  const quote = await crm.load(Quote, id);
  if (Date.parse(quote.expiresAt) <= crm.now.getTime())
    throw new Refusal('quote.expired', `It was valid until ${quote.validUntilOn}: revise it`);
  const sent = moveQuote(quote, 'send', { contentHash: contentHash(quote), sentAt: crm.now.toISOString() });
  const contact = quote.contactId ? await crm.store.find(Contact, quote.contactId) : undefined;
  const old = quote.revisionOf ? await crm.store.find(Quote, quote.revisionOf) : undefined;
  const standing = old && old.status !== 'superseded' && old.status !== 'accepted';
  return crm.commit([
    sent,
    ...(standing ? [moveQuote(old, 'supersede', {}, { reasons: [`Revision ${quote.revision} was sent`] })] : []),
    ...(contact?.emails[0] ? [mailToCustomer(crm, quote, contact)] : []),
  ]);
};

export const Decline = z.strictObject({ reason: z.string().trim().min(1).max(2_000) });

/** The customer says no. */
export const declineQuote: Command<{ id: string; reason: string }, Quote> = async (crm, { id, reason }) =>
  crm.commit([moveQuote(await crm.load(Quote, id), 'decline', { declineReason: reason }, { reasons: [reason] })]);

/** The last day of a sent quote is over: noted once. */
export const expireQuote: Command<{ id: string }, Quote> = async (crm, { id }) => {
  const quote = await crm.load(Quote, id);
  const due = quote.status === 'sent' && Date.parse(quote.expiresAt) <= crm.now.getTime();
  return due ? crm.commit([moveQuote(quote, 'expire')]) : quote;
};
