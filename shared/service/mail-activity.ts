import { isId } from '../core/ids.ts';
import type { Fact } from '../events/event.ts';
import { oneLine } from '../mail/received-mail.ts';
import { isForward, replyIn } from '../mail/reply-text.ts';
import type { Crm } from '../store/command.ts';
import { type Activity, ActivityDone } from './activity.ts';
import type { Arrived } from './arrived-mail.ts';
import { fileKey, type SortedFiles, sortFiles } from './mail-files.ts';

/** A record holds 64 kB. In bytes. */
const longestBody = 30_000;

/** What a person wrote: without what they quote, unless they hand it on. */
export function messageOf({ subject, text }: Arrived['mail']): string {
  const written = isForward(subject, text) ? text.trim() : replyIn(text);
  return written.replaceAll(/[^\P{Cc}\n\t]/gu, '');
}

/** The beginning of a text that fits into so many bytes of UTF-8, and never ends within a character. */
export function beginningOf(text: string, bytes = longestBody): string {
  const all = Buffer.from(text);
  if (all.byteLength <= bytes) return text;
  return new TextDecoder().decode(all.subarray(0, bytes)).replace(/\uFFFD+$/, '');
}

/** A file of an activity, and where it is put. */
interface Put {
  key: string;
  type: string;
  content: Uint8Array;
}

/** The files of an activity as they lie in the bucket of documents: the same for the same mail, so that they may be put again. */
export function filesOf(activityId: string, mail: Arrived['mail'], rules: Arrived['rules']): Put[] {
  const { kept } = sortFiles(mail.files, rules);
  const message = messageOf(mail);
  const whole =
    beginningOf(message) === message
      ? []
      : [{ name: 'message.txt', type: 'text/plain; charset=utf-8', content: Buffer.from(message) }];
  return [...kept, ...whole].map(({ name, type, content }, n) => ({
    key: fileKey(activityId, n, name),
    type,
    content,
  }));
}

/** A mail as an activity in the thread of a record. */
export function mailActivity(
  crm: Pick<Crm, 'newId' | 'now'>,
  arrived: Arrived,
  { accountId, recordId }: Pick<Activity, 'accountId' | 'recordId'>,
): Fact<Activity> {
  const { mail, rules, id, automatic, authenticated } = arrived;
  const activityId = crm.newId('act', accountId);
  const files = filesOf(activityId, mail, rules).map(({ key }) => key);
  const { dropped }: SortedFiles = sortFiles(mail.files, rules);
  const message = messageOf(mail);
  const body = beginningOf(message);
  return ActivityDone(undefined, {
    id: activityId,
    accountId,
    recordId,
    ...(recordId && isId('cmp', recordId) && { campaignId: recordId }),
    kind: 'email',
    direction: 'inbound',
    subject: oneLine(mail.subject) || '(no subject)',
    body,
    occurredAt: crm.now.toISOString(),
    ...(mail.from && { participants: [mail.from.email] }),
    ...(files.length && { files }),
    status: 'done',
    mail: {
      ...{ id, from: mail.from?.email ?? '', messageId: mail.messageId, authenticated, automatic },
      ...(body !== message && { whole: true }),
      ...(dropped.length && { dropped }),
    },
  });
}
