import { accountOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import { type WayOut, wayOutIn, withdrawConsent } from '../marketing/unsubscribe.ts';
import type { Crm } from '../store/command.ts';
import type { Arrived, Became } from './arrived-mail.ts';
import { mailActivity } from './mail-activity.ts';
import { parkedMail } from './mail-becomes-task.ts';

/**
 * A mail to `unsubscribe@`, which the header List-Unsubscribe of our mails names (RFC 2369): its subject is the token of a way out, which
 * proves more than any author. It withdraws the consent and is noted on the contact. Without one of our tokens a person looks at it.
 */
export async function leaving(crm: Crm, arrived: Arrived): Promise<Became> {
  const wayOut = await wayOutOf(crm, arrived);
  const accountId = wayOut && accountOf(wayOut.contactId);
  if (!wayOut || !accountId) {
    const reason = 'Its subject is no token of ours';
    const { as, facts } = parkedMail(crm, arrived, { to: 'parked', asks: true, reasons: [] }, undefined);
    return { as: { ...as, reasons: [reason] }, facts };
  }
  const { facts, also } = await crm.stage(withdrawConsent, wayOut);
  const { contactId } = wayOut;
  const activity = mailActivity(crm, arrived, { accountId, recordId: contactId });
  const activityId = activity.after.id;
  return {
    as: { status: 'activity', accountId, contactId, threadId: contactId, recordId: activityId, activityId },
    facts: [activity, ...facts],
    also,
  };
}

async function wayOutOf(crm: Crm, { mail, own }: Arrived): Promise<WayOut | undefined> {
  try {
    return await wayOutIn(crm, mail.subject, () => Promise.resolve(own.secrets));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
