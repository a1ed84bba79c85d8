import { createHash } from 'node:crypto';
import { automaticIn, refusesAnswers } from '../mail/automatic.ts';
import { type Bounce, bounceIn } from '../mail/bounce.ts';
import { headerOf } from '../mail/header.ts';
import type { ReceivedMail } from '../mail/received-mail.ts';
import { isAuthenticated } from '../mail/verdicts.ts';
import { emailKey } from '../sales/contact.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Arrived, ArrivedMail, Became } from './arrived-mail.ts';
import { type FoundThread, type OwnMail, threadsOf } from './find-threads.ts';
import { InboundMail, inboundKey, MailReceived } from './inbound-mail.ts';
import { messageOf } from './mail-activity.ts';
import { bounced } from './mail-becomes-bounce.ts';
import { newCase } from './mail-becomes-case.ts';
import { newLead } from './mail-becomes-lead.ts';
import { parkedMail } from './mail-becomes-task.ts';
import { leaving } from './mail-leaves-topic.ts';
import { onRecord } from './mail-on-record.ts';
import { MailIntake, type MailIntakeRules } from './mail-policies.ts';
import { type Arrival, type MailRoute, routeMail } from './route-mail.ts';
import { scoreIn } from './satisfaction.ts';

/**
 * Takes a mail in: it becomes exactly one thing, in one transaction with its own record. The same mail again is answered with the first
 * record; another one under a Message-ID that came before is put aside.
 */
export const receiveMail: Command<ArrivedMail, InboundMail> = async (crm, arrived) => {
  const { mail, contentHash, key, sizeBytes, own } = arrived;
  const hash = mail.messageId ? sha256(mail.messageId) : sha256(contentHash, ...namesOf(mail));
  const before = await known(crm, hash);
  if (before?.contentHash === contentHash) return before;
  const again = before && (await known(crm, sha256(hash, contentHash)));
  if (again) return again;

  const rules = await crm.policy(MailIntake);
  const threads = await threadsOf(crm, mail, own);
  const report = bounceIn(mail);
  const arrival = await arrivalOf(crm, arrived, rules, { isReport: Boolean(report), isReplay: Boolean(before) });
  const route = routeMail(arrival, threads);
  const contactId = mail.from && (await crm.store.holderOf(emailKey(mail.from.email)));
  const to: Arrived = {
    ...{ ...arrived, rules, contactId, id: crm.newId('inm') },
    automatic: arrival.automatic.reasons.length > 0,
    authenticated: arrival.author === 'proven',
    mayAnswer: arrival.author === 'proven' && !arrival.automatic.reasons.length && !refusesAnswers(mail),
  };
  const { as, facts, also } = await become(crm, to, route, threads, report);
  const { author: _, ...verdicts } = mail.verdicts;
  const record = MailReceived(undefined, {
    ...{ id: to.id, from: mail.from?.email, subject: mail.subject, messageId: mail.messageId, contactId },
    ...{ hash: before ? sha256(hash, contentHash) : hash, contentHash, key, sizeBytes, verdicts },
    to: mail.recipients.filter((address) => isOurs(address, own)).slice(0, 20),
    automatic: to.automatic,
    ...as,
    reasons: [...route.reasons, ...(as.reasons ?? [])].map((reason) => reason.slice(0, 500)).slice(0, 20),
  });
  return crm.commit([{ ...record, why: { reasons: record.after.reasons } }, ...facts], also);
};

const sha256 = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');

/** By what mails without a Message-ID differ where they say the same, or nothing. */
const namesOf = (mail: ReceivedMail): string[] => ['from', 'subject', 'date'].map((name) => headerOf(mail, name) ?? '');

async function known({ store }: Crm, hash: string): Promise<InboundMail | undefined> {
  const holder = await store.holderOf(inboundKey(hash));
  return holder ? store.find(InboundMail, holder) : undefined;
}

const isOurs = (address: string, { domain }: OwnMail): boolean => address.endsWith(`@${domain.toLowerCase()}`);

async function arrivalOf(
  crm: Crm,
  { mail, own }: ArrivedMail,
  rules: MailIntakeRules,
  found: Pick<Arrival, 'isReport' | 'isReplay'>,
): Promise<Arrival> {
  const { from, verdicts, unreadable } = mail;
  const proven = from !== undefined && isAuthenticated(verdicts, from.email);
  return {
    ...found,
    desk: deskOf(mail, own, rules),
    from: from?.email,
    author: proven ? 'proven' : verdicts.dmarc === 'fail' || verdicts.dmarc === 'pass' ? 'refuted' : 'unknown',
    isColleague: from ? Boolean(await crm.store.holderOf(`email#usr#${from.email}`)) : false,
    automatic: automaticIn(mail, own.domain),
    spam: verdicts.spam === 'fail',
    virus: verdicts.virus === 'fail',
    unreadable,
    tooMany: from ? await writesTooOften(crm, from.email, rules) : false,
    score: scoreIn(messageOf(mail)),
  };
}

const hour = 3_600_000;

async function writesTooOften(crm: Crm, email: string, { perSenderAnHour }: MailIntakeRules): Promise<boolean> {
  const until = new Date(crm.now.getTime() + 2 * hour);
  const count = await crm.count(`inbound#${sha256(email)}#${Math.floor(crm.now.getTime() / hour)}`, until);
  return count > perSenderAnHour;
}

/** Support comes first: a mail to both wants help. */
function deskOf({ recipients }: ReceivedMail, own: OwnMail, { desks }: MailIntakeRules): Arrival['desk'] {
  const names = recipients.filter((address) => isOurs(address, own)).map((address) => address.split(/[+@]/)[0] ?? '');
  if (names.includes('unsubscribe')) return 'unsubscribe';
  if (names.some((name) => desks.support.includes(name))) return 'support';
  return names.some((name) => desks.sales.includes(name)) ? 'sales' : undefined;
}

function become(
  crm: Crm,
  mail: Arrived,
  route: MailRoute,
  threads: readonly FoundThread[],
  report: Bounce | undefined,
): Promise<Became> {
  const threadAt = (recordId: string | undefined) => threads.find((thread) => thread.recordId === recordId);
  switch (route.to) {
    case 'bounce':
      return bounced(crm, mail, report ?? { kind: 'delivery', recipients: [], messageIds: [] });
    case 'record':
      return onRecord(crm, mail, threadAt(route.recordId)!, route);
    case 'case':
      return newCase(crm, mail, threadAt(route.follows));
    case 'lead':
      return newLead(crm, mail);
    case 'leave':
      return leaving(crm, mail);
    case 'parked':
      return Promise.resolve(parkedMail(crm, mail, route, threadAt(route.about)));
  }
}
