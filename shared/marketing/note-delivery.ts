import { isId } from '../core/ids.ts';
import type { Fact } from '../events/event.ts';
import { Mail, type mailMoves, mayMoveMail, messageKey, moveMail } from '../mail/mail.ts';
import { emailKey } from '../sales/contact.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import { consentFacts, consentsOf } from './consent.ts';
import { isHuman } from './human.ts';
import type { DeliveryNews } from './ses-events.ts';
import { softBounced, suppressing } from './suppression.ts';

/**
 * Notes what became of a mail, and what follows for its address: whatever bounced for good or was complained of gets no mail any more,
 * also where the mail is none of ours. Told twice or in any order, the worst stands. Answers the mail, if it is one of ours.
 */
export const noteDelivery: Command<DeliveryNews, Mail | undefined> = async (crm, news) => {
  const mail = await mailOf(crm, news);
  const facts: Fact[] = [...(mail ? movedBy(mail, news) : []), ...(await consequences(crm, news))];
  if (facts.length) await crm.commitAs(() => undefined, facts);
  return mail;
};

/** By the tag that we put on it, else by the id that SES gave it. */
async function mailOf({ store }: Crm, { tags, messageId }: DeliveryNews): Promise<Mail | undefined> {
  const tagged = tags['mail'];
  if (tagged && isId('msg', tagged)) return store.find(Mail, tagged);
  const holder = await store.holderOf(messageKey(messageId));
  return holder && isId('msg', holder) ? store.find(Mail, holder) : undefined;
}

/** What the news change of a mail: none where it has come further, or worse, already. */
function movedBy(mail: Mail, news: DeliveryNews): Fact<Mail>[] {
  const { at, detail, permanent = false } = news;
  const messageId = mail.messageId ?? news.messageId;
  const move = (verb: keyof typeof mailMoves, patch: Partial<Draft<Mail>>) =>
    mayMoveMail(mail, verb) ? [moveMail(mail, verb, { messageId, ...patch }, detail ? { reasons: [detail] } : {})] : [];
  switch (news.kind) {
    case 'sent':
      return move('send', { sentAt: mail.sentAt ?? at });
    case 'delivered':
      return move('deliver', { sentAt: mail.sentAt ?? at, deliveredAt: at });
    case 'bounced':
      return move('bounce', { bounce: { at, permanent }, fault: detail });
    case 'complained':
      return move('complain', { complainedAt: at, fault: detail });
    case 'rejected':
      return move('fail', { fault: detail ?? 'SES rejected it' });
    case 'delayed':
      return mail.deliveredAt ? [] : move('note', { delayedAt: at });
    case 'opened':
      return move('note', { opened: seen(mail.opened, mail, news) });
    case 'clicked':
      return move('note', { clicked: seen(mail.clicked, mail, news) });
    case 'unsubscribed':
      return [];
  }
}

const seen = (before: Mail['opened'], mail: Mail, news: DeliveryNews): NonNullable<Mail['opened']> => ({
  count: (before?.count ?? 0) + 1,
  firstAt: before && before.firstAt < news.at ? before.firstAt : news.at,
  byPerson: Boolean(before?.byPerson) || isByPerson(news, mail),
});

/** Sooner than anybody reads: filters open a mail as it is delivered. Source: domain.md 11. */
const tooSoonMilliseconds = 2_000;

/** Whether a person seems to have done it. Apple's privacy proxy opens everything, by a name that no browser has. */
const isByPerson = ({ at, userAgent = '', byMachine }: DeliveryNews, { deliveredAt, createdAt }: Mail): boolean =>
  !byMachine &&
  userAgent.trim() !== 'Mozilla/5.0' &&
  isHuman({ at: new Date(at), userAgent }, deliveredAt ?? createdAt, tooSoonMilliseconds);

/** What follows for the addresses, and for those who have them. */
async function consequences(crm: Crm, news: DeliveryNews): Promise<Fact[]> {
  const facts: Fact[] = [];
  for (const email of news.recipients) {
    const why = { email, detail: news.detail };
    if (news.kind === 'complained') facts.push(...(await complainedBy(crm, email, news)));
    if (news.kind === 'bounced' && news.permanent)
      facts.push(...(await suppressing(crm, { ...why, reason: 'bounce' })));
    if (news.kind === 'bounced' && !news.permanent) facts.push(...(await softBounced(crm, why)));
  }
  return facts;
}

/** Who complains gets nothing more, and agrees to nothing more. */
async function complainedBy(crm: Crm, email: string, { detail, at }: DeliveryNews): Promise<Fact[]> {
  const suppressed = await suppressing(crm, { email, reason: 'complaint', detail });
  const contactId = await crm.store.holderOf(emailKey(email));
  if (!contactId) return suppressed;
  const agreed = (await consentsOf(crm.store, contactId)).filter(({ status }) => status !== 'withdrawn');
  const withdrawn = agreed.map(({ topic, channel, basis }) => ({
    ...{ topic, channel, basis, email, at },
    status: 'withdrawn' as const,
    source: 'complaint',
  }));
  return [...suppressed, ...(await consentFacts(crm, contactId, withdrawn))];
}
