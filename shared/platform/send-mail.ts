import type * as z from 'zod';
import type { Settings } from '../core/settings.ts';
import { actions } from '../mail/layout.ts';
import { Mail, moveMail } from '../mail/mail.ts';
import { type RenderedMail, renderMail, type Template } from '../mail/render.ts';
import { suppressedAmong } from '../marketing/suppression.ts';
import type { Command } from '../store/command.ts';

const mostAttempts = 2;

/**
 * Takes a mail for sending: undefined if somebody else has, it is out, or its address is suppressed (`skipped`). One that was taken and
 * whose outcome nobody knows is tried once more, then given up as `unknown`.
 */
export const takeMail: Command<{ id: string; busyUntil: Date }, Mail | undefined> = async (crm, { id, busyUntil }) => {
  const mail = await crm.store.find(Mail, id);
  if (!mail || (mail.status !== 'queued' && mail.status !== 'sending')) return undefined;
  if (mail.status === 'sending' && Date.parse(mail.updatedAt) > busyUntil.getTime())
    throw new Error('The mail is being sent');
  if ((await suppressedAmong(crm.store, [mail.to.email])).has(mail.to.email)) {
    await crm.commit([moveMail(mail, 'skip', { fault: 'suppressed' })]);
    return undefined;
  }
  if (mail.attempts >= mostAttempts) {
    await crm.commit([moveMail(mail, 'giveUp')]);
    return undefined;
  }
  return crm.commit([moveMail(mail, 'take', { attempts: mail.attempts + 1 })]);
};

/** Notes that a mail is out. What became of it may have been told before: then that stands. */
export const mailSent: Command<{ id: string; messageId: string; subject: string }, Mail> = async (
  crm,
  { id, messageId, subject },
) => {
  const mail = await crm.load(Mail, id);
  if (mail.status !== 'sending') return mail;
  return crm.commit([moveMail(mail, 'send', { messageId, subject, sentAt: crm.now.toISOString() })]);
};

/** Notes that a mail can never be sent, and why. */
export const mailFailed: Command<{ mail: Mail; fault: string }, Mail> = async (crm, { mail, fault }) =>
  crm.commit([moveMail(mail, 'fail', { fault: fault.slice(0, 500).toWellFormed() })]);

/** What a mail says by its template, with its links signed: `urls` in the order of the mail's links. */
export function written(
  templates: ReadonlyMap<string, Template<z.ZodType>>,
  mail: Mail,
  urls: readonly string[],
  { seller, language }: z.infer<typeof Settings.body>,
): RenderedMail {
  const template = templates.get(mail.template);
  if (!template) throw new Error(`There is no mail ${mail.template}`);
  const letter = template.write(mail.data);
  const buttons = mail.links.map(({ label }, n) => ({ label, href: urls[n]! }));
  const blocks = buttons.length ? [...letter.blocks, actions(...buttons)] : letter.blocks;
  return renderMail({ ...letter, blocks }, { company: seller.name, language, footer: footerOf(seller) });
}

const footerOf = ({ address, taxId }: z.infer<typeof Settings.body>['seller']): string[] =>
  [address.street, [address.postalCode, address.city].filter(Boolean).join(' '), address.country, taxId].filter(
    (line): line is string => Boolean(line),
  );
