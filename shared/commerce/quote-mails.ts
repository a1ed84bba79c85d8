import * as z from 'zod';
import { format } from '../core/money.ts';
import type { Fact } from '../events/event.ts';
import { facts, lines, note, paragraph, quote as quoted } from '../mail/layout.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import { template } from '../mail/render.ts';
import type { User } from '../people/user.ts';
import type { Task } from '../platform/task.ts';
import { type Contact, nameOf } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import type { Quote } from './quote.ts';

const approvalAsked = template(
  'quote-approval',
  z.object({ number: z.string(), net: z.string(), gross: z.string(), reasons: z.array(z.string()), dueAt: z.string() }),
  ({ number, net, gross, reasons, dueAt }) => ({
    subject: `Please approve quote ${number}: ${gross}`,
    blocks: [
      paragraph('A quote is beyond what may be offered without asking. Please approve or reject it.'),
      facts({ Quote: number, Net: net, Gross: gross, Decide: `by ${dueAt}` }),
      ...reasons.map((reason) => quoted(reason)),
    ],
  }),
);

const quoteSent = template(
  'quote-sent',
  z.object({
    name: z.string(),
    number: z.string(),
    validUntilOn: z.string(),
    net: z.string(),
    gross: z.string(),
    lines: z.array(z.tuple([z.string(), z.string(), z.string()])),
    more: z.int(),
  }),
  ({ name, number, validUntilOn, net, gross, lines: rows, more }) => ({
    subject: `Our quote ${number}`,
    blocks: [
      paragraph(`Hello ${name},`),
      paragraph(`here is our quote ${number}. It is valid until ${validUntilOn}; you can accept it on its page.`),
      lines([{ label: 'Item' }, { label: 'Quantity', align: 'end' }, { label: 'Net', align: 'end' }], rows, [
        ['Net', '', net],
        ['Total', '', gross],
      ]),
      ...(more > 0 ? [note(`${more} more lines on the page of the quote.`)] : []),
    ],
  }),
);

const quoteAnswered = template(
  'quote-answered',
  z.object({ number: z.string(), gross: z.string(), answer: z.enum(['accepted', 'declined']), said: z.string() }),
  ({ number, gross, answer, said }) => ({
    subject: `Quote ${number} was ${answer}`,
    blocks: [
      paragraph(answer === 'accepted' ? 'The customer accepted your quote.' : 'The customer declined your quote.'),
      facts({ Quote: number, Total: gross, [answer === 'accepted' ? 'Accepted by' : 'Reason']: said }),
    ],
  }),
);

/** The mails about quotes. */
export const quoteMails = [approvalAsked, quoteSent, quoteAnswered];

const linesShown = 20;

/** Asks somebody to approve a quote, with a link for each decision; once more, if it lies. */
export const mailToApprover = (
  crm: Pick<Crm, 'newId'>,
  quote: Quote,
  approver: User,
  task: Pick<Task, 'id' | 'actions' | 'dueAt'>,
  reasons: readonly string[],
  asked: 'first' | 'reminder' = 'first',
): Fact<Mail> =>
  queueMail(crm, {
    accountId: quote.accountId,
    recordId: quote.id,
    step: asked === 'first' ? `approval-${task.id}` : `approval-${asked}-${task.id}`,
    to: { name: approver.name, email: approver.email },
    template: approvalAsked.name,
    data: {
      number: quote.number,
      net: format(quote.totals.net, 'en'),
      gross: format(quote.totals.gross, 'en'),
      reasons: reasons.slice(0, linesShown),
      dueAt: task.dueAt ?? '',
    },
    links: task.actions.map(({ key, label }) => ({ label, purpose: 'task', id: task.id, action: key })),
    assigneeId: approver.id,
  });

/** The quote itself, to its contact, with the link to its page. */
export const mailToCustomer = (crm: Pick<Crm, 'newId'>, quote: Quote, contact: Contact): Fact<Mail> =>
  queueMail(crm, {
    accountId: quote.accountId,
    recordId: quote.id,
    step: 'sent',
    to: { name: nameOf(contact), email: contact.emails[0]! },
    template: quoteSent.name,
    data: {
      name: nameOf(contact),
      number: quote.number,
      validUntilOn: quote.validUntilOn,
      net: format(quote.totals.net, 'en'),
      gross: format(quote.totals.gross, 'en'),
      lines: quote.lines
        .slice(0, linesShown)
        .map(({ description, quantity, net }) => [description, quantity, format(net, 'en')]),
      more: quote.lines.length - linesShown,
    },
    links: [{ label: 'See and accept the quote', purpose: 'quote', id: quote.id }],
  });

/** Tells the owner what the customer answered: who accepted it, or why it was declined. */
export const answerToOwner = (
  crm: Pick<Crm, 'newId'>,
  quote: Quote,
  owner: User,
  answer: 'accepted' | 'declined',
  said: string,
): Fact<Mail> =>
  queueMail(crm, {
    accountId: quote.accountId,
    recordId: quote.id,
    step: 'answered',
    to: { name: owner.name, email: owner.email },
    template: quoteAnswered.name,
    data: {
      number: quote.number,
      gross: format(quote.totals.gross, 'en'),
      answer,
      said: said.slice(0, 2_000).toWellFormed(),
    },
  });
