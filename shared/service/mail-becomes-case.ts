import { createHash } from 'node:crypto';
import { Contact } from '../sales/contact.ts';
import { whoWrites } from '../sales/decide-capture.ts';
import type { LeadDetails } from '../sales/lead.ts';
import type { Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import type { Arrived, Became } from './arrived-mail.ts';
import { CaseOpened } from './case.ts';
import { mailToCustomer } from './case-mails.ts';
import { caseRules } from './case-sla.ts';
import type { FoundThread } from './find-threads.ts';
import { beginningOf, mailActivity, messageOf } from './mail-activity.ts';
import { caseNumber, newCase as caseOf } from './new-case.ts';

/** A mail that opens a case for whoever wrote it, known by their exact address or made as a capture makes them. */
export async function newCase(crm: Crm, arrived: Arrived, follows: FoundThread | undefined): Promise<Became> {
  const { mail } = arrived;
  const writer = writerOf(arrived);
  const { accountId, contactId, made } = await whoWrites(crm, { source: 'email', ...writer });
  const details = {
    accountId,
    ...(contactId && { contactId }),
    subject: mail.subject || '(no subject)',
    description: beginningOf(messageOf(mail)),
    ...{ kind: 'question' as const, priority: 'normal' as const, channel: 'email' },
  };
  const draft = caseOf(details, crm.newId('cas', accountId), caseNumber(await crm.count('case')), await caseRules(crm));
  const followsId = follows && follows.accountId === accountId ? follows.recordId : undefined;
  const opened = CaseOpened(undefined, { ...draft, ...(followsId && { followsId }) });
  const recordId = opened.after.id;
  const activity = mailActivity(crm, arrived, { accountId, recordId });
  const contact = contactId ? await crm.store.find(Contact, contactId) : { emails: [writer.email], ...writer };
  const answer = await mayAcknowledge(crm, arrived, writer.email);
  const mails = answer
    ? mailToCustomer(crm, opened.after, contact ?? { emails: [writer.email], ...writer }, {
        template: 'case-received',
        step: 'received',
      })
    : [];
  return {
    as: { status: 'case', accountId, threadId: recordId, recordId, activityId: activity.after.id, contactId },
    facts: [opened, ...made, activity, ...mails],
    also: mails.length ? [acknowledged(crm, writer.email)] : [],
  };
}

/** What a mail says of who wrote it; the route has seen to it that it says who. */
export function writerOf({ mail }: Arrived): Pick<LeadDetails, 'firstName' | 'lastName'> & { email: string } {
  const { name, email } = mail.from!;
  const said = name.includes('@') ? '' : name;
  // `Ruiz, Jo` as Outlook has it.
  const [, family, given] = /^([^,]+),\s*([^,]+)$/.exec(said) ?? [];
  const words = (given && family ? `${given} ${family}` : said).split(/\s+/).filter(Boolean);
  const lastName = words.length > 1 ? words.at(-1)?.slice(0, 100).toWellFormed() : undefined;
  const firstName = words
    .slice(0, words.length > 1 ? -1 : 1)
    .join(' ')
    .slice(0, 100)
    .toWellFormed();
  return { email, ...(firstName && { firstName }), ...(lastName && { lastName }) };
}

/** One automatic answer an address in seven days: two machines that answer each other are quiet after the first. Source: RFC 5230 4.2. */
const quietMilliseconds = 7 * 86_400_000;
const keyOf = (email: string): string => `once#acknowledged#${createHash('sha256').update(email).digest('hex')}`;

async function mayAcknowledge(crm: Crm, { rules, mayAnswer }: Arrived, email: string): Promise<boolean> {
  if (!rules.acknowledge || !mayAnswer) return false;
  const before = await crm.store.get({ pk: keyOf(email), sk: keyOf(email) });
  return !before || Number(before['expiresAt']) * 1_000 < crm.now.getTime();
}

const acknowledged = (crm: Crm, email: string): Action =>
  crm.store.put({
    pk: keyOf(email),
    sk: keyOf(email),
    expiresAt: Math.floor((crm.now.getTime() + quietMilliseconds) / 1_000),
  });
