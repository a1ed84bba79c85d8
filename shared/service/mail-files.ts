import { oneLine, type ReceivedFile } from '../mail/received-mail.ts';
import type { MailIntakeRules } from './mail-policies.ts';

/** The files of a mail: those that are kept, and those that are not, with the reason. */
export interface SortedFiles {
  kept: ReceivedFile[];
  dropped: { name: string; reason: string }[];
}

/** A record lists a hundred entries; one is for a long text. */
const most = { kept: 99, told: 20 };

type Rules = Pick<MailIntakeRules, 'blockedFiles' | 'fileBytes' | 'allFilesBytes'>;

/** Sorts the files of a mail by the policy: by their order, until they are too many or too large. */
export function sortFiles(files: readonly ReceivedFile[], rules: Rules): SortedFiles {
  const sorted: SortedFiles = { kept: [], dropped: [] };
  let bytes = 0;
  for (const file of files) {
    const reason = reasonToDrop(file, rules, bytes, sorted.kept.length);
    if (!reason) {
      sorted.kept.push(file);
      bytes += file.content.byteLength;
    } else if (sorted.dropped.length < most.told)
      sorted.dropped.push({ name: file.name.slice(0, 100).toWellFormed(), reason });
  }
  return sorted;
}

function reasonToDrop({ name, type, content }: ReceivedFile, rules: Rules, bytes: number, count: number) {
  if (mayRun(name, rules.blockedFiles) || programs.test(type) || (content[0] === 0x4d && content[1] === 0x5a))
    return 'it may be a program';
  if (content.byteLength > rules.fileBytes) return `it is larger than ${rules.fileBytes} bytes`;
  if (bytes + content.byteLength > rules.allFilesBytes)
    return `all files together are larger than ${rules.allFilesBytes} bytes`;
  return count >= most.kept ? `there are more than ${most.kept} files` : undefined;
}

const programs =
  /^application\/(?:x-msdownload|x-dosexec|x-ms-installer|x-msi|vnd\.microsoft\.portable-executable|hta|x-sh)$/;

/** Whether one of a name's endings is blocked. Windows ignores dots and spaces at the end; `.com` is also the end of a domain. */
function mayRun(name: string, blocked: readonly string[]): boolean {
  const [, ...endings] = name
    .toLowerCase()
    .replaceAll(/[\s.\u200b-\u200f\u202a-\u202e]+$/g, '')
    .split('.');
  const last = endings.length - 1;
  return endings.some((ending, n) => blocked.includes(ending.trim()) && (n === last || ending !== 'com'));
}

const prefixOf = (activityId: string): string => `attachments/${activityId}/`;

/** Where a file of an activity lies in the bucket of documents: under a name that is fit for a key. */
export const fileKey = (activityId: string, n: number, name: string): string =>
  `${prefixOf(activityId)}${n}-${oneLine(name)
    .replaceAll(/[^\p{L}\p{N}._ -]/gu, '_')
    .replaceAll(/\.{2,}/g, '.')
    .slice(-100)}`;

/** The name of a file of that activity; undefined for a key that was not made for it. */
export const fileNameIn = (activityId: string, key: string): string | undefined =>
  key.startsWith(prefixOf(activityId))
    ? key.slice(prefixOf(activityId).length).replace(/^\d+-/, '') || 'file'
    : undefined;
