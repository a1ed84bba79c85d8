import { openTask } from '../platform/task.ts';
import type { Crm } from '../store/command.ts';
import type { Arrived, Became } from './arrived-mail.ts';
import type { FoundThread } from './find-threads.ts';
import type { MailRoute } from './route-mail.ts';

/** Who sorts the mail that nothing else takes. */
const queue = 'mail';

/** A mail that is put aside; where a person has to look at it, with a task, which the account that it is about shows too. */
export function parkedMail(
  crm: Crm,
  { id, mail }: Arrived,
  route: Extract<MailRoute, { to: 'parked' }>,
  about: FoundThread | undefined,
): Became {
  if (!route.asks) return { as: { status: 'parked', threadId: about?.recordId }, facts: [] };
  const title = `Look at a mail: ${mail.subject || '(no subject)'}`.slice(0, 300);
  const task = openTask(crm, { title, recordId: id, queue, ...(about && { accountId: about.accountId }) });
  const place = about && { threadId: about.recordId, accountId: about.accountId };
  return { as: { status: 'parked', ...place, taskId: task.after.id }, facts: [task] };
}
