import { toMilliseconds } from '../core/duration.ts';
import { Mail, mayMoveMail, moveMail } from '../mail/mail.ts';
import { Contact } from '../sales/contact.ts';
import { whoIsNow } from '../sales/move-contact.ts';
import type { Command } from '../store/command.ts';
import { CampaignSending } from './campaign-policies.ts';
import { clickActivity } from './click-activity.ts';
import { isHuman } from './human.ts';
import { Journey } from './journey.ts';
import { Sequence } from './sequence.ts';

/** Somebody followed a link of a mail of a sequence. */
export interface SequenceClick {
  mailId: string;
  to: string;
  userAgent?: string | undefined;
}

/**
 * Notes a click on the mail, and a person's first in it as an activity of the contact, where they are now: by the one or the other their
 * journey hears that they are with us again. No lead: somebody who is on a journey is being led already.
 */
export const noteSequenceClick: Command<SequenceClick, void> = async (crm, { mailId, to, userAgent }) => {
  const mail = await crm.store.find(Mail, mailId);
  const journey = mail && (await crm.store.find(Journey, mail.recordId));
  if (!journey || !mayMoveMail(mail, 'note')) return;
  const { machineWithin } = await crm.policy(CampaignSending);
  const human = isHuman({ at: crm.now, userAgent }, mail.sentAt ?? mail.createdAt, toMilliseconds(machineWithin));
  const { count = 0, firstAt = crm.now.toISOString(), byPerson = false } = mail.clicked ?? {};
  const noted = moveMail(mail, 'note', { clicked: { count: count + 1, firstAt, byPerson: byPerson || human } });
  if (!human || byPerson) return void (await crm.commit([noted]));
  const [sequence, contact] = await Promise.all([
    crm.store.find(Sequence, journey.sequenceId),
    crm.store.find(Contact, journey.contactId).then((known) => whoIsNow(crm.store, known)),
  ]);
  const activity = contact && clickActivity(crm, contact, { to, ofName: sequence?.name ?? mail.subject ?? 'a mail' });
  await crm.commit([noted, ...(activity ? [activity] : [])]);
};
