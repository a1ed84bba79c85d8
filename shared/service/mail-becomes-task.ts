import type { Fact } from '../events/event.ts';
import { openTask, type Task } from '../platform/task.ts';
import type { Crm } from '../store/command.ts';
import type { Arrived, Became } from './arrived-mail.ts';
import type { FoundThread } from './find-threads.ts';
import type { MailRoute } from './route-mail.ts';

/** Who sorts the mail that nothing else takes. */
const queue = 'mail';

/** What a person can make of a mail, in whose name only if it has one author. */
const takingIn = [
  { key: 'openCase', label: 'Open a case' },
  { key: 'captureLead', label: 'Capture a lead' },
];
const ignoring = { key: 'ignore', label: 'Leave it aside' };

/** A mail that is put aside; where a person has to look at it, with a task, which the account that it is about shows too. */
export function parkedMail(
  crm: Crm,
  { id, mail }: Arrived,
  route: Extract<MailRoute, { to: 'parked' }>,
  about: FoundThread | undefined,
): Became {
  if (!route.asks) return { as: { status: 'parked', threadId: about?.recordId }, facts: [] };
  const place = about && { threadId: about.recordId, accountId: about.accountId };
  const actions = mail.from ? [...takingIn, ignoring] : [ignoring];
  const task = openTask(crm, {
    title: titled('Look at a mail', mail.subject),
    ...{ recordId: id, queue, actions },
    ...(about && { accountId: about.accountId }),
  });
  return { as: { status: 'parked', ...place, openTaskId: task.after.id }, facts: [task] };
}

/** The task to do without a mail that is no longer there. */
export const lostMailTask = (crm: Crm, { id, subject }: { id: string; subject: string }): Fact<Task> =>
  openTask(crm, {
    title: titled('A mail that was to be taken in is no longer there', subject),
    ...{ recordId: id, queue, actions: [ignoring] },
  });

const titled = (words: string, subject: string): string =>
  `${words}: ${subject || '(no subject)'}`.slice(0, 300).toWellFormed();
