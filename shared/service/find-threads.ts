import { accountOf, isId, keyOf } from '../core/ids.ts';
import { Mail, messageKey } from '../mail/mail.ts';
import { sesIdIn } from '../mail/message-id.ts';
import type { ReceivedMail } from '../mail/received-mail.ts';
import { isAnswerable, recordOfAddress } from '../mail/reply-address.ts';
import { Contact, emailKey } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import { Case, isActive, numberKey } from './case.ts';
import { caseRules } from './case-sla.ts';
import { isPastWindow } from './move-case.ts';
import type { MailThread } from './route-mail.ts';

/** A record that a mail may answer, with what answering it takes. */
export interface FoundThread extends MailThread {
  accountId: string;
  case?: Case;
  /** Whose work the record is. */
  ownerId?: string | undefined;
}

/** By what our own address is known to be ours. */
export interface OwnMail {
  domain: string;
  /** Of links: the current one, and the one before during a rotation. */
  secrets: readonly string[];
}

/**
 * The records that a mail may answer, the most certain first: by the Message-ID of a mail of ours, by an address that we signed, by a number
 * in the subject. What is not there any more is left out.
 */
export async function threadsOf(crm: Crm, mail: ReceivedMail, own: OwnMail): Promise<FoundThread[]> {
  const byMessage = await recordsAnswered(crm, mail);
  const byAddress = mail.recipients.flatMap((address) => recordOfAddress(address, own.domain, own.secrets) ?? []);
  const numbers = [...mail.subject.matchAll(/\[#([A-Z]{1,3}-[0-9A-Z-]{1,20})\]/gi)].map(([, number = '']) => number);
  const byNumber = await crm.store.holdersOf(numbers.map((number) => numberKey(number.toUpperCase())));
  const found = [
    ...byMessage.map((recordId) => ({ recordId, by: 'messageId' as const })),
    ...byAddress.map((recordId) => ({ recordId, by: 'address' as const })),
    ...[...byNumber.values()].map((recordId) => ({ recordId, by: 'number' as const })),
  ];
  const once = [...new Map(found.toReversed().map((one) => [one.recordId, one])).values()].reverse().slice(0, 5);
  const threads = await Promise.all(once.map((one) => threadOf(crm, mail, one)));
  return threads.filter((thread) => thread !== undefined);
}

/** The records whose mails it answers, by the ids that SES gave them. */
async function recordsAnswered({ store }: Crm, { answers }: ReceivedMail): Promise<string[]> {
  const ids = answers.flatMap((id) => sesIdIn(id) ?? []);
  const holders = [...(await store.holdersOf(ids.map(messageKey))).values()];
  const records = await Promise.all(
    holders.map(async (id) => (isId('msg', id) ? (await store.find(Mail, id))?.recordId : id)),
  );
  return records.filter((id) => id !== undefined);
}

const writerOf = async ({ store }: Crm, { from }: ReceivedMail): Promise<string | undefined> =>
  from && store.holderOf(emailKey(from.email));

async function threadOf(
  crm: Crm,
  mail: ReceivedMail,
  { recordId, by }: Pick<FoundThread, 'recordId' | 'by'>,
): Promise<FoundThread | undefined> {
  if (!isAnswerable(recordId)) return undefined;
  const [item, writer] = await Promise.all([crm.store.get(keyOf(recordId)), writerOf(crm, mail)]);
  // A campaign belongs to no account: whoever answers it does.
  const accountId = (item?.['accountId'] as string | undefined) ?? accountOf(recordId) ?? (writer && accountOf(writer));
  if (!item || !accountId) return undefined;
  const ownerId = item['ownerId'] as string | undefined;
  if (!isId('cas', recordId)) return { recordId, by, participants: [], state: 'active', accountId, ownerId };
  const record = Case.schema.parse(item);
  const contact = record.contactId ? await crm.store.find(Contact, record.contactId) : undefined;
  const participants = contact?.archivedAt ? [] : (contact?.emails ?? []);
  const surveyed = record.surveyedAt !== undefined && !record.archivedAt;
  return { recordId, by, participants, state: await stateOf(crm, record), surveyed, accountId, ownerId, case: record };
}

async function stateOf(crm: Crm, record: Case): Promise<MailThread['state']> {
  if (record.archivedAt) return 'over';
  if (isActive(record.status)) return 'active';
  if (record.status === 'resolved') return 'reopenable';
  return record.status === 'closed' && !isPastWindow(record, await caseRules(crm)) ? 'reopenable' : 'over';
}
