import * as z from 'zod';
import type { Fact } from '../events/event.ts';
import { note, paragraph } from '../mail/layout.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import { template } from '../mail/render.ts';
import type { Lead } from '../sales/lead.ts';
import type { Crm } from '../store/command.ts';
import type { ConsentDetails } from './consent.ts';

const confirmConsent = template('confirm-consent', z.object({ texts: z.array(z.string()) }), ({ texts }) => ({
  subject: 'Please confirm what you agreed to',
  blocks: [
    paragraph('Somebody gave this address in a form of ours and agreed to:'),
    ...texts.map((text) => paragraph(`“${text}”`)),
    paragraph('If it was you, please confirm it. If not, do nothing: without it we shall not write to you about this.'),
    note('The link is good for a few days.'),
  ],
}));
/** The mails about consents. */
export const consentMails = [confirmConsent];

/** The mail by which whoever has the address confirms what a submission agreed to. Its link does nothing before they press the button. */
export const confirmationMail = (
  crm: Pick<Crm, 'newId'>,
  submissionId: string,
  lead: Lead,
  email: string,
  words: readonly ConsentDetails[],
): Fact<Mail> =>
  queueMail(crm, {
    accountId: lead.accountId,
    recordId: submissionId,
    step: 'confirm-consent',
    // Not by the name that a stranger may have put there.
    to: { email },
    template: confirmConsent.name,
    data: { texts: words.flatMap(({ text }) => text ?? []) },
    links: [{ label: 'Confirm', purpose: 'consent', id: submissionId }],
  });
